package postgres_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

// Two nodes that clean up at once delete everything between them, and nothing twice.
func TestCleanup_TwoNodesAtOnce(t *testing.T) {
	one, two := pair(t)
	const expired = 1200
	at := time.Now().Add(-time.Hour)
	apply(t, one, func(tx tokencore.Tx) error {
		for n := range int64(expired) {
			token := numbered(n)
			token.Expires = at
			if err := tx.CreateToken(t.Context(), &token); err != nil {
				return err
			}
		}
		return tx.CreateToken(t.Context(), new(numbered(expired)))
	})
	var all sync.WaitGroup
	var deleted atomic.Int64
	for _, s := range []*postgres.Store{one, two} {
		all.Go(func() {
			service, err := tokencore.New(s, local.New(s, local.Config{}), tokencore.Config{})
			if err != nil {
				t.Error(err)
				return
			}
			cleaned, err := service.Cleanup(t.Context())
			if err != nil {
				t.Error(err)
			}
			deleted.Add(int64(cleaned.AccessTokens))
		})
	}
	all.Wait()
	if deleted.Load() != expired {
		t.Errorf("%d deleted, want %d", deleted.Load(), expired)
	}
	if _, left, err := one.Tokens(t.Context(), tokencore.Query{}); err != nil || left != 1 {
		t.Errorf("%d left, %v", left, err)
	}
}
