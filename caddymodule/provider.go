package caddymodule

import (
	"errors"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/caddyauth"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func init() { caddy.RegisterModule(Provider{}) }

// Provider makes bearer tokens one of several ways to authenticate for Caddy's own
// authentication handler. Prefer awxgate_auth where tokens are the only way: that
// handler answers everything by 401, also an outage, and neither removes what clients
// claim in headers nor passes an identity on.
type Provider struct {
	app *App
}

// CaddyModule returns the Caddy module information.
func (Provider) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.authentication.providers.awxgate", New: func() caddy.Module { return new(Provider) }}
}

// Provision finds the app.
func (p *Provider) Provision(ctx caddy.Context) (err error) {
	p.app, err = appOf(ctx)
	return err
}

// Authenticate implements caddyauth.Authenticator: an error is a technical failure, and
// nothing else.
func (p *Provider) Authenticate(w http.ResponseWriter, r *http.Request) (caddyauth.User, bool, error) {
	g := p.app.gate.Load()
	if g == nil {
		return caddyauth.User{}, false, tokencore.ErrUnavailable
	}
	principal, err := bearer.Check(r, g.verifier)
	switch {
	case errors.Is(err, tokencore.ErrUnavailable):
		g.refused(err)
		return caddyauth.User{}, false, tokencore.ErrUnavailable
	case err != nil:
		required := tokencore.ScopeWrite
		if tokencore.ScopeRead.Allows(r.Method) {
			required = tokencore.ScopeRead
		}
		w.Header().Add("WWW-Authenticate", bearer.Challenge("api", required, err))
		return caddyauth.User{}, false, nil
	}
	g.used(principal, r)
	user := caddyauth.User{Metadata: make(map[string]string, len(principalAttributes))}
	for attribute, value := range principalAttributes {
		user.Metadata[attribute] = value(principal)
	}
	user.ID = user.Metadata["user"]
	return user, true, nil
}

var (
	_ caddy.Provisioner       = (*Provider)(nil)
	_ caddyauth.Authenticator = (*Provider)(nil)
)
