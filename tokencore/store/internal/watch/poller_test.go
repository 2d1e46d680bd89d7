package watch_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/watch"
)

func TestPoller_TellsLostOnceAndRestoredWithWhatWasMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		missed := tokencore.Change{Kind: tokencore.ChangeToken, ID: 7}
		answers := []struct {
			changes []tokencore.Change
			err     error
		}{{nil, nil}, {nil, broken}, {nil, broken}, {[]tokencore.Change{missed}, nil}, {nil, nil}, {nil, broken}}
		polls := 0
		var heard []tokencore.Change
		p := watch.Poller{
			Poll: func(context.Context) ([]tokencore.Change, error) {
				answer := answers[min(polls, len(answers)-1)]
				polls++
				return answer.changes, answer.err
			},
			Interval: time.Second, Timeout: time.Second,
			Deliver: func(changes ...tokencore.Change) { heard = append(heard, changes...) },
			Finish:  func() {},
		}
		p.Start()
		for range answers {
			synctest.Wait()
			time.Sleep(time.Second) // the bubble's clock
		}
		p.Stop()
		want := []tokencore.Change{
			{Kind: tokencore.FeedLost}, missed, {Kind: tokencore.FeedRestored}, {Kind: tokencore.FeedLost},
		}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	})
}

func TestPoller_APollThatHangsIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := make(chan tokencore.Change, 1)
		const timeout = 700 * time.Millisecond
		p := watch.Poller{
			Poll: func(ctx context.Context) ([]tokencore.Change, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
			Interval: time.Second, Timeout: timeout,
			Deliver: func(changes ...tokencore.Change) { heard <- changes[0] },
			Finish:  func() {},
		}
		began := time.Now()
		p.Start()
		if got := <-heard; got.Kind != tokencore.FeedLost {
			t.Errorf("heard %v", got)
		}
		if waited := time.Since(began); waited != timeout {
			t.Errorf("after %v, want %v", waited, timeout)
		}
		p.Stop()
	})
}
