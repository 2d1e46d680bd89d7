package postgres_test

import (
	"sync/atomic"
	"testing"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

const benchTokens = 10_000

func BenchmarkTokenByDigest(b *testing.B) {
	s := opened(b, database(b), postgres.Options{})
	err := s.Update(b.Context(), func(tx tokencore.Tx) error {
		for n := range int64(benchTokens) {
			if err := tx.CreateToken(b.Context(), new(numbered(n))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.TokenByDigest(b.Context(), numbered(next.Add(1)%benchTokens).Digest); err != nil {
				b.Error(err)
			}
		}
	})
}

// Writers of all nodes queue, so this is what they reach together, disk included.
func BenchmarkUpdate_CreateToken(b *testing.B) {
	c := pgtest.Start(b, pgtest.Options{})
	s := opened(b, c.Database(b), postgres.Options{Migrate: true})
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			token := numbered(next.Add(1))
			if err := s.Update(b.Context(), func(tx tokencore.Tx) error { return tx.CreateToken(b.Context(), &token) }); err != nil {
				b.Error(err)
			}
		}
	})
}
