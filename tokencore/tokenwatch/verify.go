package tokenwatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// retry is how soon a token is verified again when there was no answer.
const retry = time.Second

// run verifies whatever is due until Close ends the context.
func (w *Watch) run(ctx context.Context) {
	for ctx.Err() == nil {
		t, wait := w.next()
		if t != nil {
			_ = w.verify(ctx, t) // the holds are told
			continue
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-time.After(wait):
		}
	}
}

// next returns a token that is due, or how long none will be.
func (w *Watch) next() (*token, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.config.Now()
	for len(w.queue) > 0 {
		t := w.queue[0]
		if wait := t.due.Sub(now); wait > 0 {
			return nil, wait
		}
		if !w.failing || !w.lapsed(t, now) {
			return t, 0
		}
		// While each look-up takes its whole timeout, the tokens behind would wait for
		// their turn far beyond their grace.
		w.drop(t, errLapsed)
	}
	return nil, w.config.Interval // or until the first comes
}

var errLapsed = fmt.Errorf("could not be verified for too long: %w", tokencore.ErrUnavailable)

// lapsed reports whether the last good answer is too old to go on with.
func (w *Watch) lapsed(t *token, now time.Time) bool { return now.Sub(t.verified) >= w.config.Grace }

// verify asks whether a token is good, and ends the contexts for which it is not.
func (w *Watch) verify(ctx context.Context, t *token) error {
	w.mu.Lock()
	v, before := t.verifier, t.changes
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, w.config.Timeout)
	defer cancel()
	asked := w.config.Now()
	p, err := ask(ctx, v, t.digest)
	w.settle(t, before, asked, p, err)
	return err
}

// ask holds a Verifier to its promise, even if it panics: above the worker nobody recovers.
func ask(ctx context.Context, v tokencore.Verifier, digest tokencore.Digest) (p *tokencore.Principal, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p, err = nil, fmt.Errorf("verifying token: %w: panic: %v", tokencore.ErrUnavailable, cause)
		}
	}()
	p, err = v.Verify(ctx, digest)
	switch {
	case err == nil && p == nil:
		return nil, fmt.Errorf("verifying token: %w: no answer", tokencore.ErrUnavailable)
	case err == nil, errors.Is(err, tokencore.ErrUnavailable), errors.Is(err, tokencore.ErrInvalidToken):
		return p, err
	default:
		return nil, fmt.Errorf("verifying token: %w: %w", tokencore.ErrUnavailable, err)
	}
}

// settle draws the consequences of an answer that was asked for at that time, when so
// many changes were known.
func (w *Watch) settle(t *token, before int, asked time.Time, p *tokencore.Principal, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tokens[t.digest] != t {
		return // nobody holds it any more
	}
	w.failing = errors.Is(err, tokencore.ErrUnavailable)
	switch {
	case err == nil:
		t.principal, t.verified = p, asked
		t.due = earliest(asked.Add(w.config.Interval), p.Expires)
		w.dropBeyond(t, p.Scope)
	case !w.failing:
		w.drop(t, err)
		return
	default:
		now := w.config.Now()
		switch {
		case t.principal != nil && !now.Before(t.principal.Expires): // that needs no store
			w.drop(t, tokencore.ErrInvalidToken)
			return
		case w.lapsed(t, now):
			w.drop(t, err)
			return
		}
		t.due = earliest(now.Add(min(retry, w.config.Interval)), t.verified.Add(w.config.Grace))
	}
	if len(t.holds) == 0 {
		return // the last went with its scope
	}
	if !w.failing && t.changes != before {
		t.due = time.Time{} // the answer may be from before the change
	}
	w.queue.moved(t)
	w.signal()
}

// apply marks the tokens that a change may concern. It never asks the store.
func (w *Watch) apply(c tokencore.Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	marked := false
	for _, t := range w.tokens {
		if t.concerns(c) {
			t.changes++
			t.due = time.Time{}
			marked = true
		}
	}
	if marked {
		w.queue.sort()
		w.signal()
	}
}

// concerns reports whether a change may make a difference. Of a token that was not verified
// yet nobody knows whose it is.
func (t *token) concerns(c tokencore.Change) bool {
	p := t.principal
	switch c.Kind {
	case tokencore.ChangeIssued:
		return c.ID == t.digest.Key()
	case tokencore.ChangeToken:
		return p == nil || p.TokenID == c.ID
	case tokencore.ChangeUser:
		return p == nil || p.User.ID == c.ID
	case tokencore.ChangeApplication:
		return p == nil || p.ApplicationID == c.ID
	case tokencore.ChangeAll, tokencore.FeedLost, tokencore.FeedRestored:
		return true
	default: // ChangeSettings ends no token
		return false
	}
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
