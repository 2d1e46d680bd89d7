package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/awxgate/awxgate/tokencore/bearer"
)

func init() { caddy.RegisterModule(new(App)) }

const (
	appName       = "awxgate"
	defaultLinger = 30 * time.Second

	passAmbiguousPaths = "pass" // of App.AmbiguousPaths
)

// App keeps OAuth2 tokens: it owns the store, the cache and the directory that the
// handlers awxgate_api and awxgate_auth work with.
//
// The data is not created when a configuration is loaded or validated, but when it
// starts. Until then, requests get 503.
type App struct {
	// Where tokens and applications are kept. Default: sqlite in ./data.
	StoreRaw json.RawMessage `json:"store,omitempty" caddy:"namespace=awxgate.stores inline_key=driver"`

	// Who the users are. Default: local.
	DirectoryRaw json.RawMessage `json:"directory,omitempty" caddy:"namespace=awxgate.directories inline_key=kind"`

	// How the upstream learns who acts. Default: headers.
	IdentityRaw json.RawMessage `json:"identity,omitempty" caddy:"namespace=awxgate.identities inline_key=kind"`

	// How verified tokens are remembered.
	Cache CacheConfig `json:"cache,omitzero"`

	// Further header fields that clients must not send to the upstream, such as those
	// in AWX's REMOTE_HOST_HEADERS. The usual ones are removed anyway. Default: none.
	StripHeaders []string `json:"strip_headers,omitempty"`

	// The cookie of AWX's sessions, which is dropped when a token decides who acts.
	// Default: awx_sessionid.
	SessionCookie string `json:"session_cookie,omitempty"`

	// What becomes of requests whose path two servers could read differently: with
	// encoded slashes, backslashes, semicolons or control characters, with empty or dot
	// segments, or not in UTF-8. "refuse" answers 400. "pass" sends them on; the token
	// API's own paths stay out of reach. Default: refuse.
	AmbiguousPaths string `json:"ambiguous_paths,omitempty"`

	// How long the store stays open after the last configuration that uses it has
	// gone, because requests that began under it may still be served. Default: 30s.
	Linger caddy.Duration `json:"linger,omitempty"`

	parts
	hygiene *bearer.Hygiene
	core    *core
	release func()
	waiting *waiting             // for a database that was down at the start; nil otherwise
	gate    atomic.Pointer[gate] // nil until the store exists
	alone   atomic.Bool          // the demo plays the upstream
	ports   takenPorts
	log     *zap.Logger
	slog    *slog.Logger
}

// CaddyModule returns the Caddy module information.
func (*App) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: appName, New: func() caddy.Module { return new(App) }}
}

// Provision loads the guest modules and opens a store that exists. It writes nothing:
// `validate`, and every reload that fails later on, come here as well.
func (a *App) Provision(ctx caddy.Context) error {
	a.log, a.slog = ctx.Logger(), ctx.Slogger()
	directory := string(a.DirectoryRaw)
	var err error
	if a.parts, err = a.loadParts(ctx); err != nil {
		return err
	}
	if err := a.openKey(); err != nil {
		return err
	}
	a.hygiene = bearer.NewHygiene(bearer.HygieneConfig{
		Names:              slices.Concat(a.identity.Headers(), a.StripHeaders),
		SessionCookie:      a.SessionCookie,
		PassAmbiguousPaths: a.AmbiguousPaths == passAmbiguousPaths,
	})
	linger := time.Duration(a.Linger)
	if linger == 0 {
		linger = defaultLinger
	}
	if a.core, a.release, err = acquireCore(a.store, directory, a.Cache.within(a.directory), linger); err != nil {
		return err
	}
	if err := registerMetrics(ctx, a.core); err != nil {
		return err
	}
	switch err := a.open(ctx, a.store.Open); {
	case errors.Is(err, fs.ErrNotExist), a.mayWait(err):
		return nil // Start creates it, or waits for it
	default:
		return err
	}
}

// Validate checks what does not depend on the outside.
func (a *App) Validate() error {
	if err := a.Cache.validate(); err != nil {
		return err
	}
	switch a.AmbiguousPaths {
	case "", "refuse", passAmbiguousPaths:
	default:
		return fmt.Errorf("ambiguous_paths is to be refuse or pass, not %q", a.AmbiguousPaths)
	}
	if a.Linger < 0 {
		return errors.New("linger is to be a positive duration such as 30s")
	}
	return nil
}

// Start creates the store, at the first start, the first accounts in it, and the signing
// key if the identity has one.
func (a *App) Start() error {
	if a.ports.err != nil {
		return a.ports.err
	}
	err := a.begin(context.Background()) // what is begun here is finished, whatever becomes of this configuration
	if !a.mayWait(err) {
		return err
	}
	a.log.Error("the token store cannot be reached; requests get 503 until it can", zap.Error(err))
	a.waiting = wait(a.begin, a.log)
	return nil
}

func (a *App) begin(ctx context.Context) error {
	created := a.gate.Load() == nil
	opened, err := a.core.open(ctx, a.store.Create)
	if err != nil {
		return fmt.Errorf("starting awxgate: %w", err)
	}
	if err := a.createKey(); err != nil {
		return fmt.Errorf("starting awxgate: %w", err)
	}
	if created {
		a.log.Info("created the token store")
	}
	first, err := a.directory.Bootstrap(ctx, opened.store)
	if err != nil {
		return fmt.Errorf("creating the first accounts: %w", err)
	}
	if first.Created {
		a.log.Info("created user admin and organization Default")
		announcePassword(first.Password)
	}
	a.warnOfLocalAccounts()
	opened.remember()
	// Last, so that whoever is answered finds the accounts.
	return a.open(ctx, a.store.Create)
}

// warnOfLocalAccounts tells an administrator of AWX what may come as a surprise.
func (a *App) warnOfLocalAccounts() {
	_, local := a.directory.(*LocalDirectory)
	if _, signs := a.identity.(*DABJWTIdentity); local && signs && !a.alone.Load() {
		a.log.Warn("AWX takes over names, e-mail addresses and superusers from the accounts that are kept here; with directory awx its own accounts count")
	}
}

// open makes the gate work, unless it does already.
func (a *App) open(ctx context.Context, open openFunc) error {
	if a.gate.Load() != nil {
		return nil
	}
	opened, err := a.core.open(ctx, open)
	if err != nil {
		return err
	}
	g, err := newGate(a, opened)
	if err != nil {
		return err
	}
	a.gate.Store(g)
	return nil
}

// Stop does nothing: requests of this configuration may still be served.
func (a *App) Stop() error { return nil }

// Cleanup gives back what Provision took. Requests may still be served; the store
// stays open for them.
func (a *App) Cleanup() error {
	a.waiting.stop()
	if a.release != nil {
		a.release()
		a.release = nil
	}
	return nil
}

// appOf returns the app of a configuration, for a handler that is useless without it.
func appOf(ctx caddy.Context) (*App, error) {
	app, err := ctx.AppIfConfigured(appName)
	if errors.Is(err, caddy.ErrNotConfigured) {
		return nil, errors.New("awxgate is used, but not configured: add the global option \"awxgate\" at the top of the Caddyfile")
	}
	if err != nil {
		return nil, err
	}
	a := app.(*App) // the module is registered above
	a.ports.ask(ctx)
	return a, nil
}

var (
	_ caddy.App          = (*App)(nil)
	_ caddy.Provisioner  = (*App)(nil)
	_ caddy.Validator    = (*App)(nil)
	_ caddy.CleanerUpper = (*App)(nil)
)
