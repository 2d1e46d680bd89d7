package tokencache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// Watcher is the part of a tokencore.Store that a Cache needs.
type Watcher interface {
	Watch(ctx context.Context, f func(tokencore.Change))
}

// Config tunes a Cache. The zero Config works.
type Config struct {
	// Entries is how many tokens are remembered. Default: 100,000.
	Entries int64
	// TTL is how long a verified token is trusted without asking again. Revocations do
	// not wait for it; changes in a remote directory do. Default: 30s.
	TTL time.Duration
	// NegativeTTL is how long a refused token stays refused without asking again, unless
	// something changes before. Default: 10s.
	NegativeTTL time.Duration
	// LoadTimeout bounds one look-up. It is independent of the request that caused the
	// look-up, because others may be waiting for the same answer. Default: 5s.
	LoadTimeout time.Duration
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Entries <= 0 {
		c.Entries = 100_000
	}
	if c.TTL <= 0 {
		c.TTL = 30 * time.Second
	}
	if c.NegativeTTL <= 0 {
		c.NegativeTTL = 10 * time.Second
	}
	if c.LoadTimeout <= 0 {
		c.LoadTimeout = 5 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Cache remembers verified tokens of one store. It outlives the Services that ask
// through it: a reload makes a new Verifier and keeps the Cache.
type Cache struct {
	config  Config
	keyOf   func(tokencore.Digest) uint64
	epochs  epochs
	table   *table
	refused refusals
	counts  counts

	unwatch context.CancelFunc
	life    sync.Mutex // orders the start of look-ups and Close
	closed  atomic.Bool
	loads   sync.WaitGroup
}

// New returns a Cache that follows the changes of a store. Close it after the last use.
func New(store Watcher, config Config) (*Cache, error) {
	return newCache(store, config, func(d tokencore.Digest) uint64 {
		return uint64(d.Key()) //nolint:gosec // any bit pattern is fine
	})
}

func newCache(store Watcher, config Config, keyOf func(tokencore.Digest) uint64) (*Cache, error) {
	if store == nil {
		return nil, errors.New("tokencache needs a store to watch")
	}
	c := &Cache{config: config.withDefaults(), keyOf: keyOf}
	var err error
	if c.table, err = newTable(c.config.Entries, &c.counts.evictions); err != nil {
		return nil, fmt.Errorf("making the token cache: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.unwatch = cancel
	store.Watch(ctx, c.epochs.apply)
	return c, nil
}

// Verifier returns a view that answers from memory and asks next for the rest. Views
// share what is remembered; each waits only for look-ups of its own.
func (c *Cache) Verifier(next tokencore.Verifier) tokencore.Verifier {
	return &view{cache: c, next: next, flights: make(map[tokencore.Digest]*flight)}
}

// Purge forgets everything. A look-up that is under way is not remembered either.
func (c *Cache) Purge() {
	c.epochs.bumpAll()
	c.table.clear()
}

// Close ends the watch, waits for look-ups that are under way and frees the memory.
// It may be called more than once, and while others verify: those ask their next
// Verifier directly from then on.
func (c *Cache) Close() {
	c.life.Lock()
	c.closed.Store(true)
	c.life.Unlock()
	// Nobody can find an entry any more before the watch, which it depends on, ends.
	c.table.close()
	c.unwatch()
	c.loads.Wait()
}

// start runs a look-up that Close waits for; false after Close.
func (c *Cache) start(load func()) bool {
	c.life.Lock()
	defer c.life.Unlock()
	if c.closed.Load() {
		return false
	}
	c.loads.Go(load)
	return true
}
