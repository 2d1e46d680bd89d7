package tokencache

import "sync/atomic"

// Stats counts what a Cache did since New.
type Stats struct {
	Hits         uint64 // answered from memory: live
	NegativeHits uint64 // answered from memory: refused
	Misses       uint64 // everything else, Stale included
	Stale        uint64 // remembered, but something had changed
	Loads        uint64 // questions to the next Verifier
	LoadErrors   uint64 // of these, without a definite answer
	Evictions    uint64 // entries that went for lack of room, or by Purge
	Entries      int64  // live tokens remembered now
}

type counts struct {
	negativeHits, misses, stale, loads, loadErrors, evictions atomic.Uint64
}

// Stats returns the counters. They are read one by one while others count.
func (c *Cache) Stats() Stats {
	return Stats{
		Hits:         c.table.hits(),
		NegativeHits: c.counts.negativeHits.Load(),
		Misses:       c.counts.misses.Load(),
		Stale:        c.counts.stale.Load(),
		Loads:        c.counts.loads.Load(),
		LoadErrors:   c.counts.loadErrors.Load(),
		Evictions:    c.counts.evictions.Load(),
		Entries:      c.table.len(),
	}
}
