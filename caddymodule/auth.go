package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

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
//     token of its own there. AWX's /websocket/relay/, by which its nodes talk to each
//     other: 404.
//   - A WebSocket is closed when its token ceases to be good. Without a token, one that a
//     page of another site opens is refused by 403. Other upgrades are not passed on.
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

	// What becomes of a well-formed bearer token that the store does not know: "refuse"
	// answers 401; "pass" passes the request on with the token, but without AWX's session
	// cookie, for an AWX up to 24.6.1 to decide that has tokens of its own. A token that
	// was revoked here is unknown, too: one that was imported from AWX has to be deleted
	// in AWX, or revoking it here leaves it alive there. Default: refuse.
	UnknownBearer string `json:"unknown_bearer,omitempty"`

	// Refuse nothing because of a token, only log and count what would be: such requests
	// go on as they came, without headers that claim an identity, for AWX to decide.
	// Requests with a good token are served as usual. The paths of the token API stay
	// here, and TRACE, CONNECT and the first seconds of the first start are refused.
	// Default: false.
	Trial bool `json:"trial,omitempty"`

	// Origins, such as https://awx.example.com, whose pages may open WebSockets with AWX's
	// cookies although the request's Host is another one, because a proxy in front
	// changes it. Default: none.
	TrustedOrigins []string `json:"trusted_origins,omitempty"`

	app      *App
	trialLog *zap.Logger
}

// Values of UnknownBearer.
const (
	unknownRefuse = "refuse"
	unknownPass   = "pass"
)

// CaddyModule returns the Caddy module information.
func (AuthHandler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.awxgate_auth", New: func() caddy.Module { return new(AuthHandler) }}
}

// Provision finds the app.
func (h *AuthHandler) Provision(ctx caddy.Context) (err error) {
	h.trialLog = trialLog(ctx.Logger())
	h.app, err = appOf(ctx)
	return err
}

// Validate checks the options.
func (h *AuthHandler) Validate() error {
	switch h.UnknownBearer {
	case "", unknownRefuse, unknownPass:
	default:
		return fmt.Errorf("unknown_bearer is to be refuse or pass, not %q", h.UnknownBearer)
	}
	for _, origin := range h.TrustedOrigins {
		if scheme, host, _ := strings.Cut(origin, "://"); scheme == "" || host == "" || strings.Contains(host, "/") {
			return fmt.Errorf("%q is no origin; write it as https://awx.example.com", origin)
		}
	}
	return nil
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *AuthHandler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	unfit := h.app.hygiene.Admit(r)
	if errors.Is(unfit, bearer.ErrTokenInQuery) {
		keepOutOfAccessLog(r)
		h.app.log.Warn("found a token in a URL and kept the request out of the access log", zap.String("client_ip", clientIP(r)))
	}
	if unfit != nil && (!h.Trial || errors.Is(unfit, bearer.ErrMethod)) {
		refuseAnybody(w, r, unfit)
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
	if unfit != nil {
		return h.deny(w, r, next, unfit, r.Header)
	}
	p, err := bearer.Check(r, g.verifier)
	switch {
	case err == nil:
		return h.serveAs(w, r, next, g, p)
	case errors.Is(err, bearer.ErrNone) && !h.Require:
		err = h.checkOrigin(r)
	case errors.Is(err, tokencore.ErrUnknownToken) && h.UnknownBearer == unknownPass:
		// AWX would take the session of somebody else if it does not know the token either.
		h.app.hygiene.DropSession(r)
		err = nil
	}
	if err != nil {
		return h.deny(w, r, next, err, r.Header)
	}
	return h.forwardForNobody(w, r, next)
}

// serveAs passes a request on for the user of its token.
func (h *AuthHandler) serveAs(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, g *gate, p *tokencore.Principal) error {
	came := r.Header
	var held context.Context // of a WebSocket
	if isWebSocket(r) {
		var release context.CancelFunc
		var err error
		if held, release, err = g.hold(r); err != nil {
			return h.deny(w, r, next, err, came)
		}
		defer release()
	}
	if h.Trial {
		r.Header = came.Clone()
	}
	h.app.hygiene.DropCredentials(r)
	if err := h.app.identity.Apply(r, p); err != nil {
		h.app.log.Error("identity not passed on", zap.Error(err))
		return h.deny(w, r, next, fmt.Errorf("%w: applying identity", tokencore.ErrUnavailable), came)
	}
	g.used(p, r)
	setPlaceholders(r, p)
	if held != nil {
		return h.serveWebSocket(w, r, next, held, p)
	}
	return h.forward(w, r, next, true)
}

// forwardForNobody passes a request on as one of which the gateway knows nobody.
func (h *AuthHandler) forwardForNobody(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	setPlaceholders(r, nil)
	return h.forward(w, r, next, false)
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
	_ caddy.Validator             = (*AuthHandler)(nil)
	_ caddyhttp.MiddlewareHandler = (*AuthHandler)(nil)
)
