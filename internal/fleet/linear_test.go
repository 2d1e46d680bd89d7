package fleet_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

func TestWhatClientsSeeIsExplainedByThePromise(t *testing.T) {
	f := started(t, pgtest.Shared(t), fleet.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
	defer cancel()
	record(ctx, f, 2).judge(t, generous)
}

func TestWhatClientsSeeIsExplainedByThePromise_WhileConnectionsAreCut(t *testing.T) {
	f := started(t, pgtest.Shared(t), fleet.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for ctx.Err() == nil {
			if err := cutOnce(t.Context(), f); err != nil {
				t.Error(err)
			}
			// Long enough for the nodes to trust their memories again.
			if err := f.AwaitHealth(t.Context()); err != nil {
				t.Error(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	})
	seen := record(ctx, f, 2)
	cutting.Wait()
	seen.judge(t, bound)
}
