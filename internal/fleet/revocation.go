package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Revocation is how one revocation became known.
type Revocation struct {
	// AcceptedAtHome counts requests to the node that had answered the revocation, sent
	// after that answer, that were let through. It is to be 0.
	AcceptedAtHome int
	// Elsewhere is how long after the answer the last of the other nodes began to refuse
	// the token. It is measured to the beginning of the first request from which on the
	// node refused, so it is too long by up to one request, never too short.
	Elsewhere time.Duration
	// Accepted counts the requests that other nodes let through within that time.
	Accepted int
}

// pace is the pause between the uses of a token by one client. Without one, the clients
// would take the processors of a small machine from what they measure.
const pace = 500 * time.Microsecond

// MeasureRevocation makes a token, uses it on every node so that all remember it, revokes
// it on one node while clients use it on the others, and waits until all refuse it.
func (f *Fleet) MeasureRevocation(ctx context.Context, home int) (Revocation, error) {
	return f.measure(ctx, home, func() error { return nil })
}

// measure calls before when the token is remembered everywhere.
func (f *Fleet) measure(ctx context.Context, home int, before func() error) (Revocation, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	node := f.Nodes[home]
	token, answer := node.Mint(ctx)
	if answer.Status != http.StatusCreated {
		return Revocation{}, answer.failure()
	}
	for _, n := range f.Nodes {
		for range 2 { // from the store, and from the memory
			if answer := n.UseDefinitely(ctx, token.Access); answer.Status != http.StatusOK {
				return Revocation{}, fmt.Errorf("using a new token: %w", answer.failure())
			}
		}
	}
	var (
		wait    sync.WaitGroup
		ready   sync.WaitGroup
		revoked = new(atomic.Pointer[time.Time])
		uses    = make(chan hammered, len(f.Nodes))
	)
	for i, n := range f.Nodes {
		if i == home {
			continue
		}
		ready.Add(1)
		wait.Go(func() { uses <- n.hammer(ctx, token.Access, ready.Done, revoked) })
	}
	ready.Wait()
	if err := before(); err != nil {
		cancel()
		wait.Wait()
		return Revocation{}, err
	}
	answer = node.Revoke(ctx, token.ID)
	result := Revocation{}
	if answer.Status == http.StatusNoContent {
		for range 3 {
			if node.Use(ctx, token.Access).Status == http.StatusOK {
				result.AcceptedAtHome++
			}
		}
	} else {
		cancel()
	}
	revoked.Store(&answer.Ended)
	wait.Wait()
	close(uses)
	if answer.Status != http.StatusNoContent {
		return Revocation{}, fmt.Errorf("revoking: %w", answer.failure())
	}
	for use := range uses {
		if use.err != nil {
			return Revocation{}, use.err
		}
		result.Elsewhere = max(result.Elsewhere, use.refusing.Sub(answer.Ended))
		result.Accepted += use.after(answer.Ended)
	}
	return result, nil
}

// hammered is what one client saw.
type hammered struct {
	refusing time.Time   // when the first request began from which on the token was refused
	accepted []time.Time // when the others began
	err      error
}

func (h hammered) after(moment time.Time) (n int) {
	for _, began := range h.accepted {
		if began.After(moment) {
			n++
		}
	}
	return n
}

// enough refusals in a row, all sent after the revocation had answered, end the hammering.
const enough = 3

func (n *Node) hammer(ctx context.Context, access string, ready func(), revoked *atomic.Pointer[time.Time]) (h hammered) {
	refusals := 0
	for first := true; ; first = false {
		answer := n.Use(ctx, access)
		if first {
			ready()
		}
		switch {
		case answer.Err != nil:
			h.err = answer.Err
			return h
		case answer.Status == http.StatusOK:
			h.accepted, h.refusing, refusals = append(h.accepted, answer.Began), time.Time{}, 0
		case h.refusing.IsZero():
			h.refusing = answer.Began
		}
		if since := revoked.Load(); since != nil && !h.refusing.IsZero() && answer.Began.After(*since) {
			refusals++
		}
		if refusals == enough {
			return h
		}
		time.Sleep(pace)
	}
}

// MeasureSilentRevocation is MeasureRevocation while no node hears of the changes of
// others: their listening sessions are halted before the token is revoked. It returns
// when all is well again.
func (f *Fleet) MeasureSilentRevocation(ctx context.Context, home int) (_ Revocation, err error) {
	if err := f.AwaitHealth(ctx); err != nil {
		return Revocation{}, err
	}
	sessions, err := f.Sessions(ctx, true)
	if err != nil {
		return Revocation{}, err
	}
	defer func() {
		for _, pid := range sessions {
			err = errors.Join(err, f.Cluster.ThawSession(pid))
		}
	}()
	return f.measure(ctx, home, func() error {
		for _, pid := range sessions {
			if err := f.Cluster.FreezeSession(pid); err != nil {
				return err
			}
		}
		return nil
	})
}
