package tokencache

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// nothing is a store that takes every write.
type nothing struct{}

func (nothing) Update(context.Context, func(tokencore.Tx) error) error { return nil }

// uses is a store that remembers batches, after waiting for its gate, if it has one.
type uses struct {
	gate chan struct{}
	err  error

	mu      sync.Mutex
	batches [][]tokencore.TokenUse
}

type usesTx struct {
	tokencore.Tx
	store *uses
}

func (u *uses) Update(_ context.Context, fn func(tokencore.Tx) error) error {
	if u.gate != nil {
		<-u.gate
	}
	if u.err != nil {
		return u.err
	}
	return fn(usesTx{store: u})
}

func (tx usesTx) TouchTokens(_ context.Context, batch []tokencore.TokenUse) error {
	tx.store.mu.Lock()
	defer tx.store.mu.Unlock()
	tx.store.batches = append(tx.store.batches, append([]tokencore.TokenUse(nil), batch...))
	return nil
}

func token(id int64) *tokencore.Principal { return &tokencore.Principal{TokenID: id} }

func TestUsage_WritesInBatchesOncePerMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &uses{}
		u := NewUsage(store, UsageConfig{})
		defer u.Close()
		started := time.Now().UTC()
		for range 3 {
			u.Used(token(1), netip.MustParseAddr("::ffff:192.0.2.1"))
			u.Used(token(2), netip.Addr{})
			u.Used(token(2+1<<16), netip.MustParseAddr("2001:db8::1")) // the place of token 2
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		u.Used(token(1), netip.MustParseAddr("192.0.2.9")) // the same minute
		time.Sleep(time.Minute)
		again := time.Now().UTC()
		u.Used(token(1), netip.MustParseAddr("192.0.2.9"))
		u.Close()

		want := [][]tokencore.TokenUse{
			{
				{TokenID: 1, Time: started, From: "192.0.2.1"},
				{TokenID: 2, Time: started},
				{TokenID: 2 + 1<<16, Time: started, From: "2001:db8::1"},
			},
			{{TokenID: 1, Time: again, From: "192.0.2.9"}},
		}
		if diff := cmp.Diff(want, store.batches); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(UsageStats{Written: 4}, u.Stats()); diff != "" {
			t.Errorf("stats (-want +got):\n%s", diff)
		}
	})
}

func TestUsage_NeverWaitsForTheStore(t *testing.T) {
	store := &uses{gate: make(chan struct{})}
	u := NewUsage(store, UsageConfig{Buffer: 10, Interval: time.Hour})
	const used = 2 * usageBatch
	for id := range int64(used) {
		u.Used(token(id+1), netip.Addr{}) // would hang if it waited: nobody opens the gate
	}
	if got := u.Stats().Dropped; got == 0 {
		t.Error("nothing was dropped")
	}
	close(store.gate)
	u.Close()
	if got := u.Stats(); got.Written+got.Dropped != used {
		t.Errorf("stats %+v do not add up to %d", got, used)
	}
}

func TestUsage_FailedWriteIsCountedAndForgotten(t *testing.T) {
	u := NewUsage(&uses{err: errors.New("disk full")}, UsageConfig{})
	u.Used(token(1), netip.Addr{})
	u.Close()
	if diff := cmp.Diff(UsageStats{Failed: 1}, u.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestUsage_UseAfterCloseIsDropped(t *testing.T) {
	u := NewUsage(&uses{}, UsageConfig{})
	u.Close()
	u.Close()
	u.Used(token(1), netip.Addr{})
	if diff := cmp.Diff(UsageStats{Dropped: 1}, u.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestUsage_ClockThatIsSetBackDoesNotSilenceATokenForLong(t *testing.T) {
	store, c := &uses{}, &clock{}
	u := NewUsage(store, UsageConfig{Now: c.now})
	c.advance(24 * time.Hour)
	u.Used(token(1), netip.Addr{})
	c.advance(-24 * time.Hour)
	u.Used(token(1), netip.Addr{})
	u.Close()
	if got := u.Stats().Written; got != 2 {
		t.Errorf("%d written, want 2", got)
	}
}

func TestUsage_LastUseReachesTheStore(t *testing.T) {
	service, user := newService(t)
	id, digest := issue(t, service, user)
	p, err := service.Verify(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	u := NewUsage(service.Store(), UsageConfig{})
	u.Used(p, netip.MustParseAddr("192.0.2.1"))
	u.Close()
	stored, err := service.Store().Token(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if stored.LastUsed.IsZero() || stored.LastUsedFrom != "192.0.2.1" {
		t.Errorf("last used %v from %q", stored.LastUsed, stored.LastUsedFrom)
	}
}
