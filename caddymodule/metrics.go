package caddymodule

import (
	"fmt"

	"github.com/caddyserver/caddy/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// collector reads the counters of a core when metrics are scraped. The core survives
// reloads, and so do the counts; no label names a user, a token or a path.
type collector struct{ core *core }

var (
	metricLookups = prometheus.NewDesc("awxgate_cache_lookups_total",
		"Tokens looked up in the cache, by result: hit, negative_hit, miss.", []string{"result"}, nil)
	metricStale = prometheus.NewDesc("awxgate_cache_stale_total",
		"Cached tokens that were asked for again because something had changed.", nil, nil)
	metricLoads = prometheus.NewDesc("awxgate_cache_loads_total",
		"Tokens asked for in the store, by result: ok, error.", []string{"result"}, nil)
	metricEvictions = prometheus.NewDesc("awxgate_cache_evictions_total",
		"Cached tokens that went for lack of room, or by a purge.", nil, nil)
	metricEntries = prometheus.NewDesc("awxgate_cache_entries",
		"Tokens in the cache.", nil, nil)
	metricRefused = prometheus.NewDesc("awxgate_requests_refused_total",
		"Requests refused, by reason: none, invalid, scope, unavailable, path, origin.", []string{"reason"}, nil)
	metricWouldRefuse = prometheus.NewDesc("awxgate_requests_would_refuse_total",
		"Requests that were passed on because of a trial, by the reason for which they would be refused.", []string{"reason"}, nil)
	metricWebSockets = prometheus.NewDesc("awxgate_websockets",
		"WebSockets that are open with a token.", nil, nil)
	metricWebSocketsClosed = prometheus.NewDesc("awxgate_websockets_closed_total",
		"WebSockets closed because their token ceased to be good, by reason: invalid, scope, unavailable.", []string{"reason"}, nil)
	metricUses = prometheus.NewDesc("awxgate_token_uses_total",
		"Last uses of tokens for the store, by result: written, dropped, failed.", []string{"result"}, nil)
	metricReady = prometheus.NewDesc("awxgate_ready",
		"1 once the store is open.", nil, nil)
	metricRestored = prometheus.NewDesc("awxgate_restore_detected",
		"1 while every token is refused because the store was restored from a backup.", nil, nil)
	metricFeedConnected = prometheus.NewDesc("awxgate_feed_connected",
		"1 while the changes of other gateways arrive.", nil, nil)
	metricFeedLosses = prometheus.NewDesc("awxgate_feed_losses_total",
		"How often the changes of other gateways ceased to arrive.", nil, nil)
	metricFeedGap = prometheus.NewDesc("awxgate_feed_gap_seconds_total",
		"How long the changes of other gateways did not arrive.", nil, nil)
	metricFeedLag = prometheus.NewDesc("awxgate_feed_lag_seconds",
		"How long the last notification took from this gateway through the database and back.", nil, nil)
	metricConnections = prometheus.NewDesc("awxgate_database_connections",
		"Connections to the database, by state: busy, idle.", []string{"state"}, nil)
	metricConnectionsMax = prometheus.NewDesc("awxgate_database_connections_max",
		"The most connections at once.", nil, nil)
	metricConnectionWaits = prometheus.NewDesc("awxgate_database_connection_waits_total",
		"How often somebody had to wait for a connection.", nil, nil)
)

// registerMetrics registers the one collector of a configuration; each has a registry
// of its own.
func registerMetrics(ctx caddy.Context, c *core) error {
	registry := ctx.GetMetricsRegistry()
	if registry == nil {
		return nil
	}
	if err := registry.Register(collector{c}); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	return nil
}

// Describe implements prometheus.Collector.
func (collector) Describe(descriptions chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		metricLookups, metricStale, metricLoads, metricEvictions, metricEntries, metricRefused, metricWouldRefuse,
		metricWebSockets, metricWebSocketsClosed, metricUses, metricReady, metricRestored,
		metricFeedConnected, metricFeedLosses, metricFeedGap, metricFeedLag, metricConnections, metricConnectionsMax, metricConnectionWaits,
	} {
		descriptions <- d
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(metrics chan<- prometheus.Metric) {
	s := c.core.stats()
	count := func(d *prometheus.Desc, value uint64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	s.Refused.each(func(reason string, n uint64) { count(metricRefused, n, reason) })
	s.WouldRefuse.each(func(reason string, n uint64) { count(metricWouldRefuse, n, reason) })
	gauge(metricWebSockets, float64(s.WebSockets.Held))
	count(metricWebSocketsClosed, s.WebSockets.EndedInvalid, reasonInvalid)
	count(metricWebSocketsClosed, s.WebSockets.EndedScope, reasonScope)
	count(metricWebSocketsClosed, s.WebSockets.EndedUnavailable, reasonUnavailable)
	count(metricLookups, s.Cache.Hits, "hit")
	count(metricLookups, s.Cache.NegativeHits, "negative_hit")
	count(metricLookups, s.Cache.Misses, "miss")
	count(metricStale, s.Cache.Stale)
	count(metricLoads, s.Cache.Loads-s.Cache.LoadErrors, "ok")
	count(metricLoads, s.Cache.LoadErrors, "error")
	count(metricEvictions, s.Cache.Evictions)
	gauge(metricEntries, float64(s.Cache.Entries))
	count(metricUses, s.Uses.Written, "written")
	count(metricUses, s.Uses.Dropped, "dropped")
	count(metricUses, s.Uses.Failed, "failed")
	gauge(metricReady, oneIf(s.Ready))
	gauge(metricRestored, oneIf(s.Restored))
	if feed := s.Feed; feed != nil {
		gauge(metricFeedConnected, oneIf(feed.Connected))
		count(metricFeedLosses, feed.Losses)
		metrics <- prometheus.MustNewConstMetric(metricFeedGap, prometheus.CounterValue, feed.GapSeconds)
		gauge(metricFeedLag, feed.LagSeconds)
	}
	if pool := s.Pool; pool != nil {
		gauge(metricConnections, float64(pool.Busy), "busy")
		gauge(metricConnections, float64(pool.Open-pool.Busy), "idle")
		gauge(metricConnectionsMax, float64(pool.Max))
		count(metricConnectionWaits, pool.Waits)
	}
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

var _ prometheus.Collector = collector{}
