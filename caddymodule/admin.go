package caddymodule

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"
)

func init() { caddy.RegisterModule(AdminAPI{}) }

const (
	adminStatsPath = "/awxgate/stats"
	adminPurgePath = "/awxgate/purge"
)

// AdminAPI adds to Caddy's admin endpoint:
//
//	GET  /awxgate/stats    counters of the cache, of refusals and of recorded uses
//	POST /awxgate/purge    forget all verified tokens; each is looked up again
//
// It never shows a token.
type AdminAPI struct {
	app *App // nil: not configured
	log *zap.Logger
}

// CaddyModule returns the Caddy module information.
func (AdminAPI) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "admin.api.awxgate", New: func() caddy.Module { return new(AdminAPI) }}
}

// Provision finds the app. Caddy comes here before it provisions apps, so an app that
// is wrong is wrong here first; Caddy remembers the error and reports it where it belongs.
func (a *AdminAPI) Provision(ctx caddy.Context) error {
	a.log = ctx.Logger(a)
	if app, err := ctx.AppIfConfigured(appName); err == nil {
		a.app = app.(*App) // the module is registered in this package
	}
	return nil
}

// Routes implements caddy.AdminRouter.
func (a *AdminAPI) Routes() []caddy.AdminRoute {
	return []caddy.AdminRoute{
		{Pattern: adminStatsPath, Handler: a.guard(http.MethodGet, a.serveStats)},
		{Pattern: adminPurgePath, Handler: a.guard(http.MethodPost, a.servePurge)},
	}
}

func (a *AdminAPI) guard(method string, handle caddy.AdminHandlerFunc) caddy.AdminHandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		switch {
		case a.app == nil:
			return caddy.APIError{HTTPStatus: http.StatusNotFound, Err: errors.New("awxgate is not configured")}
		case r.Method != method:
			w.Header().Set("Allow", method)
			return caddy.APIError{HTTPStatus: http.StatusMethodNotAllowed, Err: errors.New("method not allowed; use " + method)}
		default:
			return handle(w, r)
		}
	}
}

func (a *AdminAPI) serveStats(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(a.app.core.stats())
}

func (a *AdminAPI) servePurge(w http.ResponseWriter, _ *http.Request) error {
	if o := a.app.core.opened.Load(); o != nil {
		o.cache.Purge()
	}
	a.log.Info("purged the token cache")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

var (
	_ caddy.Provisioner = (*AdminAPI)(nil)
	_ caddy.AdminRouter = (*AdminAPI)(nil)
)
