package tokencache

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/ristretto/v2"

	"github.com/awxgate/awxgate/tokencore"
)

// entry is one remembered token. It is immutable.
type entry struct {
	digest    tokencore.Digest
	principal *tokencore.Principal
	stamp     stamp
	until     time.Time
}

// table keeps entries in ristretto, which decides what is worth keeping. What ristretto
// gets wrong is harmless here: it compares keys by 64 bits, may show a deleted entry for
// a moment and may drop a new one.
//
// Only its Close is not harmless: it panics when it meets a Get, Set or Del. Hence the
// lanes. Whoever uses ristretto holds its lane for reading; close takes all of them.
// Nobody ever waits for a lane but close: while it has one, others go without the table.
type table struct {
	lanes  [64]lane
	closed bool // written with all lanes held
	cache  *ristretto.Cache[uint64, *entry]
}

// lane is a cache line of its own, so that hits of different keys do not meet.
type lane struct {
	sync.RWMutex
	hits atomic.Uint64
	_    [32]byte
}

const (
	countersPerEntry = 10 // what ristretto recommends
	getBuffer        = 64 // likewise
)

func newTable(entries int64, evictions *atomic.Uint64) (*table, error) {
	cache, err := ristretto.NewCache(&ristretto.Config[uint64, *entry]{
		NumCounters:        entries * countersPerEntry,
		MaxCost:            entries,
		BufferItems:        getBuffer,
		IgnoreInternalCost: true, // a cost is a number of entries
		OnEvict:            func(*ristretto.Item[*entry]) { evictions.Add(1) },
		// The key is part of a SHA-256 already. Without this, ristretto boxes it.
		KeyToHash: func(key uint64) (uint64, uint64) { return key, 0 },
	})
	if err != nil {
		return nil, err
	}
	return &table{cache: cache}, nil
}

func (t *table) lane(key uint64) *lane { return &t.lanes[key%uint64(len(t.lanes))] }

func (t *table) get(key uint64) *entry {
	l := t.lane(key)
	if !l.TryRLock() {
		return nil
	}
	var e *entry
	if !t.closed {
		e, _ = t.cache.Get(key)
	}
	l.RUnlock()
	return e
}

// within calls f unless the table is closed or being closed.
func (t *table) within(key uint64, f func()) {
	l := t.lane(key)
	if !l.TryRLock() {
		return
	}
	defer l.RUnlock()
	if !t.closed {
		f()
	}
}

// put remembers an entry. There is no TTL for ristretto, which would cost every Get a
// look at the clock: what is too old is found to be so by whoever gets it.
func (t *table) put(key uint64, e *entry) {
	t.within(key, func() { t.cache.Set(key, e, 1) })
}

// drop gives room back that a token took which is dead now. Popular tokens would
// otherwise keep theirs for long.
func (t *table) drop(key uint64, digest tokencore.Digest) {
	t.within(key, func() {
		if e, ok := t.cache.Get(key); ok && e.digest.Equal(digest) {
			t.cache.Del(key)
		}
	})
}

func (t *table) clear() { t.within(0, t.cache.Clear) }

func (t *table) len() (n int64) {
	t.within(0, func() { n = t.cache.MaxCost() - t.cache.RemainingCost() })
	return n
}

func (t *table) hit(key uint64) { t.lane(key).hits.Add(1) }

func (t *table) hits() (n uint64) {
	for i := range t.lanes {
		n += t.lanes[i].hits.Load()
	}
	return n
}

func (t *table) close() {
	for i := range t.lanes {
		t.lanes[i].Lock()
	}
	closed := t.closed
	t.closed = true
	for i := range t.lanes {
		t.lanes[i].Unlock()
	}
	if !closed {
		t.cache.Close() // nobody is inside, and nobody gets in any more
	}
}
