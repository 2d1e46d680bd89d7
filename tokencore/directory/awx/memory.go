package awx

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// retryAfter is how long a known answer is used after a failure before AWX is asked again,
// so that not every request waits for an AWX that hangs.
const retryAfter = time.Second

// memory remembers AWX's answers to one kind of question. The age of an answer counts from
// the moment before AWX was asked.
type memory[K comparable, V any] struct {
	ttl, grace, timeout time.Duration
	now                 func() time.Time
	failures            *failures

	mu      sync.Mutex
	known   *recent[K, answer[V]]
	absent  *recent[K, time.Time] // when AWX was asked; apart, so that it cannot push out what is known
	flights map[K]*flight[V]
	changed time.Time // answers to earlier questions are old, whatever their age
}

type answer[V any] struct {
	value V
	asked time.Time
	retry time.Time // after a failure: when to ask again
}

// flight is a question that several callers wait for. Who began it asks on behalf of all,
// within its own request: there is no goroutine that could be left behind.
type flight[V any] struct {
	asked     time.Time
	done      chan struct{}
	value     V
	err       error
	abandoned bool // the time of who asked was up; those who wait may have more
	failed    bool // AWX did not answer, or not in time
}

func newMemory[K comparable, V any](config Config, failures *failures) *memory[K, V] {
	return &memory[K, V]{
		ttl: config.TTL, grace: config.Grace, timeout: config.Timeout, now: config.Now, failures: failures,
		known: newRecent[K, answer[V]](config.MaxEntries), absent: newRecent[K, time.Time](config.MaxEntries),
		flights: map[K]*flight[V]{},
	}
}

// get returns what is known, or asks. Every error but ErrNotFound is a technical one.
func (m *memory[K, V]) get(ctx context.Context, key K, find func(context.Context) (V, error)) (V, error) {
	var none V
	for {
		f, lead := m.board(key)
		if lead {
			m.ask(ctx, key, f, find)
			return m.settle(ctx, key, f.value, f.err)
		}
		select {
		case <-f.done:
			if !f.abandoned {
				return m.settle(ctx, key, f.value, f.err)
			}
		case <-ctx.Done():
			return m.settle(ctx, key, none, fmt.Errorf("waiting for AWX: %w", ctx.Err()))
		}
	}
}

// board returns the flight that brings the answer, and whether the caller has to carry it
// out. A flight that began a TTL ago is not joined: what it brings may be too old already.
func (m *memory[K, V]) board(key K) (f *flight[V], lead bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if a, ok := m.known.get(key); ok && (m.fresh(now, a.asked) || now.Before(a.retry) && m.lasts(now, a)) {
		return &flight[V]{done: landed, value: a.value}, false
	}
	if asked, ok := m.absent.get(key); ok && m.fresh(now, asked) {
		return &flight[V]{done: landed, err: tokencore.ErrNotFound}, false
	}
	if f := m.flights[key]; f != nil && m.fresh(now, f.asked) {
		return f, false
	}
	f = &flight[V]{asked: now, done: make(chan struct{}), err: errNoAnswer}
	m.flights[key] = f
	return f, true
}

// ask carries a flight out. It lands whatever happens, also a panic in find.
func (m *memory[K, V]) ask(ctx context.Context, key K, f *flight[V], find func(context.Context) (V, error)) {
	defer m.land(key, f)
	asking, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	f.value, f.err = find(asking)
	if f.err == nil || errors.Is(f.err, tokencore.ErrNotFound) {
		return
	}
	f.abandoned = ctx.Err() != nil
	if f.failed = !canceled(ctx); f.failed {
		m.failures.note(ctx, f.err)
	}
}

func (m *memory[K, V]) land(key K, f *flight[V]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer close(f.done)
	if m.flights[key] == f { // a later one may have taken its place
		delete(m.flights, key)
	}
	a, known := m.known.get(key)
	asked, absent := m.absent.get(key)
	if known && a.asked.After(f.asked) || absent && asked.After(f.asked) {
		return // a later flight was faster
	}
	switch {
	case f.err == nil:
		m.absent.drop(key)
		m.known.put(key, answer[V]{value: f.value, asked: f.asked})
	case errors.Is(f.err, tokencore.ErrNotFound):
		m.known.drop(key)
		m.absent.put(key, f.asked)
	case known && f.failed:
		a.retry = m.now().Add(retryAfter)
		m.known.set(key, a)
	}
}

// settle puts what was known before in the place of a failure, as long as it lasts.
func (m *memory[K, V]) settle(ctx context.Context, key K, value V, err error) (V, error) {
	if err == nil || errors.Is(err, tokencore.ErrNotFound) || canceled(ctx) {
		return value, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if a, ok := m.known.get(key); ok && m.lasts(m.now(), a) {
		return a.value, nil
	}
	return value, err
}

// recheck makes what is known old. It stays what is known while AWX cannot be asked.
func (m *memory[K, V]) recheck() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed = m.now()
}

// fresh reports whether an answer to a question of that time need not be asked for again.
func (m *memory[K, V]) fresh(now, asked time.Time) bool {
	return within(now, asked, m.ttl) && (m.changed.IsZero() || asked.After(m.changed))
}

// lasts reports whether an answer may be used while AWX cannot be asked. The sum of both
// times could overflow.
func (m *memory[K, V]) lasts(now time.Time, a answer[V]) bool {
	return within(now, a.asked, m.ttl) || within(now.Add(-m.ttl), a.asked, m.grace)
}

// within reports whether a moment lies less than a time ago. One that lies ahead does not:
// a clock that was put back must not make an answer last.
func within(now, moment time.Time, most time.Duration) bool {
	age := now.Sub(moment)
	return age >= 0 && age < most
}

// canceled reports whether the caller went away. That is no failure of AWX's: whoever sends
// requests and drops them must not keep alive what AWX would deny.
func canceled(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

// landed is the end of a flight that was over before anybody waited for it.
var landed = func() chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}()

var errNoAnswer = errors.New("the look-up ended without an answer")
