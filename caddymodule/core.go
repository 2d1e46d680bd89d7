package caddymodule

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"
	"go.uber.org/zap/exp/zapslog"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoreguard"
	"github.com/awxgate/awxgate/tokencore/store/restoremark"
	"github.com/awxgate/awxgate/tokencore/tokencache"
	"github.com/awxgate/awxgate/tokencore/tokenwatch"
)

// core is the store with the cache on top of it: what several configurations, and
// above all an old and a new one, have in common.
type core struct {
	key    poolKey // of shared
	shared *sharedStore
	cache  CacheConfig
	linger atomic.Int64 // time.Duration; that of the latest configuration

	mu     sync.Mutex
	opened atomic.Pointer[opened] // nil until the store exists

	refused, wouldRefuse outcomes
}

// opened is what exists once the store does.
type opened struct {
	store tokencore.Store
	cache *tokencache.Cache
	usage *tokencache.Usage
	watch *tokenwatch.Watch
	// installation is the same for all gateways that share the data, and after a restart.
	installation string
	guard        *restoreguard.Guard // nil if nothing is remembered of the store
	unguard      func()
}

// remember begins to write down how far the store has come.
func (o *opened) remember() {
	if o.guard != nil {
		o.guard.Start()
	}
}

// refuses is the reason why no token is to be accepted, or issued; nil: there is none.
func (o *opened) refuses() error {
	if o.guard == nil {
		return nil
	}
	return o.guard.Err()
}

// open opens the store and builds the cache, unless that has been done.
func (c *core) open(ctx context.Context, open openFunc) (*opened, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.opened.Load(); o != nil {
		return o, nil
	}
	store, err := c.shared.open(ctx, open)
	if err != nil {
		return nil, err
	}
	installation, err := c.identify(ctx, store)
	if err != nil {
		return nil, err
	}
	cache, err := tokencache.New(store, c.cache.settings())
	if err != nil {
		return nil, err
	}
	o := &opened{
		store: store, cache: cache, installation: installation,
		usage: tokencache.NewUsage(store, tokencache.UsageConfig{Logger: processLog()}),
		watch: tokenwatch.New(store, tokenwatch.Config{}),
		guard: c.shared.guard, unguard: func() {},
	}
	if o.guard != nil {
		o.unguard = o.guard.OnTurn(cache.Purge)
	}
	c.opened.Store(o)
	return o, nil
}

// identify asks the store which one it is. One that does not know is named by where it is.
func (c *core) identify(ctx context.Context, store tokencore.Store) (string, error) {
	history, ok := store.(restoremark.Store)
	if !ok {
		return string(c.key[:]), nil
	}
	mark, err := history.HighWater(ctx)
	return mark.Installation, err
}

// processLog is for what outlives a configuration. It is Caddy's default log: that of a
// configuration ends with it.
func processLog() *slog.Logger {
	return slog.New(zapslog.NewHandler(caddy.Log().Core(), zapslog.WithName(appName)))
}

// Destruct lets the store go once requests of the last configuration cannot be served
// any more. A reload does not wait for them, so nothing may be closed at once. When the
// process ends, the server has waited already; and a store that was never opened serves
// nobody.
func (c *core) Destruct() error {
	if caddy.Exiting() || c.opened.Load() == nil {
		return c.close()
	}
	time.AfterFunc(time.Duration(c.linger.Load()), func() {
		if err := c.close(); err != nil {
			caddy.Log().Named(appName).Error("closing the token store", zap.Error(err))
		}
	})
	return nil
}

// close closes what uses the store before it gives the store back.
func (c *core) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.opened.Load(); o != nil {
		o.unguard()
		o.watch.Close()
		o.usage.Close()
		o.cache.Close()
	}
	_, err := storePool.Delete(c.key)
	return err
}

var _ caddy.Destructor = (*core)(nil)
