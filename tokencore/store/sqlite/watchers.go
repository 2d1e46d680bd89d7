package sqlite

import (
	"context"
	"sync"

	"github.com/awxgate/awxgate/tokencore"
)

// watchers are the functions that want to hear of changes.
type watchers struct {
	mu   sync.Mutex
	next int
	all  map[int]watcher
	lost bool // the feed is lost, which a new watcher must know
}

type watcher struct {
	ctx context.Context //nolint:containedctx // it is the life of the registration, nothing is done with it
	f   func(tokencore.Change)
}

// Watch implements tokencore.Store. The first call starts the feed of changes
// that other processes make; Close ends it.
func (s *Store) Watch(ctx context.Context, f func(tokencore.Change)) {
	s.watchers.add(ctx, f)
	s.start.Do(s.feed.start)
}

func (w *watchers) add(ctx context.Context, f func(tokencore.Change)) {
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

// deliver calls outside of the lock, so that a function may end its own watch.
func (w *watchers) deliver(changes ...tokencore.Change) {
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
