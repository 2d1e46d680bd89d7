package caddymodule

import (
	"encoding/json"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

func init() { caddy.RegisterModule(DemoUpstream{}) }

// DemoUpstream plays the part of AWX while no upstream is configured: it answers every
// request by a JSON object that shows the method, the path and the identity
// that an upstream would have been given; of a signed identity, what it says. It is there to try awxgate out. The empty
// collections without which AWX's clients do not work alone are awxgate_api's then.
type DemoUpstream struct {
	app *App
}

// demoAnswer is what DemoUpstream says.
type demoAnswer struct {
	Note     string         `json:"note"`
	Method   string         `json:"method"`
	Path     string         `json:"path"`
	Identity map[string]any `json:"identity"`
	// Authorization says whether a credential came through, never which.
	Authorization bool `json:"authorization_header_received"`
}

// CaddyModule returns the Caddy module information.
func (DemoUpstream) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.handlers.awxgate_demo", New: func() caddy.Module { return new(DemoUpstream) }}
}

// Provision finds the app, which knows the identity headers.
func (d *DemoUpstream) Provision(ctx caddy.Context) (err error) {
	if d.app, err = appOf(ctx); err == nil {
		d.app.alone.Store(true)
	}
	return err
}

// ServeHTTP implements caddyhttp.MiddlewareHandler.
func (d *DemoUpstream) ServeHTTP(w http.ResponseWriter, r *http.Request, _ caddyhttp.Handler) error {
	answer := demoAnswer{
		Note:     "This is awxgate's demo upstream; set AWXGATE_UPSTREAM to AWX's address.",
		Method:   r.Method,
		Path:     r.URL.Path,
		Identity: make(map[string]any),
	}
	for _, name := range d.app.identity.Headers() {
		if value := r.Header.Get(name); value != "" {
			answer.Identity[name] = shown(d.app.identity, value)
		}
	}
	answer.Authorization = r.Header.Get("Authorization") != ""
	body, err := json.MarshalIndent(answer, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(append(body, '\n')) // the client may be gone
	return nil
}

var (
	_ caddy.Provisioner           = (*DemoUpstream)(nil)
	_ caddyhttp.MiddlewareHandler = (*DemoUpstream)(nil)
)
