package caddymodule

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
)

func init() { caddy.RegisterModule(LocalDirectory{}) }

// defaultAdminPassword is resolved when a configuration is loaded, so the password is
// never part of what `caddy adapt` or the admin endpoint show.
const defaultAdminPassword = "{env.AWXGATE_ADMIN_PASSWORD}"

// LocalDirectory keeps users and organizations in the store, so that nothing else is
// needed. The first start creates the superuser admin and the organization Default.
type LocalDirectory struct {
	// The password that the first start gives to admin; use a placeholder such as
	// {file./run/secrets/admin}. Empty: one is generated and printed once.
	// Default: {env.AWXGATE_ADMIN_PASSWORD}.
	AdminPassword string `json:"admin_password,omitempty"`

	adminPassword tokencore.Secret
	log           *slog.Logger
}

// CaddyModule returns the Caddy module information.
func (LocalDirectory) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: directoryNamespace + ".local", New: func() caddy.Module { return new(LocalDirectory) }}
}

// Provision resolves the password.
func (l *LocalDirectory) Provision(ctx caddy.Context) error {
	l.log = ctx.Slogger()
	repl := caddy.NewReplacer()
	if l.AdminPassword == "" {
		l.adminPassword = tokencore.NewSecret(repl.ReplaceAll(defaultAdminPassword, ""))
		return nil
	}
	// A placeholder that the operator wrote must resolve: a generated password in its
	// place would be a surprise.
	password, err := repl.ReplaceOrErr(l.AdminPassword, true, true)
	if err != nil {
		return fmt.Errorf("admin_password: %w", err)
	}
	l.adminPassword = tokencore.NewSecret(password)
	return nil
}

// Directory implements DirectoryModule.
func (l *LocalDirectory) Directory(store tokencore.Store) (tokencore.Directory, error) {
	return local.New(store, local.Config{Logger: l.log}), nil
}

// Bootstrap implements DirectoryModule.
func (l *LocalDirectory) Bootstrap(ctx context.Context, store tokencore.Store) (FirstAccounts, error) {
	password, created, err := local.Bootstrap(ctx, store, l.adminPassword)
	return FirstAccounts{Created: created, Password: password}, err
}

// UnmarshalCaddyfile reads the module. Syntax:
//
//	local {
//	    admin_password <password>
//	}
func (l *LocalDirectory) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the module's name
	if d.NextArg() {
		return d.ArgErr()
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		switch d.Val() {
		case "admin_password":
			if err := readOnce(d, &l.AdminPassword); err != nil {
				return err
			}
		default:
			return d.Errf("unrecognized subdirective: %s", d.Val())
		}
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*LocalDirectory)(nil)
	_ caddyfile.Unmarshaler = (*LocalDirectory)(nil)
	_ DirectoryModule       = (*LocalDirectory)(nil)
)
