package caddymodule

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore"
)

// parts are the guest modules of an App.
type parts struct {
	store     StoreModule
	directory DirectoryModule
	identity  Identity
}

// loadParts provisions the guest modules. The defaults live here.
func (a *App) loadParts(ctx caddy.Context) (p parts, err error) {
	if p.store, err = loadGuest[StoreModule](ctx, a, "StoreRaw", &a.StoreRaw, `{"driver":"sqlite"}`); err != nil {
		return parts{}, fmt.Errorf("store: %w", err)
	}
	if p.directory, err = loadGuest[DirectoryModule](ctx, a, "DirectoryRaw", &a.DirectoryRaw, `{"kind":"local"}`); err != nil {
		return parts{}, fmt.Errorf("directory: %w", err)
	}
	if p.identity, err = loadGuest[Identity](ctx, a, "IdentityRaw", &a.IdentityRaw, `{"kind":"headers"}`); err != nil {
		return parts{}, fmt.Errorf("identity: %w", err)
	}
	if directory, ok := p.directory.(boundDirectory); ok {
		if err := directory.bind(p); err != nil {
			return parts{}, fmt.Errorf("directory: %w", err)
		}
	}
	return p, nil
}

func loadGuest[T any](ctx caddy.Context, a *App, field string, raw *json.RawMessage, byDefault string) (guest T, err error) {
	if len(*raw) == 0 {
		*raw = json.RawMessage(byDefault)
	}
	module, err := ctx.LoadModule(a, field)
	if err != nil {
		return guest, err
	}
	guest, ok := module.(T)
	if !ok {
		return guest, fmt.Errorf("module %T does not do what %s is for", module, field)
	}
	return guest, nil
}

// announcePassword tells a person the generated password. It goes to standard error by
// itself, not into the log, which is kept and shipped elsewhere.
func announcePassword(password tokencore.Secret) {
	if password.IsZero() {
		return
	}
	fmt.Fprintf(os.Stderr, "awxgate: the password of the new user \"admin\" is %s - it is shown only now; change it after the first login\n", password.Reveal())
}
