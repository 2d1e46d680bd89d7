package tokenwatch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// Feed is the part of a tokencore.Store that a Watch needs.
type Feed interface {
	Watch(ctx context.Context, f func(tokencore.Change))
}

// Config tunes a Watch. The zero Config works.
type Config struct {
	// Interval is how often every held token is verified anew. Default: 5s.
	Interval time.Duration
	// Grace is how long a token is believed after it was verified last, while the store
	// or the directory cannot be asked. Default: 30s.
	Grace time.Duration
	// Timeout bounds one verification. Default: 2s.
	Timeout time.Duration
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Interval <= 0 {
		c.Interval = 5 * time.Second
	}
	if c.Grace <= 0 {
		c.Grace = 30 * time.Second
	}
	if c.Timeout <= 0 {
		c.Timeout = 2 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Watch holds contexts for tokens of one store. It outlives the Services that verify them.
type Watch struct {
	config Config
	stop   context.CancelFunc
	wake   chan struct{}
	ended  sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	tokens  map[tokencore.Digest]*token
	queue   queue
	failing bool // the last verification got no answer
	counts  Stats
}

// token is one that somebody holds a context for.
type token struct {
	digest    tokencore.Digest
	verifier  tokencore.Verifier // of the latest holder
	holds     map[*hold]struct{}
	principal *tokencore.Principal // nil until it was verified
	verified  time.Time            // when that was asked for
	changes   int                  // that may concern it
	due       time.Time            // for the next verification; zero: at once
	place     int                  // in the queue
}

// hold is one context.
type hold struct {
	required tokencore.Scope
	end      context.CancelCauseFunc
}

// New returns a Watch that follows the changes of a store. Close it before the store.
func New(feed Feed, config Config) *Watch {
	w := &Watch{config: config.withDefaults(), wake: make(chan struct{}, 1), tokens: make(map[tokencore.Digest]*token)}
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	feed.Watch(ctx, w.apply)
	w.ended.Go(func() { w.run(ctx) })
	return w
}

// Close ends every context that is still held, as nobody would any more, and waits for a
// verification that is under way. It may be called more than once.
func (w *Watch) Close() {
	w.stop()
	w.mu.Lock()
	w.closed = true
	for _, t := range w.tokens {
		w.drop(t, errClosed)
	}
	w.mu.Unlock()
	w.ended.Wait()
}

var errClosed = fmt.Errorf("tokens are not watched any more: %w", tokencore.ErrUnavailable)

// Hold returns a context that ends when the token ceases to be good for the scope; its
// cause then matches tokencore.ErrInvalidToken, ErrScope or ErrUnavailable. It verifies the
// token first; the error is what a Verifier says, or ErrScope.
//
// Call release when the connection is over, also to end what still depends on it.
func (w *Watch) Hold(
	ctx context.Context, digest tokencore.Digest, v tokencore.Verifier, required tokencore.Scope,
) (held context.Context, release context.CancelFunc, err error) {
	held, end := context.WithCancelCause(ctx)
	h := &hold{required: required, end: end}
	t, err := w.add(digest, v, h)
	if err != nil {
		end(err)
		return nil, nil, err
	}
	release = func() {
		w.remove(t, h)
		end(context.Canceled)
	}
	// Whatever is committed from here on is told about; what was before, this look-up sees.
	if err = w.verify(ctx, t); err == nil && held.Err() != nil {
		err = context.Cause(held)
	}
	if err != nil {
		release()
		return nil, nil, err
	}
	return held, release, nil
}

func (w *Watch) add(digest tokencore.Digest, v tokencore.Verifier, h *hold) (*token, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, errClosed
	}
	t := w.tokens[digest]
	if t == nil {
		t = &token{digest: digest, holds: make(map[*hold]struct{}), due: w.config.Now().Add(w.config.Interval)}
		w.tokens[digest] = t
		w.queue.add(t)
		w.signal() // it may be the first, or due before the others
	}
	t.verifier = v
	t.holds[h] = struct{}{}
	w.counts.Held++
	return t, nil
}

// remove forgets a hold, unless it has been ended, and its token with the last one.
func (w *Watch) remove(t *token, h *hold) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, held := t.holds[h]; !held {
		return
	}
	delete(t.holds, h)
	w.counts.Held--
	if len(t.holds) == 0 {
		w.forget(t)
	}
}

func (w *Watch) forget(t *token) {
	delete(w.tokens, t.digest)
	w.queue.remove(t)
}

// signal wakes the worker; one signal does for any number of reasons.
func (w *Watch) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}
