package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"

	"github.com/caddyserver/caddy/v2"
	"github.com/spf13/cobra"

	"github.com/awxgate/awxgate/internal/doctor"
	"github.com/awxgate/awxgate/tokencore"
)

var doctorCommand = tokenCommand{
	name:  "doctor",
	usage: "[--user NAME] [--origin URL] [--direct URL]... [--config FILE]",
	short: "Finds out whether the gateway and the AWX behind it fit together",
	long: `
Prints one line per check: "ok", "?" for what could not be found out, "warn", or "FAIL",
with what was seen and what to do. The exit code is 1 if anything failed.

It looks at the store, the signing key and TLS, and asks AWX whether it answers, believes
the gateway who acts and nobody else, leaves roles alone, tells the same time, takes forms
from the gateway's address, and can be reached in another way.

With --user NAME it acts as that user, so that AWX takes over the user's attributes from
the gateway's directory, as with every request through the gateway. Take somebody who is a
member of an organization. With --origin https://NAME it tries one login that must fail.
With --direct URL it looks for AWX at an address where clients must not find it; run it on a
client's machine for that.
`,
	flags: func(cmd *cobra.Command) {
		cmd.Flags().String("user", "", "act as the user `NAME`")
		cmd.Flags().String("origin", "", "the `URL` of AWX's pages in browsers")
		cmd.Flags().StringArray("direct", nil, "a `URL` at which AWX must not answer; may be repeated")
	},
	run: examineGateway,
}

func init() { register(doctorCommand) }

// errUnwell makes the exit code 1; everything has been said.
var errUnwell = errors.New("some checks failed")

func examineGateway(ctx context.Context, c call) error {
	config, err := readConfig(c.String("config"))
	if err != nil {
		return err
	}
	direct, err := c.GetStringArray("direct")
	if err != nil {
		return err
	}
	e := &examination{call: c, wanted: doctor.Gateway{User: c.String("user"), Origin: c.String("origin"), Direct: direct}}
	caddyContext, cancel := caddy.NewContext(caddy.Context{Context: ctx})
	defer cancel()
	if err := e.run(caddyContext, config); err != nil {
		return err
	}
	if e.failed > 0 {
		return fmt.Errorf("%w: %d", errUnwell, e.failed)
	}
	return nil
}

// examination is one run of the command.
type examination struct {
	call
	wanted doctor.Gateway
	failed int
}

func (e *examination) report(f doctor.Finding) {
	if f.Status == doctor.Failed {
		e.failed++
	}
	_ = f.Print(e.out) // whoever closed the output does not read on
}

func (e *examination) run(ctx caddy.Context, config fileConfig) error {
	app, err := config.app()
	if err != nil {
		return err
	}
	site, err := config.site()
	if err != nil {
		return err
	}
	p, err := app.loadParts(ctx)
	if err != nil {
		e.report(doctor.Finding{Status: doctor.Failed, Check: "configuration", Detail: err.Error(), Advice: "correct " + config.file})
		return nil
	}
	e.report(doctor.Finding{Status: doctor.OK, Check: "configuration", Detail: config.file})
	e.listeners(site)
	store := e.openStore(ctx, p)
	if store != nil {
		defer func() { _ = store.Close() }()
	}
	e.key(p)
	upstreams, err := site.upstreams(ctx)
	if err != nil {
		e.report(doctor.Finding{Status: doctor.Failed, Check: "AWX answers", Detail: err.Error(), Advice: "correct " + config.file})
		return nil
	}
	if len(upstreams) == 0 {
		e.report(doctor.Finding{
			Status: doctor.Unknown, Check: "AWX answers", Detail: "the configuration has no reverse_proxy to AWX", Advice: "set AWXGATE_UPSTREAM",
		})
	}
	for _, u := range upstreams {
		e.connection(u)
		g := e.wanted
		g.URL, g.Transport = u.url, u.transport
		if err := e.equip(&g, p, store); err != nil {
			return err
		}
		doctor.Examine(ctx, g, e.report)
	}
	return nil
}

// equip gives the checks what they need of the gateway's parts.
func (e *examination) equip(g *doctor.Gateway, p parts, store tokencore.Store) error {
	if account, ok := p.directory.(lookUpAccount); ok {
		g.LookUp = account.AuthorizeLookUp
	}
	signing, ok := p.identity.(signingIdentity)
	if !ok || store == nil {
		return nil
	}
	directory, err := p.directory.Directory(store)
	if err != nil {
		return fmt.Errorf("building directory: %w", err)
	}
	g.Life = signing.life()
	g.Identify = func(ctx context.Context, r *http.Request, username string) error {
		user, err := directory.UserByName(ctx, username)
		if errors.Is(err, tokencore.ErrNotFound) {
			return fmt.Errorf("there is no user %q; name another by --user", username)
		}
		if err != nil {
			return err
		}
		return signing.Apply(r, &tokencore.Principal{User: user})
	}
	return nil
}

// lookUpAccount is a directory module that asks AWX by an account of its own.
type lookUpAccount interface {
	AuthorizeLookUp(r *http.Request) error
}

func (e *examination) openStore(ctx context.Context, p parts) tokencore.Store {
	const check = "store"
	store, err := p.store.Open(ctx)
	if err == nil {
		if err = store.Ping(ctx); err == nil {
			e.report(doctor.Finding{Status: doctor.OK, Check: check, Detail: "it is there, up to date, and answers"})
			return store
		}
		_ = store.Close() // it does not answer anyway
	}
	if errors.Is(err, fs.ErrNotExist) {
		e.report(doctor.Finding{Status: doctor.Unknown, Check: check, Detail: "there is none yet", Advice: "start the gateway once, or run awxgate migrate"})
		return nil
	}
	e.report(doctor.Finding{Status: doctor.Failed, Check: check, Detail: err.Error(), Advice: "see what the message says"})
	return nil
}

func (e *examination) key(p parts) {
	const check = "signing key"
	signing, ok := p.identity.(signingIdentity)
	if !ok {
		return // the identity does not sign, which is said where it matters
	}
	err := p.openKey()
	if err == nil {
		_, err = signing.publicKey()
	}
	switch {
	case err == nil:
		e.report(doctor.Finding{Status: doctor.OK, Check: check, Detail: "it is there, and only its owner can read it"})
	case errors.Is(err, tokencore.ErrUnavailable):
		e.report(doctor.Finding{Status: doctor.Unknown, Check: check, Detail: "there is none yet", Advice: "start the gateway once, or run awxgate awx-settings"})
	default:
		e.report(doctor.Finding{Status: doctor.Failed, Check: check, Detail: err.Error(), Advice: "correct the file or the identity option"})
	}
}

// listeners looks at what of the gateway itself can be reached, and how.
func (e *examination) listeners(site siteConfig) {
	for _, server := range site.Apps.HTTP.Servers {
		if server.isPlain() {
			e.report(doctor.Finding{
				Status: doctor.Warning, Check: "TLS", Detail: "the gateway takes plain HTTP, in which everybody on the way can read tokens",
				Advice: "let it or a server before it serve HTTPS (see the end of Caddyfile.example)",
			})
		} else {
			e.report(doctor.Finding{Status: doctor.OK, Check: "TLS", Detail: "nobody reaches the gateway by plain HTTP from another machine"})
		}
	}
	address, err := caddy.ParseNetworkAddressWithDefaults(site.Admin.Listen, "tcp", 2019)
	if err != nil || site.Admin.Disabled || site.Admin.Listen == "" || address.IsUnixNetwork() || isLoopback(address.Host) {
		return
	}
	e.report(doctor.Finding{
		Status: doctor.Failed, Check: "admin endpoint", Detail: "other machines can reach it and change everything",
		Advice: "set AWXGATE_CADDY_ADMIN to localhost:2019 or off",
	})
}

// connection looks at the way to AWX, on which identities travel.
func (e *examination) connection(u upstream) {
	const check = "TLS to AWX"
	host := u.url[len("http://"):]
	switch {
	case u.tls != nil && u.tls.InsecureSkipVerify:
		e.report(doctor.Finding{
			Status: doctor.Failed, Check: check, Detail: "the gateway does not look at AWX's certificate",
			Advice: "remove tls_insecure_skip_verify and name AWX's certificate authority by tls_trust_pool",
		})
	case u.tls != nil:
		e.report(doctor.Finding{Status: doctor.OK, Check: check, Detail: "the certificate of " + host[1:] + " is checked"})
	default:
		name, _, err := net.SplitHostPort(host)
		if err == nil && isLoopback(name) {
			return
		}
		e.report(doctor.Finding{
			Status: doctor.Warning, Check: check, Detail: "identities travel to AWX in plain HTTP",
			Advice: "use https:// in AWXGATE_UPSTREAM, or keep that network to the two machines",
		})
	}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
