package memory

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
}

type watcher struct {
	ctx context.Context //nolint:containedctx // it is the life of the registration, nothing is done with it
	f   func(tokencore.Change)
}

func (w *watchers) add(ctx context.Context, f func(tokencore.Change)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.all == nil {
		w.all = make(map[int]watcher)
	}
	w.next++
	id := w.next
	w.all[id] = watcher{ctx, f}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all, id)
	})
}

// deliver calls outside of the lock, so that a function may end its own watch.
func (w *watchers) deliver(changes []tokencore.Change) {
	w.mu.Lock()
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
