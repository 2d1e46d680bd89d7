package tokencache

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

// flight is one look-up that several callers wait for.
//
// golang.org/x/sync/singleflight does not do here. It lets a caller join whatever is under
// way, also a look-up that read the row before a revocation which has answered since; and
// a panic in a shared look-up ends the process. Here a caller joins only if nothing was
// delivered between the start of the flight and its own: then the read, which comes after
// the start, knows of every revocation that answered before the caller came.
type flight struct {
	since   mark            // noted before anything is read
	overdue <-chan struct{} // closed when nobody should wait any longer
	done    chan struct{}   // closed when the answer is there

	principal *tokencore.Principal
	err       error
}

// load asks for a token, together with whoever asks for it at the same time.
func (v *view) load(ctx context.Context, key uint64, digest tokencore.Digest) (*tokencore.Principal, error) {
	f := v.board(ctx, key, digest)
	if f == nil {
		return v.ask(ctx, digest)
	}
	select {
	case <-f.done:
	case <-ctx.Done():
	case <-f.overdue:
	}
	select {
	case <-f.done:
		return f.principal, f.err
	default:
	}
	err := ctx.Err()
	if err == nil {
		err = context.DeadlineExceeded
	}
	return nil, fmt.Errorf("waiting for the look-up of a token: %w: %w", tokencore.ErrUnavailable, err)
}

// board joins the flight for a digest or starts one; nil once the Cache is closed.
func (v *view) board(ctx context.Context, key uint64, digest tokencore.Digest) *flight {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.cache.epochs.mark(digest)
	if f := v.flights[digest]; f != nil && f.since == now && !f.isOverdue() {
		return f
	}
	// The caller who starts a flight may give up; the others must not suffer for it.
	loading, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.cache.config.LoadTimeout)
	f := &flight{since: now, overdue: loading.Done(), done: make(chan struct{})}
	started := v.cache.start(func() {
		defer cancel()
		defer v.land(digest, f)
		f.principal, f.err = v.resolve(loading, key, digest, now)
	})
	if !started {
		cancel()
		return nil
	}
	v.flights[digest] = f
	return f
}

// land ends a flight, also one whose goroutine was ended from within the look-up.
func (v *view) land(digest tokencore.Digest, f *flight) {
	if f.principal == nil && f.err == nil {
		f.err = fmt.Errorf("verifying token: %w: %w", tokencore.ErrUnavailable, errNoAnswer)
	}
	v.mu.Lock()
	if v.flights[digest] == f { // a newer flight may have taken its place
		delete(v.flights, digest)
	}
	v.mu.Unlock()
	close(f.done)
}

func (f *flight) isOverdue() bool {
	select {
	case <-f.overdue:
		return true
	default:
		return false
	}
}
