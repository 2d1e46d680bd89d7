package sqlite

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

func TestFeed_TellsLostOnceAndRestoredWithWhatWasMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		missed := tokencore.Change{Kind: tokencore.ChangeToken, ID: 7}
		answers := []struct {
			changes []tokencore.Change
			err     error
		}{{nil, nil}, {nil, broken}, {nil, broken}, {[]tokencore.Change{missed}, nil}, {nil, nil}, {nil, broken}}
		polls := 0
		var heard []tokencore.Change
		f := newFeed(time.Second,
			func(context.Context) ([]tokencore.Change, error) {
				answer := answers[min(polls, len(answers)-1)]
				polls++
				return answer.changes, answer.err
			},
			func(changes ...tokencore.Change) { heard = append(heard, changes...) },
			func() {})
		f.start()
		for range answers {
			synctest.Wait()
			time.Sleep(time.Second) // the bubble's clock
		}
		f.stop()
		want := []tokencore.Change{
			{Kind: tokencore.FeedLost}, missed, {Kind: tokencore.FeedRestored}, {Kind: tokencore.FeedLost},
		}
		if diff := cmp.Diff(want, heard); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	})
}

func TestFeed_APollThatHangsIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := make(chan tokencore.Change, 1)
		f := newFeed(time.Second,
			func(ctx context.Context) ([]tokencore.Change, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
			func(changes ...tokencore.Change) { heard <- changes[0] },
			func() {})
		began := time.Now()
		f.start()
		if got := <-heard; got.Kind != tokencore.FeedLost {
			t.Errorf("heard %v", got)
		}
		if waited := time.Since(began); waited != pollTimeout {
			t.Errorf("after %v, want %v", waited, pollTimeout)
		}
		f.stop()
	})
}

func TestReaders_CannotWrite(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir()+"/store.db", Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.readers.ExecContext(t.Context(), `DELETE FROM settings`); err == nil {
		t.Error("a reader has written")
	}
}
