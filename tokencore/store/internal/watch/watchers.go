// Package watch delivers changes to the functions that a store's Watch was given.
package watch

import (
	"context"
	"sync"

	"github.com/awxgate/awxgate/tokencore"
)

// Watchers are the functions that want to hear of changes. The zero value has none.
type Watchers struct {
	mu   sync.Mutex
	next int
	all  map[int]watcher
	lost bool // the feed is lost, which a new watcher must know
}

type watcher struct {
	ctx context.Context //nolint:containedctx // it is the life of the registration, nothing is done with it
	f   func(tokencore.Change)
}

// Add registers f until ctx is done. While the feed is lost, f hears of that first.
func (w *Watchers) Add(ctx context.Context, f func(tokencore.Change)) {
	w.mu.Lock()
	if w.all == nil {
		w.all = make(map[int]watcher)
	}
	w.next++
	id := w.next
	w.all[id] = watcher{ctx, f}
	lost := w.lost
	w.mu.Unlock()
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, id)
	})
	if lost {
		f(tokencore.Change{Kind: tokencore.FeedLost})
	}
}

// Deliver calls every function with every change, in order, before it returns. It
// holds no lock meanwhile, so that a function may end its own watch.
func (w *Watchers) Deliver(changes ...tokencore.Change) {
	w.mu.Lock()
	for _, change := range changes {
		switch change.Kind {
		case tokencore.FeedLost:
			w.lost = true
		case tokencore.FeedRestored:
			w.lost = false
		default:
		}
	}
	listening := make([]watcher, 0, len(w.all))
	for _, one := range w.all {
		listening = append(listening, one)
	}
	w.mu.Unlock()
	for _, one := range listening {
		for _, change := range changes {
			if one.ctx.Err() != nil {
				break
			}
			one.f(change)
		}
	}
}

// Committed delivers what a transaction has changed, unless that failed.
func (w *Watchers) Committed(changes []tokencore.Change, err error) error {
	if err == nil {
		w.Deliver(changes...)
	}
	return err
}
