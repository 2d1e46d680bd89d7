package tokencache

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// Updater is the part of a tokencore.Store that Usage needs.
type Updater interface {
	Update(ctx context.Context, fn func(tx tokencore.Tx) error) error
}

// UsageConfig tunes a Usage. The zero UsageConfig works.
type UsageConfig struct {
	// Interval is how often uses are written. Default: 5s.
	Interval time.Duration
	// Buffer is how many uses may wait; more are dropped. Default: 4096.
	Buffer int
	// WriteTimeout bounds one write. Default: 5s.
	WriteTimeout time.Duration
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Logger gets a line when a write failed. Default: no logging.
	Logger *slog.Logger
}

func (c UsageConfig) withDefaults() UsageConfig {
	if c.Interval <= 0 {
		c.Interval = 5 * time.Second
	}
	if c.Buffer <= 0 {
		c.Buffer = 4096
	}
	if c.WriteTimeout <= 0 {
		c.WriteTimeout = 5 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Usage writes down when and from where tokens were used: in batches, at most once a
// minute per token, and never in the request. AWX writes the row on every request, which
// is most of what a request costs there. A use may be lost; it is information for people,
// and no decision depends on it.
type Usage struct {
	store  Updater
	config UsageConfig
	noted  [1 << 16]atomic.Uint64 // see place
	queue  chan use
	stop   chan struct{}
	closed atomic.Bool
	once   sync.Once
	ended  sync.WaitGroup

	written, dropped, failed atomic.Uint64
}

type use struct {
	tokenID int64
	at      time.Time
	from    netip.Addr
}

// NewUsage starts writing to a store. Close it before the store.
func NewUsage(store Updater, config UsageConfig) *Usage {
	u := &Usage{store: store, config: config.withDefaults(), stop: make(chan struct{})}
	u.queue = make(chan use, u.config.Buffer)
	u.ended.Go(u.write)
	return u
}

// Used notes that a token was accepted for a client. It never waits, and allocates nothing.
// The zero Addr stands for an unknown client.
func (u *Usage) Used(p *tokencore.Principal, from netip.Addr) {
	now := u.config.Now()
	place, word := u.place(p.TokenID, now)
	if place.Load() == word || place.Swap(word) == word {
		return
	}
	if u.closed.Load() {
		u.dropped.Add(1)
		return
	}
	select {
	case u.queue <- use{p.TokenID, now, from}:
	default:
		u.dropped.Add(1)
	}
}

// place returns where the last use of a token is noted, and what to note there: the minute
// and the rest of the id. Tokens that share a place displace each other, so it only spares
// work; the writer is who keeps to one use per minute.
func (u *Usage) place(tokenID int64, now time.Time) (*atomic.Uint64, uint64) {
	id := uint64(tokenID)                                                                                 //nolint:gosec // any bit pattern is fine
	return &u.noted[id%uint64(len(u.noted))], id/uint64(len(u.noted))<<32 | uint64(uint32(minuteOf(now))) //nolint:gosec // fits until the year 10136
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// Close writes what is still waiting and ends.
func (u *Usage) Close() {
	u.once.Do(func() {
		u.closed.Store(true)
		close(u.stop)
	})
	u.ended.Wait()
}

// UsageStats counts uses since NewUsage.
type UsageStats struct {
	Written uint64 // handed to the store
	Dropped uint64 // did not fit into the buffer, or came after Close
	Failed  uint64 // lost because the store could not write
}

// Stats returns the counters.
func (u *Usage) Stats() UsageStats {
	return UsageStats{Written: u.written.Load(), Dropped: u.dropped.Load(), Failed: u.failed.Load()}
}
