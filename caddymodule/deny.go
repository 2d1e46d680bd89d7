package caddymodule

import (
	"errors"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

// reasons are the values of the label of the same name.
const (
	reasonNone        = "none"
	reasonInvalid     = "invalid"
	reasonScope       = "scope"
	reasonUnavailable = "unavailable"
	reasonPath        = "path"
	reasonOrigin      = "origin"
)

func reasonOf(err error) string {
	switch {
	case errors.Is(err, tokencore.ErrUnavailable):
		return reasonUnavailable
	case errors.Is(err, tokencore.ErrScope):
		return reasonScope
	case errors.Is(err, bearer.ErrNone):
		return reasonNone
	case errors.Is(err, bearer.ErrAmbiguousPath):
		return reasonPath
	case errors.Is(err, errOrigin):
		return reasonOrigin
	default:
		return reasonInvalid
	}
}

// deny answers a request that must not go on. On trial it goes on all the same, with the
// header that it came with.
func (h *AuthHandler) deny(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, err error, came http.Header) error {
	if h.Trial {
		h.app.core.wouldRefuse.count(err)
		h.logTrial(r, err)
		r.Header = came
		return h.forwardForNobody(w, r, next)
	}
	h.app.core.refused.count(err)
	if errors.Is(err, errOrigin) {
		refuse(w, http.StatusForbidden, "The Origin of this WebSocket is another site.")
		return nil
	}
	awxapi.WriteAuthError(w, r, err)
	return nil
}

const (
	trialLines  = 60 // of one reason in a minute: a flood must not fill the disk
	loggedBytes = 200
)

// trialLog drops what is beyond trialLines.
func trialLog(log *zap.Logger) *zap.Logger {
	return log.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(core, time.Minute, trialLines, 0)
	}))
}

// logTrial has the reason in the message because that is what is counted by.
func (h *AuthHandler) logTrial(r *http.Request, err error) {
	path := r.URL.EscapedPath()
	h.trialLog.Info("trial: would refuse: "+reasonOf(err),
		zap.String("method", r.Method), zap.String("path", path[:min(len(path), loggedBytes)]), zap.String("client_ip", clientIP(r)))
}
