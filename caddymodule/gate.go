package caddymodule

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/directory/awx"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/tokencache"
	"github.com/awxgate/awxgate/tokencore/tokenwatch"
)

// gate is what handlers work with. It is cheap: every configuration has its own, over
// the core that it shares with others.
type gate struct {
	verifier tokencore.Verifier // remembers
	service  tokencore.Verifier // asks the store
	watch    *tokenwatch.Watch
	api      *awxapi.API
	usage    *tokencache.Usage
	outcomes *outcomes
	recheck  func()       // forgets what is known of the users of a remote directory; nil: it is our own
	refuses  func() error // why nothing about tokens may be answered; nil: all is well
}

func newGate(a *App, o *opened) (*gate, error) {
	directory, err := a.directory.Directory(o.store)
	if err != nil {
		return nil, fmt.Errorf("building directory: %w", err)
	}
	service, err := tokencore.New(o.store, directory, tokencore.Config{Logger: a.slog})
	if err != nil {
		return nil, err
	}
	g := &gate{
		verifier: o.guard.Verifier(o.cache.Verifier(service)), service: o.guard.Verifier(service),
		watch: o.watch, usage: o.usage, outcomes: &a.core.refused, refuses: o.refuses,
	}
	if remote, ok := directory.(*awx.Directory); ok {
		g.recheck = func() {
			remote.Recheck()
			o.cache.Purge() // afterwards: it would remember the old answers again
		}
	}
	sessions, err := sessionsOf(directory, service, a.SessionCookie)
	if err != nil {
		return nil, fmt.Errorf("building sessions: %w", err)
	}
	provider, err := oauth.New(service, oauth.Config{Sessions: sessions})
	if err != nil {
		return nil, fmt.Errorf("building OAuth2 provider: %w", err)
	}
	accounts, _ := directory.(awxapi.Accounts) // only a directory of our own has them
	g.api, err = awxapi.New(service, awxapi.Config{
		Verifier: g.verifier, Sessions: sessions, OAuth: provider, Accounts: accounts, Used: g.used,
		InstallUUID: installUUID(o.installation),
	})
	if err != nil {
		return nil, fmt.Errorf("building token API: %w", err)
	}
	return g, nil
}

// installUUID makes a UUID of a store's id (RFC 9562, version 8), the same on every gateway.
func installUUID(installation string) string {
	id := sha256.Sum256([]byte(installation))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:16])
}

// used notes that a token was accepted; it is written to the store later.
func (g *gate) used(p *tokencore.Principal, r *http.Request) {
	from, _ := netip.ParseAddr(clientIP(r)) // the zero address is an unknown client
	g.usage.Used(p, from)
}

// clientIP is Caddy's client address: it respects trusted_proxies, as RemoteAddr does not.
func clientIP(r *http.Request) string {
	text, _ := caddyhttp.GetVar(r.Context(), caddyhttp.ClientIPVarKey).(string)
	return text
}

// refused counts why a token was not accepted.
func (g *gate) refused(err error) { g.outcomes.count(err) }
