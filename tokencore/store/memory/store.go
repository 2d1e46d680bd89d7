package memory

import (
	"context"
	"errors"
	"sync"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/watch"
)

// errClosed and errEnded are mistakes of the caller, yet they say nothing about
// any token, so they are technical failures.
var (
	errClosed = errors.New("the store is closed")
	errEnded  = errors.New("the transaction has ended")
)

// Store is a tokencore.Store in memory. Use New.
type Store struct {
	reader
	watchers watch.Watchers
	guard    *storeGuard
}

// New returns an empty store.
func New() *Store {
	guard := &storeGuard{}
	return &Store{reader: reader{data: newData(), guard: guard}, guard: guard}
}

// Update implements tokencore.Store.
func (s *Store) Update(ctx context.Context, fn func(tokencore.Tx) error) error {
	return s.watchers.Committed(s.transact(ctx, fn))
}

func (s *Store) transact(ctx context.Context, fn func(tokencore.Tx) error) ([]tokencore.Change, error) {
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	if err := s.guard.check(ctx); err != nil {
		return nil, err
	}
	guard := &txGuard{}
	t := &tx{reader: reader{data: s.data, guard: guard}}
	committed := false
	// A deferred rollback also covers a panic and runtime.Goexit in fn.
	defer func() {
		guard.ended = true
		if !committed {
			t.journal.rollback()
		}
	}()
	if err := fn(t); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, tokencore.Unavailable("committing", err)
	}
	committed = true
	return t.changes, nil
}

// Watch implements tokencore.Store.
func (s *Store) Watch(ctx context.Context, f func(tokencore.Change)) { s.watchers.Add(ctx, f) }

// Announce implements tokencore.Store.
func (s *Store) Announce(changes ...tokencore.Change) { s.watchers.Deliver(changes...) }

// Ping implements tokencore.Store.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.guard.enter(ctx); err != nil {
		return err
	}
	s.guard.leave()
	return nil
}

// Close implements tokencore.Store. Every later call fails.
func (s *Store) Close() error {
	s.guard.mu.Lock()
	defer s.guard.mu.Unlock()
	s.guard.closed = true
	return nil
}

// storeGuard lets many readers in, or one transaction.
type storeGuard struct {
	mu     sync.RWMutex
	closed bool
}

func (g *storeGuard) enter(ctx context.Context) error {
	g.mu.RLock()
	if err := g.check(ctx); err != nil {
		g.mu.RUnlock()
		return err
	}
	return nil
}

func (g *storeGuard) leave() { g.mu.RUnlock() }

func (g *storeGuard) check(ctx context.Context) error {
	if g.closed {
		return tokencore.Unavailable("using the memory store", errClosed)
	}
	if err := ctx.Err(); err != nil {
		return tokencore.Unavailable("using the memory store", err)
	}
	return nil
}

// txGuard needs no lock: its transaction holds the store's.
type txGuard struct{ ended bool }

func (g *txGuard) enter(ctx context.Context) error {
	if g.ended {
		return tokencore.Unavailable("using a transaction", errEnded)
	}
	if err := ctx.Err(); err != nil {
		return tokencore.Unavailable("using a transaction", err)
	}
	return nil
}

func (*txGuard) leave() {}

var _ tokencore.Store = (*Store)(nil)
