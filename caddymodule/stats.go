package caddymodule

import (
	"sync/atomic"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/tokencache"
	"github.com/awxgate/awxgate/tokencore/tokenwatch"
)

// stats is what the metrics and the admin endpoint tell.
type stats struct {
	Ready bool `json:"ready"`
	// Every token is refused, because the store was restored from a backup.
	Restored bool         `json:"restore_detected"`
	Cache    cacheStats   `json:"cache"`
	Uses     useStats     `json:"token_uses"`
	Refused  refusedStats `json:"refused"`
	// On trial: what was passed on all the same.
	WouldRefuse refusedStats   `json:"would_refuse"`
	WebSockets  webSocketStats `json:"websockets"`
	Feed        *feedStats     `json:"feed,omitempty"`     // only of a store that several gateways share
	Pool        *poolStats     `json:"database,omitempty"` // only of a store behind a network
}

// feedStats says how the changes of other gateways arrive.
type feedStats struct {
	Connected  bool    `json:"connected"`
	Losses     uint64  `json:"losses"`
	GapSeconds float64 `json:"gap_seconds"`
	LagSeconds float64 `json:"lag_seconds"`
}

type poolStats struct {
	Max   int    `json:"max"`
	Open  int    `json:"open"`
	Busy  int    `json:"busy"`
	Waits uint64 `json:"waits"`
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
	None        uint64 `json:"none"`
	Invalid     uint64 `json:"invalid"`
	Scope       uint64 `json:"scope"`
	Unavailable uint64 `json:"unavailable"`
	Path        uint64 `json:"path"`
	Origin      uint64 `json:"origin"`
}

// webSocketStats is about those that were opened with a token.
type webSocketStats struct {
	Held             int64  `json:"open"`
	EndedInvalid     uint64 `json:"closed_invalid"`
	EndedScope       uint64 `json:"closed_scope"`
	EndedUnavailable uint64 `json:"closed_unavailable"`
}

// outcomes counts refusals. What was accepted, the cache counts.
type outcomes struct {
	none, invalid, scope, unavailable, path, origin atomic.Uint64
}

func (o *outcomes) count(err error) {
	switch reasonOf(err) {
	case reasonNone:
		o.none.Add(1)
	case reasonScope:
		o.scope.Add(1)
	case reasonUnavailable:
		o.unavailable.Add(1)
	case reasonPath:
		o.path.Add(1)
	case reasonOrigin:
		o.origin.Add(1)
	default:
		o.invalid.Add(1)
	}
}

func (o *outcomes) stats() refusedStats {
	return refusedStats{
		None: o.none.Load(), Invalid: o.invalid.Load(), Scope: o.scope.Load(),
		Unavailable: o.unavailable.Load(), Path: o.path.Load(), Origin: o.origin.Load(),
	}
}

func (s refusedStats) each(f func(reason string, count uint64)) {
	f(reasonNone, s.None)
	f(reasonInvalid, s.Invalid)
	f(reasonScope, s.Scope)
	f(reasonUnavailable, s.Unavailable)
	f(reasonPath, s.Path)
	f(reasonOrigin, s.Origin)
}

// stats reads the counters one by one, while others count.
func (c *core) stats() stats {
	s := stats{Refused: c.refused.stats(), WouldRefuse: c.wouldRefuse.stats()}
	if o := c.opened.Load(); o != nil {
		s.Ready, s.Cache, s.Uses = true, cacheStats(o.cache.Stats()), useStats(o.usage.Stats())
		s.WebSockets = webSocketStats(o.watch.Stats())
		s.Feed, s.Pool = sharedStats(o.store)
		s.Restored = o.guard != nil && o.guard.Restored()
	}
	return s
}

// sharedStats asks a store for what only some stores have.
func sharedStats(store tokencore.Store) (feed *feedStats, pool *poolStats) {
	if fed, ok := store.(interface{ FeedStats() postgres.FeedStats }); ok {
		now := fed.FeedStats()
		feed = &feedStats{Connected: !now.Lost, Losses: now.Losses, GapSeconds: now.Gap.Seconds(), LagSeconds: now.Lag.Seconds()}
	}
	if pooled, ok := store.(interface{ PoolStats() postgres.PoolStats }); ok {
		now := poolStats(pooled.PoolStats())
		pool = &now
	}
	return feed, pool
}

// The conversions above hold only while the fields are the same.
var (
	_ = cacheStats(tokencache.Stats{})
	_ = useStats(tokencache.UsageStats{})
	_ = webSocketStats(tokenwatch.Stats{})
	_ = poolStats(postgres.PoolStats{})
)
