package bench_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore/tokencache"
)

// BenchmarkMemory fills a cache with tokens of many users from a database, and measures
// how much of the heap it takes.
func BenchmarkMemory(b *testing.B) {
	const tokens = 100_000
	t := openSQLite(b)
	t.fill(b, tokens)
	for b.Loop() {
		t.find(b, 1) // what the connections take does not count
		before := heap()
		cache, err := tokencache.New(t, tokencache.Config{Entries: tokens, TTL: time.Hour})
		must(b, err)
		empty := heap()
		verifier := cache.Verifier(t.service)
		for range 2 { // ristretto does not take every entry at once
			for n := range int64(tokens) {
				_, err := verifier.Verify(b.Context(), digest(n+1))
				must(b, err)
			}
		}
		full := heap()
		entries := cache.Stats().Entries
		cache.Close()
		b.ReportMetric(float64(entries), "entries")
		b.ReportMetric(float64(empty-before), "empty-B")
		b.ReportMetric(float64(full-empty)/float64(entries), "B/entry")
	}
}

// heap is what is in use after a collection.
func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
