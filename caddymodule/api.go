package caddymodule

import (
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func init() { caddy.RegisterModule(APIHandler{}) }

// APIHandler serves AWX's token API: /api/o/, /api/v2/tokens/, /api/v2/applications/
// and what belongs to them, and, with the identity dab_jwt, the public key for AWX at
// /api/gateway/v1/jwt_key/. It passes every other request on. The paths of the token
// API, however spelled, are never passed on.
type APIHandler struct {
	app *App
}

// CaddyModule returns the Caddy module information.
func (APIHandler) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.awxgate_api", New: func() caddy.Module { return new(APIHandler) }}
}

// Provision finds the app.
func (h *APIHandler) Provision(ctx caddy.Context) (err error) {
	h.app, err = appOf(ctx)
	return err
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (h *APIHandler) ServeHTTP(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if !bearer.MethodAllowed(r.Method) {
		refuseAnybody(w, r, bearer.ErrMethod)
		return nil
	}
	if bearer.EarlyData(r) {
		refuseAnybody(w, r, bearer.ErrEarlyData)
		return nil
	}
	if bearer.TokenInQuery(r) {
		keepOutOfAccessLog(r)
	}
	if servePublicKey(w, r, h.app.identity) {
		return nil
	}
	g := h.app.gate.Load()
	switch {
	case g == nil: // the first start is not done yet
		awxapi.WriteAuthError(w, r, tokencore.ErrUnavailable)
		return nil
	case g.api.Owns(r), h.app.alone.Load() && g.api.StandsIn(r):
		if err := g.refuses(); err != nil { // passwords and refresh tokens would be exchanged for tokens
			g.refused(err)
			awxapi.WriteAuthError(w, r, err)
			return nil
		}
		g.api.ServeHTTP(w, r)
		return nil
	case !h.app.alone.Load() && g.api.Merges(r):
		return serveMerged(g.api, w, r, next)
	default:
		return next.ServeHTTP(w, r)
	}
}

// serveMerged lets the rest of the chain, with AWX at its end, answer as the upstream of
// a merged document. A handler that fails writes nothing, and then neither does
// ServeMerged, so that Caddy's own handling of the error comes into effect.
func serveMerged(api *awxapi.API, w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) (err error) {
	api.ServeMerged(w, r, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err = next.ServeHTTP(w, r)
	}))
	return err
}

var (
	_ caddy.Provisioner           = (*APIHandler)(nil)
	_ caddyhttp.MiddlewareHandler = (*APIHandler)(nil)
)
