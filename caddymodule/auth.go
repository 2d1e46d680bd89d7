package caddymodule

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func init() { caddy.RegisterModule(AuthHandler{}) }

// AuthHandler checks the bearer token of every request and tells the upstream who acts.
// It belongs before reverse_proxy, on the whole site rather than on some paths.
//
//   - A live token of sufficient scope: the request goes on with the user's identity,
//     and without the token, AWX's session cookie or anything by which the client
//     claimed an identity itself.
//   - A token that is unknown, expired, revoked or malformed: 401, whatever else the
//     request carries. A token whose scope does not cover the method: 403.
//   - No token: the request goes on without the headers by which identities are
//     claimed; AWX's sessions, HTTP Basic and public pages decide.
//   - The store cannot be asked: 503 with Retry-After. That is never taken for 401.
//   - TRACE and CONNECT: 405. A path that two servers could read differently: 400, unless
//     the app passes such paths. A token in the query: 401. An unsafe method in TLS early
//     data: 425. A path of the token API in any spelling: 404, because AWX would make a
//     token of its own there.
//
// Identity headers are removed from answers, too. If AWX answers 401 to a request with a
// live token, the answer has the header X-Awxgate-Upstream: 401; its 498, by which it
// says that the signed identity has expired, becomes 503.
//
// Placeholders, all always set, and empty without a token:
//
//   - {http.auth.user.id}: name of the user, percent-encoded where needed; access logs
//     show it as user_id
//   - {http.auth.user.user_id}: number of the user
//   - {http.auth.user.email}, {http.auth.user.is_superuser},
//     {http.auth.user.is_system_auditor}
//   - {http.auth.user.scope}: read, write or "read write"
//   - {http.auth.user.token_id}: number of the token
//   - {http.auth.user.application_id}: number of the application; empty for a personal token
type AuthHandler struct {
	// Refuse requests without a bearer token by 401 instead of passing them on.
	// Default: false.
	Require bool `json:"require,omitempty"`

	app *App
}

// CaddyModule returns the Caddy module information.
func (AuthHandler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.awxgate_auth", New: func() caddy.Module { return new(AuthHandler) }}
}

// Provision finds the app.
func (h *AuthHandler) Provision(ctx caddy.Context) (err error) {
	h.app, err = appOf(ctx)
	return err
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *AuthHandler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if err := h.app.hygiene.Admit(r); err != nil {
		if errors.Is(err, bearer.ErrTokenInQuery) {
			keepOutOfAccessLog(r)
			h.app.log.Warn("refused a token in a URL and kept the request out of the access log", zap.String("client_ip", clientIP(r)))
		}
		refuseAnybody(w, r, err)
		return nil
	}
	h.app.hygiene.Clean(r)
	g := h.app.gate.Load()
	if g == nil { // the first start is not done yet
		awxapi.WriteAuthError(w, r, tokencore.ErrUnavailable)
		return nil
	}
	if g.api.Owns(r) {
		refuse(w, http.StatusNotFound, "Not found.")
		return nil
	}
	p, err := bearer.Check(r, g.verifier)
	switch {
	case err == nil:
	case errors.Is(err, bearer.ErrNone) && !h.Require:
		setPlaceholders(r, nil)
		return h.forward(w, r, next, false)
	default:
		g.refused(err)
		awxapi.WriteAuthError(w, r, err)
		return nil
	}
	h.app.hygiene.DropCredentials(r)
	if err := h.app.identity.Apply(r, p); err != nil {
		h.app.log.Error("identity not passed on, request refused", zap.Error(err))
		awxapi.WriteAuthError(w, r, fmt.Errorf("%w: applying identity", tokencore.ErrUnavailable))
		return nil
	}
	g.used(p, r)
	setPlaceholders(r, p)
	return h.forward(w, r, next, true)
}

// forward removes from the answer what it must not tell.
func (h *AuthHandler) forward(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, acted bool) error {
	answer := h.app.hygiene.Answer(w, acted)
	err := h.app.gate.Load().forward(answer, r, next)
	answer.Finish()
	return err
}

var (
	_ caddy.Provisioner           = (*AuthHandler)(nil)
	_ caddyhttp.MiddlewareHandler = (*AuthHandler)(nil)
)
