package bench_test

import (
	"fmt"
	"testing"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

// BenchmarkNodes issues tokens on one node while others listen for changes, all on this
// machine: PostgreSQL wakes every listener for every commit.
func BenchmarkNodes(b *testing.B) {
	server := pgtest.Start(b, pgtest.Options{})
	dsn := server.Database(b)
	open := func() *postgres.Store {
		store, err := postgres.Open(b.Context(), dsn, postgres.Options{Migrate: true, MaxConns: 2})
		must(b, err)
		return store
	}
	g := newGateway(b, open())
	nodes := 1
	for _, want := range []int{1, 8, 32} {
		for ; nodes < want; nodes++ {
			store := open()
			b.Cleanup(func() { must(b, store.Close()) })
		}
		b.Run(fmt.Sprintf("nodes=%d", want), func(b *testing.B) {
			for b.Loop() {
				g.issue(b)
			}
		})
	}
}
