package caddymodule

import (
	"sync/atomic"

	"github.com/awxgate/awxgate/tokencore/tokencache"
)

// stats is what the metrics and the admin endpoint tell.
type stats struct {
	Ready   bool         `json:"ready"`
	Cache   cacheStats   `json:"cache"`
	Uses    useStats     `json:"token_uses"`
	Refused refusedStats `json:"refused"`
}

type cacheStats struct {
	Hits         uint64 `json:"hits"`
	NegativeHits uint64 `json:"negative_hits"`
	Misses       uint64 `json:"misses"`
	Stale        uint64 `json:"stale"`
	Loads        uint64 `json:"loads"`
	LoadErrors   uint64 `json:"load_errors"`
	Evictions    uint64 `json:"evictions"`
	Entries      int64  `json:"entries"`
}

type useStats struct {
	Written uint64 `json:"written"`
	Dropped uint64 `json:"dropped"`
	Failed  uint64 `json:"failed"`
}

type refusedStats struct {
	Invalid     uint64 `json:"invalid"`
	Scope       uint64 `json:"scope"`
	Unavailable uint64 `json:"unavailable"`
}

// outcomes counts refusals. What was accepted, the cache counts.
type outcomes struct {
	invalid, scope, unavailable atomic.Uint64
}

// stats reads the counters one by one, while others count.
func (c *core) stats() stats {
	s := stats{Refused: refusedStats{
		Invalid:     c.refused.invalid.Load(),
		Scope:       c.refused.scope.Load(),
		Unavailable: c.refused.unavailable.Load(),
	}}
	if o := c.opened.Load(); o != nil {
		s.Ready, s.Cache, s.Uses = true, cacheStats(o.cache.Stats()), useStats(o.usage.Stats())
	}
	return s
}

// The conversions above hold only while the fields are the same.
var (
	_ = cacheStats(tokencache.Stats{})
	_ = useStats(tokencache.UsageStats{})
)
