package caddymodule

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"

	"github.com/awxgate/awxgate/tokencore"
)

// retryPause is how long to wait between two attempts to reach a database.
const retryPause = time.Second

// sharedModule is a store that several gateways may use. It may come later than one of them.
type sharedModule interface{ Shared() bool }

// Shared implements sharedModule.
func (*PostgresStore) Shared() bool { return true }

func (p parts) isShared() bool {
	store, ok := p.store.(sharedModule)
	return ok && store.Shared()
}

// mayWait reports whether the app is to start although its store failed to open. All
// gateways may be started while the database is down, and then they answer 503 until it is
// there. But a configuration that works is not given up for one that does not: the reload
// is refused.
func (a *App) mayWait(err error) bool {
	return errors.Is(err, tokencore.ErrUnavailable) && a.isShared() && !worksAlready()
}

// worksAlready reports whether the running configuration, if any, has its store.
func worksAlready() bool {
	running, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		return false
	}
	app, ok := running.(*App)
	return ok && app.gate.Load() != nil
}

// waiting is a goroutine that tries again until it succeeds or is stopped.
type waiting struct {
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

func wait(begin func(context.Context) error, log *zap.Logger) *waiting {
	ctx, cancel := context.WithCancel(context.Background())
	w := &waiting{cancel: cancel}
	w.ended.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(retryPause):
			}
			switch err := begin(ctx); {
			case err == nil:
				log.Info("the token store is there")
				return
			case !errors.Is(err, tokencore.ErrUnavailable) && ctx.Err() == nil:
				log.Error("the token store can be reached, but not used; requests get 503", zap.Error(err))
			}
		}
	})
	return w
}

// stop may be called on nil. When it returns, nothing is opened any more.
func (w *waiting) stop() {
	if w != nil {
		w.cancel()
		w.ended.Wait()
	}
}

var _ sharedModule = (*PostgresStore)(nil)
