package tokencache

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// paused makes the source wait, between the read and the answer, for the returned release.
func (s *source) paused(read func() (*tokencore.Principal, error)) (release func()) {
	gate := make(chan struct{})
	s.set(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		p, err := read()
		<-gate
		return p, err
	})
	return func() { close(gate) }
}

func live() (*tokencore.Principal, error) { return alice(), nil }

// ask starts a Verify and returns where its error will be.
func (b *bench) ask(ctx context.Context) <-chan error {
	answered := make(chan error, 1)
	go func() {
		_, err := b.view.Verify(ctx, digestOf("a"))
		answered <- err
	}()
	return answered
}

func TestLoad_AThousandFirstUsesAreOneQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{})
		release := b.source.paused(live)
		var waiting []<-chan error
		for range 1000 {
			waiting = append(waiting, b.ask(t.Context()))
		}
		synctest.Wait()
		release()
		for _, answered := range waiting {
			if err := <-answered; err != nil {
				t.Fatal(err)
			}
		}
		if got := b.source.calls.Load(); got != 1 {
			t.Errorf("%d questions, want 1", got)
		}
	})
}

func TestLoad_OneCallerGivingUpDoesNotFailTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{})
		release := b.source.paused(live)
		ctx, giveUp := context.WithCancel(t.Context())
		first := b.ask(ctx)
		synctest.Wait()
		second := b.ask(t.Context())
		synctest.Wait()
		giveUp()
		if err := <-first; !errors.Is(err, tokencore.ErrUnavailable) || !errors.Is(err, context.Canceled) {
			t.Errorf("first caller: %v", err)
		}
		release()
		if err := <-second; err != nil {
			t.Errorf("second caller: %v", err)
		}
		if got := b.source.calls.Load(); got != 1 {
			t.Errorf("%d questions, want 1", got)
		}
	})
}

func TestLoad_NobodyJoinsAnAnswerThatIsOlderThanARevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{})
		release := b.source.paused(live) // has read the row, has not answered
		early := b.ask(t.Context())
		synctest.Wait()

		b.source.fail(tokencore.ErrInvalidToken)
		b.feed.deliver(tokencore.ChangeToken, 7) // the revocation answers here
		late := b.ask(t.Context())
		if err := <-late; !errors.Is(err, tokencore.ErrInvalidToken) {
			t.Errorf("after the revocation: %v", err)
		}
		release()
		if err := <-early; err != nil && !errors.Is(err, tokencore.ErrInvalidToken) { // either is right
			t.Errorf("the early look-up: %v", err)
		}
		b.table.cache.Wait()
		if err := <-b.ask(t.Context()); !errors.Is(err, tokencore.ErrInvalidToken) {
			t.Errorf("after the early look-up ended: %v", err)
		}
	})
}

func TestLoad_NobodyJoinsARefusalThatIsOlderThanTheIssue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{})
		release := b.source.paused(func() (*tokencore.Principal, error) { return nil, tokencore.ErrInvalidToken })
		early := b.ask(t.Context())
		synctest.Wait()

		b.source.live(alice())
		b.feed.deliver(tokencore.ChangeIssued, digestOf("a").Key())
		if err := <-b.ask(t.Context()); err != nil {
			t.Errorf("after the issue: %v", err)
		}
		release()
		if err := <-early; err != nil && !errors.Is(err, tokencore.ErrInvalidToken) { // either is right
			t.Errorf("the early look-up: %v", err)
		}
		if err := <-b.ask(t.Context()); err != nil {
			t.Errorf("after the early look-up ended: %v", err)
		}
	})
}

func TestLoad_HangingLookUpIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, Config{LoadTimeout: 5 * time.Second})
		release := b.source.paused(live) // does not look at its context
		started := time.Now()
		first := b.ask(t.Context())
		if err := <-first; !errors.Is(err, tokencore.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hanging: %v", err)
		}
		if waited := time.Since(started); waited != 5*time.Second {
			t.Errorf("waited %v, want 5s", waited)
		}
		b.source.live(alice())
		if err := <-b.ask(t.Context()); err != nil {
			t.Errorf("the next one joined it: %v", err)
		}
		release()
	})
}

func TestLoad_LookUpKeepsTheValuesOfTheRequestAndHasADeadline(t *testing.T) {
	type key struct{}
	b := newBench(t, Config{})
	b.source.set(func(ctx context.Context, _ tokencore.Digest) (*tokencore.Principal, error) {
		if _, ok := ctx.Deadline(); !ok || ctx.Value(key{}) != "trace" {
			t.Error("no deadline or no value")
		}
		return alice(), nil
	})
	if _, err := b.view.Verify(context.WithValue(t.Context(), key{}, "trace"), digestOf("a")); err != nil {
		t.Error(err)
	}
}

func TestLoad_PanicIsAnOutage(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":  func() { panic("index out of range") },
		"Goexit": runtime.Goexit,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, Config{})
			b.source.set(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
				end()
				return alice(), nil
			})
			b.wants(t, "a", tokencore.ErrUnavailable, 1)
			b.source.live(alice())
			b.wants(t, "a", nil, 2)
		})
	}
}

func TestVerify_PanicIsAnOutageAlsoWhileTheFeedIsLost(t *testing.T) {
	b := newBench(t, Config{})
	b.feed.deliver(tokencore.FeedLost, 0)
	b.source.set(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) { panic("nil map") })
	_, err := b.view.Verify(t.Context(), digestOf("a"))
	if !errors.Is(err, tokencore.ErrUnavailable) || !strings.Contains(err.Error(), "nil map") {
		t.Errorf("error %v", err)
	}
}

func TestResolve_AnswerThatSomethingChangedUnderIsAskedForAgain(t *testing.T) {
	b := newBench(t, Config{})
	b.source.set(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		if b.source.calls.Load() == 1 {
			b.feed.deliver(tokencore.ChangeUser, 99)
		}
		return alice(), nil
	})
	b.wants(t, "a", nil, 2)
	b.wants(t, "a", nil, 2)
}

func TestResolve_EndlessChangesDoNotKeepAnybodyWaiting(t *testing.T) {
	b := newBench(t, Config{})
	b.source.set(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		b.feed.deliver(tokencore.ChangeUser, 99)
		return alice(), nil
	})
	b.wants(t, "a", nil, 2)
	b.wants(t, "a", nil, 4) // answered, not remembered
}
