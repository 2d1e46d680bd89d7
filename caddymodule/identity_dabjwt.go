package caddymodule

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

func init() { caddy.RegisterModule(new(DABJWTIdentity)) }

const defaultSigningKey = "{env.AWXGATE_JWT_KEY}"

// DABJWTIdentity tells AWX 24.6.0 and later who acts, by the signed X-DAB-JW-TOKEN that
// AWX takes from a gateway whose public key is in its setting ANSIBLE_BASE_JWT_KEY. The
// command awx-settings prints what to set.
//
// Whoever has the signing key can act as every user of AWX. AWX accepts one key at a
// time, so several gateways before one AWX need the same.
type DABJWTIdentity struct {
	// A PEM file with the signing key (RSA, 2048 bits or more, mode 0600), or a
	// directory of such files *.pem, of which the one modified last is used; files are
	// looked at again every few seconds, so adding one rotates the key. It must exist.
	// Default: {env.AWXGATE_JWT_KEY}, or if that is empty the directory jwt-keys in the
	// data directory of the store, where the first start generates a key. Gateways that
	// share a database need the same one.
	Key string `json:"key,omitempty"`

	// How long a signed identity is good for, in whole seconds from 10s to 1h. It is
	// used for the first half of that; the clocks of AWX and of this machine may differ
	// by the rest. Default: 2m.
	Life caddy.Duration `json:"life,omitempty"`

	path   string // of Key; empty: the default
	log    *slog.Logger
	keys   signingKeys
	minter *dabjwt.Minter
}

// CaddyModule returns the Caddy module information.
func (*DABJWTIdentity) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: identityNamespace + ".dab_jwt", New: func() caddy.Module { return new(DABJWTIdentity) }}
}

// Provision resolves placeholders. The key is opened by the app, which knows the store.
func (i *DABJWTIdentity) Provision(ctx caddy.Context) (err error) {
	i.log = ctx.Slogger()
	repl := caddy.NewReplacer()
	if i.Key == "" {
		i.path = repl.ReplaceAll(defaultSigningKey, "")
	} else if i.path, err = repl.ReplaceOrErr(i.Key, true, true); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if i.minter, err = dabjwt.New(&i.keys, dabjwt.Config{Life: time.Duration(i.Life)}); err != nil {
		return fmt.Errorf("life: %w", err)
	}
	return nil
}

// Headers implements Identity.
func (*DABJWTIdentity) Headers() []string { return []string{dabjwt.Header} }

// Apply implements Identity. The principal's user comes from the directory and is as old
// as the cache allows: seconds.
func (i *DABJWTIdentity) Apply(r *http.Request, p *tokencore.Principal) error {
	token, err := i.minter.Mint(&p.User)
	if err != nil {
		return err
	}
	r.Header[dabjwt.Header] = []string{token.Reveal()}
	return nil
}

// UnmarshalCaddyfile reads the module. An empty path, which an unset environment
// variable leaves, means the default. Syntax:
//
//	dab_jwt [<key file or directory>] {
//	    life <duration>
//	}
func (i *DABJWTIdentity) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the module's name
	if d.NextArg() {
		i.Key = d.Val()
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		switch d.Val() {
		case "life":
			var text string
			if err := readOnce(d, &text); err != nil {
				return err
			}
			if err := readDuration(d, "life", text, &i.Life); err != nil {
				return err
			}
		default:
			return d.Errf("unrecognized subdirective: %s", d.Val())
		}
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*DABJWTIdentity)(nil)
	_ caddyfile.Unmarshaler = (*DABJWTIdentity)(nil)
	_ Identity              = (*DABJWTIdentity)(nil)
)
