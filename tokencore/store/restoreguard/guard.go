package restoreguard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoremark"
)

// Store is what a guard watches.
type Store interface {
	tokencore.Store
	restoremark.Store
}

const (
	period   = 2 * time.Second        // between two looks
	pressing = 200 * time.Millisecond // the same while tokens are refused
	patience = 5 * time.Second        // for one look
	queued   = 10_000                 // changes that wait to be written
)

// Guard watches one store. Use Open.
type Guard struct {
	store Store
	log   *slog.Logger

	restored atomic.Bool // the store lacks what is remembered
	// Each time the feed is lost or comes back there is a doubt, which the next look settles.
	// Only a look that began after it does.
	doubts, settled atomic.Uint64

	begin   sync.Once
	ctx     context.Context //nolint:containedctx // the life of the goroutine
	cancel  context.CancelFunc
	running sync.WaitGroup
	wake    chan struct{}

	mu      sync.Mutex // of the fields below; held while looking
	files   files
	mark    restoremark.Mark // what is on disk; zero: nothing yet
	journal *journal

	seenMu  sync.Mutex
	seen    []entry // not in the journal yet
	purgers map[*func()]struct{}
}

// files are where a guard remembers, for each installation that uses the directory.
type files struct{ mark, journal string }

func filesOf(directory, installation string) files {
	base := filepath.Join(directory, "restore-"+installation)
	return files{mark: base + ".mark", journal: base + ".log"}
}

// Open compares a store with what is remembered of it in a directory, and writes nothing. That
// the store was restored is no error; see Restored.
func Open(ctx context.Context, store Store, directory string, log *slog.Logger) (*Guard, error) {
	now, err := store.HighWater(ctx)
	if err != nil {
		return nil, err
	}
	g := &Guard{
		store: store, log: log, wake: make(chan struct{}, 1),
		files: filesOf(directory, now.Installation), purgers: make(map[*func()]struct{}),
	}
	if g.mark, g.journal, err = g.files.read(); err != nil {
		return nil, err
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	store.Watch(g.ctx, g.hear)
	if _, err := g.judge(ctx); err != nil {
		g.cancel()
		return nil, err
	}
	return g, nil
}

func (f files) read() (mark restoremark.Mark, j *journal, err error) {
	mark, err = restoremark.Load(f.mark)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return mark, nil, err
	}
	j, err = openJournal(f.journal)
	return mark, j, err
}

// Start begins to remember. It may be called again.
func (g *Guard) Start() { g.begin.Do(func() { g.running.Go(g.run) }) }

// Close remembers the last changes and ends.
func (g *Guard) Close() {
	started := true
	g.begin.Do(func() { started = false })
	g.cancel()
	g.running.Wait()
	if started {
		g.look()
	}
}

// Restored reports whether tokens are refused because the store lacks what is remembered.
func (g *Guard) Restored() bool { return g.restored.Load() }

// Err is nil, or an error that matches tokencore.ErrUnavailable while tokens are refused.
func (g *Guard) Err() error {
	if g.restored.Load() || g.settled.Load() != g.doubts.Load() {
		return errRefused
	}
	return nil
}

var errRefused = fmt.Errorf("the store may have been restored from a backup: %w", tokencore.ErrUnavailable)

// OnTurn calls f whenever tokens begin to be refused or accepted, until stop is called.
func (g *Guard) OnTurn(f func()) (stop func()) {
	g.seenMu.Lock()
	defer g.seenMu.Unlock()
	g.purgers[&f] = struct{}{}
	return func() {
		g.seenMu.Lock()
		defer g.seenMu.Unlock()
		delete(g.purgers, &f)
	}
}

func (g *Guard) turn(restored bool) {
	if g.restored.Swap(restored) == restored {
		return
	}
	g.seenMu.Lock()
	defer g.seenMu.Unlock()
	for f := range g.purgers {
		(*f)()
	}
}

func (g *Guard) run() {
	for {
		g.look()
		pause := period
		if g.Err() != nil {
			pause = pressing
		}
		select {
		case <-g.ctx.Done():
			return
		case <-g.wake:
		case <-time.After(pause):
		}
	}
}

// hear is called by the store for every change.
func (g *Guard) hear(c tokencore.Change) {
	switch c.Kind {
	case tokencore.ChangeToken, tokencore.ChangeUser, tokencore.ChangeApplication:
		g.seenMu.Lock()
		if len(g.seen) < queued {
			g.seen = append(g.seen, entry{at: time.Now(), kind: c.Kind, id: c.ID})
		}
		g.seenMu.Unlock()
		return
	case tokencore.FeedLost, tokencore.FeedRestored:
		g.doubts.Add(1)
	case tokencore.ChangeSettings, tokencore.ChangeAll: // perhaps an acceptance
	default:
		return
	}
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// look judges the store, and remembers what it has become if it can be trusted.
func (g *Guard) look() {
	ctx, cancel := context.WithTimeout(context.Background(), patience) // also the last time, when g.ctx is done
	defer cancel()
	now, err := g.judge(ctx)
	if err == nil {
		err = g.remember(now)
	}
	if err != nil && !errors.Is(err, tokencore.ErrUnavailable) {
		g.log.Error("what is known about the token store could not be kept", "error", err)
	}
}
