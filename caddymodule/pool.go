package caddymodule

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoreguard"
	"github.com/awxgate/awxgate/tokencore/store/storecopy"
)

// What outlives a configuration, keyed by what defines it: so a reload that changes
// something else neither opens the database again nor empties the cache, and what the
// new configuration revokes, the requests of the old one see.
var (
	storePool = caddy.NewUsagePool() // *sharedStore
	corePool  = caddy.NewUsagePool() // *core
)

// poolKey is a digest, because keys may contain credentials and pools may be printed.
type poolKey [sha256.Size]byte

func poolKeyOf(parts ...any) poolKey {
	return sha256.Sum256(fmt.Appendf(nil, "%#v", parts))
}

type openFunc func(context.Context) (tokencore.Store, error)

// sharedStore is a store that is opened at most once, by whoever can do it first.
type sharedStore struct {
	directory string // for what is remembered of the store; empty: nothing is

	mu    sync.Mutex
	store tokencore.Store     // nil until it is opened
	guard *restoreguard.Guard // nil if nothing is remembered
}

func (s *sharedStore) open(ctx context.Context, open openFunc) (tokencore.Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store != nil {
		return s.store, nil
	}
	store, err := open(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkWhole(ctx, store); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	if known, ok := store.(restoreguard.Store); ok && s.directory != "" {
		if s.guard, err = restoreguard.Open(ctx, known, s.directory, processLog()); err != nil {
			return nil, errors.Join(err, store.Close())
		}
	}
	s.store = store
	return store, nil
}

// checkWhole refuses a store that awxgate copy has begun to fill.
func checkWhole(ctx context.Context, store tokencore.Store) error {
	unfinished, err := storecopy.Unfinished(ctx, store)
	if err == nil && unfinished {
		return errors.New("the token store is an unfinished copy: run awxgate copy again, with the same arguments, until it says that everything was copied")
	}
	return err
}

// Destruct closes the store. Only cores use it, and they linger before they let go.
func (s *sharedStore) Destruct() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil {
		return nil
	}
	if s.guard != nil {
		s.guard.Close()
	}
	err := s.store.Close()
	s.store = nil
	return err
}

// acquireCore returns the core of a store and a cache, and the function that gives it
// back, which is to be called exactly once. The directory is part of the key because what
// the cache remembers of users came from there.
func acquireCore(store StoreModule, directory string, cache CacheConfig, linger time.Duration) (*core, func(), error) {
	key := poolKeyOf(store.Key(), directory, cache)
	pooled, _, err := corePool.LoadOrNew(key, func() (caddy.Destructor, error) {
		storeKey := poolKeyOf(store.Key())
		shared, _, err := storePool.LoadOrNew(storeKey, func() (caddy.Destructor, error) {
			return &sharedStore{directory: dataDirectoryOf(store)}, nil
		})
		if err != nil {
			return nil, err
		}
		return &core{
			key: storeKey, cache: cache,
			shared: shared.(*sharedStore), // nothing else is in that pool
		}, nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("sharing the token store: %w", err)
	}
	c := pooled.(*core) // nothing else is in that pool
	c.linger.Store(int64(linger))
	return c, func() { _, _ = corePool.Delete(key) }, nil // Destruct of a core reports its errors itself
}

var _ caddy.Destructor = (*sharedStore)(nil)
