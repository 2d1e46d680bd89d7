package tokencache

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

func TestNew_NeedsAStore(t *testing.T) {
	if _, err := New(nil, Config{}); err == nil {
		t.Error("no error")
	}
}

func TestVerify_SecondTimeIsAnsweredFromMemory(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.wants(t, "a", nil, 1)
	p, _ := b.verify(t, "a")
	if diff := cmp.Diff(alice(), p); diff != "" {
		t.Errorf("principal (-want +got):\n%s", diff)
	}
	want := Stats{Hits: 2, Misses: 1, Loads: 1, Entries: 1}
	if diff := cmp.Diff(want, b.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestVerify_EveryKindOfChangeEndsAnEntry(t *testing.T) {
	tests := []struct {
		name  string
		kind  tokencore.ChangeKind
		id    int64
		stale bool
	}{
		{"its token", tokencore.ChangeToken, 7, true},
		{"its user", tokencore.ChangeUser, 3, true},
		{"its application", tokencore.ChangeApplication, 5, true},
		{"everything", tokencore.ChangeAll, 0, true},
		{"a restored feed", tokencore.FeedRestored, 0, true},
		{"a kind of the future", 99, 0, true},
		{"a token on the same stripe", tokencore.ChangeToken, 7 + stripes, true},
		{"another token", tokencore.ChangeToken, 8, false},
		{"another user", tokencore.ChangeUser, 7, false},
		{"another application", tokencore.ChangeApplication, 7, false},
		{"its digest, announced as gone", tokencore.ChangeIssued, digestOf("a").Key(), true},
		{"another digest", tokencore.ChangeIssued, digestOf("a").Key() + 1, false},
		{"a setting", tokencore.ChangeSettings, 7, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.source.live(alice())
			b.wants(t, "a", nil, 1)
			b.feed.deliver(tt.kind, tt.id)
			calls := int64(1)
			if tt.stale {
				calls++
			}
			b.wants(t, "a", nil, calls)
			if got := b.Stats().Stale; got != uint64(calls-1) {
				t.Errorf("%d stale", got)
			}
			b.wants(t, "a", nil, calls) // and it is remembered again
		})
	}
}

func TestVerify_HitLooksAtTheExpiryOfTheToken(t *testing.T) {
	b := newBench(t, Config{TTL: 24 * time.Hour})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.source.fail(tokencore.ErrInvalidToken) // what a Service says of an expired token
	b.clock.advance(time.Hour - 1)
	b.wants(t, "a", nil, 1)
	b.clock.advance(1)
	b.wants(t, "a", tokencore.ErrInvalidToken, 2)
}

func TestVerify_RefusalIsRememberedWithItsReason(t *testing.T) {
	b := newBench(t, Config{})
	b.source.fail(tokencore.ErrUnknownToken)
	b.wants(t, "a", tokencore.ErrUnknownToken, 1)
	b.wants(t, "a", tokencore.ErrUnknownToken, 1)
}

func TestVerify_EntryIsTrustedForItsTTL(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.clock.advance(30*time.Second - 1)
	b.wants(t, "a", nil, 1)
	b.clock.advance(1)
	b.wants(t, "a", nil, 2)
	b.wants(t, "a", nil, 2)
}

func TestVerify_RefusalIsRemembered(t *testing.T) {
	tests := []struct {
		name  string
		event func(b *bench)
		again bool
	}{
		{"nothing happens", func(*bench) {}, false},
		{"it is issued", func(b *bench) { b.feed.deliver(tokencore.ChangeIssued, digestOf("a").Key()) }, true},
		{"another is issued", func(b *bench) { b.feed.deliver(tokencore.ChangeIssued, digestOf("a").Key()+1) }, false},
		{"a user is enabled", func(b *bench) { b.feed.deliver(tokencore.ChangeUser, 3) }, true},
		{"a token is prolonged", func(b *bench) { b.feed.deliver(tokencore.ChangeToken, 7) }, true},
		{"anything may have changed", func(b *bench) { b.feed.deliver(tokencore.ChangeAll, 0) }, true},
		{"its time is not over", func(b *bench) { b.clock.advance(10*time.Second - 1) }, false},
		{"its time is over", func(b *bench) { b.clock.advance(10 * time.Second) }, true},
		{"a purge", func(b *bench) { b.Purge() }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.wants(t, "a", tokencore.ErrInvalidToken, 1)
			tt.event(b)
			if b.source.live(alice()); tt.again {
				b.wants(t, "a", nil, 2)
			} else {
				b.wants(t, "a", tokencore.ErrInvalidToken, 1)
			}
		})
	}
}

func TestVerify_ErrorsAreNeverRemembered(t *testing.T) {
	b := newBench(t, Config{})
	for i, err := range []error{
		fmt.Errorf("looking up: %w", tokencore.ErrUnavailable),
		errors.New("an error that no Verifier may return"),
		fmt.Errorf("%w and %w", tokencore.ErrInvalidToken, tokencore.ErrUnavailable),
	} {
		b.source.fail(err)
		b.wants(t, "a", tokencore.ErrUnavailable, int64(i)+1)
	}
	b.source.live(nil)
	b.wants(t, "a", tokencore.ErrUnavailable, 4)
	b.source.live(alice())
	b.wants(t, "a", nil, 5)
	if got := b.Stats().LoadErrors; got != 4 {
		t.Errorf("%d load errors, want 4", got)
	}
}

func TestVerify_OutageDoesNotEndAnEntryNorReviveOne(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.source.fail(tokencore.ErrUnavailable)
	b.wants(t, "a", nil, 1)
	b.feed.deliver(tokencore.ChangeToken, 7)
	b.wants(t, "a", tokencore.ErrUnavailable, 2)
	b.source.fail(tokencore.ErrInvalidToken)
	b.wants(t, "a", tokencore.ErrInvalidToken, 3)
	if got := b.Stats().Entries; got != 0 {
		t.Errorf("%d entries, want the dead one gone", got)
	}
}

func TestVerify_NothingIsTrustedWhileTheFeedIsLost(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.feed.deliver(tokencore.FeedLost, 0)
	b.wants(t, "a", nil, 2)
	b.wants(t, "a", nil, 3)
	b.source.fail(tokencore.ErrUnavailable)
	b.wants(t, "a", tokencore.ErrUnavailable, 4)
	b.source.fail(tokencore.ErrInvalidToken)
	b.wants(t, "a", tokencore.ErrInvalidToken, 5)
	b.wants(t, "a", tokencore.ErrInvalidToken, 6)

	b.feed.deliver(tokencore.FeedRestored, 0)
	b.source.live(alice())
	b.wants(t, "a", nil, 7)
	b.wants(t, "a", nil, 7)
}

func TestVerify_CollidingKeysAreNotConfused(t *testing.T) {
	parts := newBench(t, Config{})
	c, err := newCache(parts.feed, Config{Now: parts.clock.now}, func(tokencore.Digest) uint64 { return 1 })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := &bench{Cache: c, feed: parts.feed, source: parts.source, clock: parts.clock, view: c.Verifier(parts.source)}

	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.wants(t, "a", nil, 1)
	b.source.fail(tokencore.ErrInvalidToken)
	b.wants(t, "b", tokencore.ErrInvalidToken, 2) // not alice
	b.wants(t, "b", tokencore.ErrInvalidToken, 2)
	b.wants(t, "a", nil, 2) // the refusal of b did not push alice out
	b.wants(t, "c", tokencore.ErrInvalidToken, 3)
	b.wants(t, "b", tokencore.ErrInvalidToken, 4) // the refusal of c took its place
}

func TestVerify_ViewsShareTheMemory(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.view = b.Verifier(b.source) // as after a reload
	b.wants(t, "a", nil, 1)
}

func TestPurge_ForgetsEverything(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	b.Purge()
	if got := b.Stats().Entries; got != 0 {
		t.Errorf("%d entries", got)
	}
	b.wants(t, "a", nil, 2)
}

func TestClose_OthersGoOnWithoutTheMemory(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	if _, err := b.view.Verify(t.Context(), digestOf("a")); err != nil {
		t.Fatal(err)
	}
	b.Close()
	b.Close()
	b.Purge()
	for range 3 {
		if _, err := b.view.Verify(t.Context(), digestOf("a")); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.source.calls.Load(); got != 4 {
		t.Errorf("%d questions, want 4", got)
	}
	if got := b.Stats().Entries; got != 0 {
		t.Errorf("%d entries", got)
	}
}

func TestRefusals_FloodCannotPushOutGoodTokens(t *testing.T) {
	const good = 100
	b := newBench(t, Config{Entries: good})
	b.source.live(alice())
	for i := range int64(good) {
		b.wants(t, fmt.Sprint("good", i), nil, i+1)
	}
	b.source.fail(tokencore.ErrInvalidToken)
	for i := range 50_000 {
		if _, err := b.view.Verify(t.Context(), digestOf(fmt.Sprint("bad", i))); !errors.Is(err, tokencore.ErrInvalidToken) {
			t.Fatal(err)
		}
	}
	for i := range good {
		b.wants(t, fmt.Sprint("good", i), nil, good+50_000)
	}
}
