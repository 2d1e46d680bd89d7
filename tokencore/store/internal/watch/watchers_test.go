package watch_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/watch"
)

func TestWatchers_ANewOneHearsThatTheFeedIsLost(t *testing.T) {
	var w watch.Watchers
	lost := tokencore.Change{Kind: tokencore.FeedLost}
	restored := tokencore.Change{Kind: tokencore.FeedRestored}
	listen := func() *[]tokencore.Change {
		heard := new([]tokencore.Change)
		w.Add(t.Context(), func(c tokencore.Change) { *heard = append(*heard, c) })
		return heard
	}
	first := listen()
	w.Deliver(lost)
	second := listen()
	w.Deliver(restored)
	third := listen()
	for name, test := range map[string]struct{ got, want []tokencore.Change }{
		"before": {*first, []tokencore.Change{lost, restored}},
		"while":  {*second, []tokencore.Change{lost, restored}},
		"after":  {*third, nil},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWatchers_AFunctionMayEndItsOwnWatch(t *testing.T) {
	var w watch.Watchers
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	w.Add(ctx, func(tokencore.Change) { calls++; cancel() })
	change := tokencore.Change{Kind: tokencore.ChangeAll}
	w.Deliver(change, change)
	w.Deliver(change)
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}
