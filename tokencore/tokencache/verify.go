package tokencache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var errNoAnswer = errors.New("the verifier gave no definite answer")

// view is a Cache in front of one Verifier.
type view struct {
	cache *Cache
	next  tokencore.Verifier

	mu      sync.Mutex
	flights map[tokencore.Digest]*flight
}

// Verify implements tokencore.Verifier. A hit allocates nothing and waits for nobody.
func (v *view) Verify(ctx context.Context, digest tokencore.Digest) (*tokencore.Principal, error) {
	c := v.cache
	if c.closed.Load() || c.epochs.blind.Load() {
		c.counts.misses.Add(1)
		return v.ask(ctx, digest)
	}
	key := c.keyOf(digest)
	if p := c.recall(key, digest); p != nil {
		return p, nil
	}
	if err := c.refused.of(key, digest, c.epochs.mark(digest), c.config.Now()); err != nil {
		c.counts.negativeHits.Add(1)
		return nil, err
	}
	c.counts.misses.Add(1)
	return v.load(ctx, key, digest)
}

// recall returns what is remembered of a live token and still true, or nil.
func (c *Cache) recall(key uint64, digest tokencore.Digest) *tokencore.Principal {
	e := c.table.get(key)
	if e == nil || !e.digest.Equal(digest) {
		return nil
	}
	if c.epochs.stamp(digest, e.principal) != e.stamp {
		c.counts.stale.Add(1)
		return nil
	}
	if now := c.config.Now(); !now.Before(e.until) || !now.Before(e.principal.Expires) {
		return nil
	}
	c.table.hit(key)
	return e.principal
}

// resolve asks next and remembers the answer. An answer that something changed under is
// asked for once more, and then given without being remembered.
func (v *view) resolve(ctx context.Context, key uint64, digest tokencore.Digest, before mark) (*tokencore.Principal, error) {
	asked := v.cache.config.Now()
	p, err := v.ask(ctx, digest)
	if v.cache.keep(key, digest, before, asked, p, err) {
		return p, err
	}
	before, asked = v.cache.epochs.mark(digest), v.cache.config.Now()
	p, err = v.ask(ctx, digest)
	v.cache.keep(key, digest, before, asked, p, err)
	return p, err
}

// keep remembers an answer that was asked for at that time, after before was noted. It is
// false if the answer may have changed meanwhile. See epochs for why this order is safe.
func (c *Cache) keep(key uint64, digest tokencore.Digest, before mark, asked time.Time, p *tokencore.Principal, err error) bool {
	switch {
	case err == nil:
		now := c.epochs.stamp(digest, p)
		if c.epochs.mark(digest) != before {
			return false
		}
		c.table.put(key, &entry{digest: digest, principal: p, stamp: now, until: asked.Add(c.config.TTL)})
	case errors.Is(err, tokencore.ErrUnavailable): // unknown: neither remembered nor asked for again
	default:
		if c.epochs.mark(digest) != before {
			return false
		}
		c.refused.put(key, &refusal{digest: digest, since: before, until: asked.Add(c.config.NegativeTTL), err: err})
		c.table.drop(key, digest)
	}
	return true
}

// ask asks next and holds it to the promise of Verifier, even if it panics: other
// requests wait for the answer, and the goroutine has nobody above it who recovers.
func (v *view) ask(ctx context.Context, digest tokencore.Digest) (p *tokencore.Principal, err error) {
	counts := &v.cache.counts
	defer func() {
		if cause := recover(); cause != nil {
			p, err = nil, fmt.Errorf("verifying token: %w: panic: %v", tokencore.ErrUnavailable, cause)
		}
		if errors.Is(err, tokencore.ErrUnavailable) {
			counts.loadErrors.Add(1)
		}
	}()
	counts.loads.Add(1)
	p, err = v.next.Verify(ctx, digest)
	switch {
	case err == nil && p != nil:
		return p, nil
	case err == nil:
		err = errNoAnswer
	case errors.Is(err, tokencore.ErrUnavailable):
		return nil, err
	case errors.Is(err, tokencore.ErrInvalidToken):
		return nil, err
	}
	return nil, fmt.Errorf("verifying token: %w: %w", tokencore.ErrUnavailable, err)
}

var _ tokencore.Verifier = (*view)(nil)
