package bench_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
)

// BenchmarkScale measures what the number of tokens costs: the same operations on tables
// of different sizes, which are all filled before the first measurement. The environment
// says which: AWXGATE_SCALE_SQLITE and AWXGATE_SCALE_POSTGRES are lists such as
// "10000,1000000"; empty ones leave the store out.
//
// AWXGATE_SCALE_ROUNDS is how often everything is measured, the tables by turns: what else
// the machine does in the meantime then slows none of them more than the others.
func BenchmarkScale(b *testing.B) {
	describe("go-version", runtime.Version())
	describe("date", time.Now().UTC().Format("2006-01-02"))
	filled := []struct {
		store  string
		tables []*table
	}{
		{"sqlite", fill(b, "AWXGATE_SCALE_SQLITE", openSQLite)},
		{"postgres", fill(b, "AWXGATE_SCALE_POSTGRES", openPostgres(b))},
	}
	for _, f := range filled {
		for _, t := range f.tables {
			t.wake(b)
			t.before = t.cached(b)
		}
	}
	syscall.Sync() // or the first measurements share the disk with what the filling left to write
	rounds := int64(1)
	if text := os.Getenv("AWXGATE_SCALE_ROUNDS"); text != "" {
		rounds = number(b, text)
	}
	for _, operation := range []struct {
		name    string
		measure func(*testing.B, *table)
	}{
		{"lookup", lookUp},
		{"lookup-unknown", lookUpUnknown},
		{"lookup-parallel", lookUpParallel},
		{"issue", issue},
		{"list", list},
		{"list-deep", listDeep},
		{"purge-some", purgeSome},
		{"purge", purge},
	} {
		b.Run(operation.name, func(b *testing.B) {
			for _, f := range filled {
				if len(f.tables) == 0 {
					continue
				}
				b.Run(f.store, func(b *testing.B) {
					for range rounds {
						for _, t := range f.tables {
							b.Run(fmt.Sprintf("rows=%d", t.rows), func(b *testing.B) { operation.measure(b, t) })
						}
					}
				})
			}
		})
	}
}

// describe writes a line of configuration, as the format of benchmarks calls it.
func describe(key, value string) { fmt.Printf("%s: %s\n", key, value) }

// fill opens and fills a table for each number of rows that a variable lists.
func fill(b *testing.B, variable string, open func(b *testing.B) *table) (tables []*table) {
	b.Helper()
	sizes, ok := os.LookupEnv(variable)
	if !ok {
		sizes = "1000,10000" // seconds, so that make bench stays quick
	}
	for size := range strings.FieldsFuncSeq(sizes, func(r rune) bool { return r == ',' }) {
		rows := number(b, size)
		began := time.Now()
		t := open(b)
		t.fill(b, rows)
		b.Logf("%s: %d rows filled in %s", variable, rows, time.Since(began).Round(time.Second))
		tables = append(tables, t)
	}
	return tables
}

// lookUp reads the row of a token, each time of another one.
func lookUp(b *testing.B, t *table) {
	random := t.random()
	for b.Loop() {
		t.find(b, random.Int64N(t.rows)+1)
	}
	if hits := t.cached(b); hits.all > t.before.all {
		b.ReportMetric(100*float64(hits.found-t.before.found)/float64(hits.all-t.before.all), "buffer-hit-%")
	}
	b.ReportMetric(float64(t.bytes)/float64(t.rows), "disk-B/token")
}

func lookUpUnknown(b *testing.B, t *table) {
	random := t.random()
	for b.Loop() {
		_, err := t.TokenByDigest(b.Context(), digest(-random.Int64N(t.rows)-1))
		if !errors.Is(err, tokencore.ErrNotFound) {
			b.Fatal(err)
		}
	}
}

// lookUpParallel has more callers than the stores have connections.
func lookUpParallel(b *testing.B, t *table) {
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		random := t.random()
		for pb.Next() {
			t.find(b, random.Int64N(t.rows)+1)
		}
	})
}

func issue(b *testing.B, t *table) {
	for b.Loop() {
		t.issue(b)
	}
}

// list shows somebody the first page of their tokens, with their number.
func list(b *testing.B, t *table) {
	random := t.random()
	for b.Loop() {
		user := random.Int64N(t.users()) + 1
		rows, _, err := t.Tokens(b.Context(), tokencore.Query{Where: tokencore.Eq("user", user), Limit: pageSize})
		must(b, err)
		if len(rows) != pageSize {
			b.Fatalf("a page of %d", len(rows))
		}
	}
}

const pageSize = 25

// listDeep shows an administrator the page in the middle of all tokens, with their number.
func listDeep(b *testing.B, t *table) {
	for b.Loop() {
		rows, count, err := t.Tokens(b.Context(), tokencore.Query{Offset: int(t.rows / 2), Limit: pageSize})
		must(b, err)
		if len(rows) != pageSize || int64(count) < t.rows {
			b.Fatalf("a page of %d of %d", len(rows), count)
		}
	}
}

// purgeSome is a clean-up that finds 1,000 dead tokens among the others, 100 of them with
// a refresh token that is dead, too.
func purgeSome(b *testing.B, t *table) {
	const dead = 1000
	service, err := tokencore.New(t, local.New(t, local.Config{}), tokencore.Config{})
	must(b, err)
	for b.Loop() {
		b.StopTimer()
		t.insert(b, batch{count: dead, created: time.Now().Add(-2 * lifetime), refreshEvery: refreshEvery})
		b.StartTimer()
		cleaned, err := service.Cleanup(b.Context())
		must(b, err)
		if want := (tokencore.Cleaned{AccessTokens: dead, RefreshTokens: dead / refreshEvery}); cleaned != want {
			b.Fatalf("cleaned %+v, want %+v", cleaned, want)
		}
	}
	perRow(b, dead)
}

// purge is one batch of a clean-up when all tokens have expired.
func purge(b *testing.B, t *table) {
	const dead = 500
	must(b, t.service.ChangeSettings(b.Context(), tokencore.Actor{}, keepRefreshTokens))
	for b.Loop() {
		b.StopTimer()
		t.insert(b, batch{count: dead, created: time.Now()})
		pages := &firstPages{Store: t, left: 2} // the first is of those with dead refresh tokens, of which there are none
		service, err := tokencore.New(pages, local.New(t, local.Config{}), tokencore.Config{Now: func() time.Time {
			return time.Now().Add(2 * lifetime)
		}})
		must(b, err)
		b.StartTimer()
		cleaned, err := service.Cleanup(b.Context())
		if !errors.Is(err, errEnough) {
			b.Fatal(err)
		}
		if want := (tokencore.Cleaned{AccessTokens: dead}); cleaned != want {
			b.Fatalf("cleaned %+v, want %+v", cleaned, want)
		}
	}
	perRow(b, dead)
}

// perRow replaces the time of an operation by that of each row.
func perRow(b *testing.B, rows int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
	b.ReportMetric(0, "ns/op") // leaves it out
}
