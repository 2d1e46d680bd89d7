package sqlite_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

const benchTokens = 10_000

func BenchmarkTokenByDigest(b *testing.B) {
	s := filled(b)
	digests := make([]tokencore.Digest, benchTokens)
	for i := range digests {
		digests[i] = numbered(int64(i + 1)).Digest
	}
	b.Run("one caller", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := s.TokenByDigest(b.Context(), digests[i%benchTokens]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("many callers", func(b *testing.B) {
		var next atomic.Int64
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.TokenByDigest(b.Context(), digests[next.Add(1)%benchTokens]); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

func BenchmarkUpdate_CreateToken(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "store.db"))
	b.Cleanup(func() { _ = s.Close() })
	b.ReportAllocs()
	for n := int64(1); b.Loop(); n++ {
		token := numbered(n)
		if err := s.Update(b.Context(), func(tx tokencore.Tx) error { return tx.CreateToken(b.Context(), &token) }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTokens_Page(b *testing.B) {
	s := filled(b)
	query := tokencore.Query{Where: tokencore.Eq("user", int64(1)), Offset: 500, Limit: 25}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Tokens(b.Context(), query); err != nil {
			b.Fatal(err)
		}
	}
}

func filled(b *testing.B) *sqlite.Store {
	b.Helper()
	s := open(b, filepath.Join(b.TempDir(), "store.db"))
	b.Cleanup(func() { _ = s.Close() })
	err := s.Update(b.Context(), func(tx tokencore.Tx) error {
		for n := range int64(benchTokens) {
			token := numbered(n + 1)
			if err := tx.CreateToken(b.Context(), &token); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}
