package fleet

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	users     = 2                    // clients per node that use tokens
	stock     = 30                   // good tokens to begin with, which is also the least
	rest      = 2 * time.Millisecond // between two requests of one client
	writeRest = 10 * rest            // between two changes of one client
)

// Traffic is clients that use, make and revoke tokens on every node until Stop. It notes
// what no fault may cause:
//
//   - a token that is accepted although a revocation of it has been answered: by the same
//     node at all, by others in a request sent later than the bound;
//   - a good token that is refused as invalid (401) rather than unknown (503);
//   - a request that a running node does not answer at all.
type Traffic struct {
	fleet  *Fleet
	bound  time.Duration
	cancel context.CancelFunc
	wait   sync.WaitGroup

	mu         sync.Mutex
	good, dead []*tracked
	unsure     []*tracked // of which a revocation failed
	violations []string
	answers    map[int]int // uses of good tokens, by status
	uses       []use       // of good tokens
	slowest    time.Duration
}

// tracked is a token and what has been done to it.
type tracked struct {
	Token
	condemned atomic.Bool // a revocation was sent
	by        *Node       // that answered the revocation
	at        time.Time   // of that answer
}

type use struct {
	began, ended time.Time
	status       int
}

// StartTraffic begins with some tokens that every node has remembered. Others may accept
// a revoked token for as long as the bound says.
func (f *Fleet) StartTraffic(ctx context.Context, bound time.Duration) (*Traffic, error) {
	ctx, cancel := context.WithCancel(ctx)
	t := &Traffic{fleet: f, bound: bound, cancel: cancel, answers: make(map[int]int)}
	for i := range stock {
		token, answer := f.Nodes[i%len(f.Nodes)].Mint(ctx)
		if answer.Status != http.StatusCreated {
			cancel()
			return nil, answer.failure()
		}
		t.good = append(t.good, &tracked{Token: token})
	}
	for _, n := range f.Nodes {
		for range users {
			t.wait.Go(func() { t.repeat(ctx, rest, func() { t.use(ctx, n) }) })
		}
		t.wait.Go(func() { t.repeat(ctx, writeRest, func() { t.change(ctx, n) }) })
	}
	return t, nil
}

func (t *Traffic) repeat(ctx context.Context, pause time.Duration, do func()) {
	for ctx.Err() == nil {
		do()
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// use takes a good token or a dead one.
func (t *Traffic) use(ctx context.Context, n *Node) {
	if rand.N(2) == 0 { //nolint:gosec // no secret
		t.useDead(ctx, n)
		return
	}
	token := t.pick(&t.good)
	answer := n.Use(ctx, token.Access)
	if !t.answered(ctx, n, answer) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if token.condemned.Load() {
		return
	}
	t.answers[answer.Status]++
	t.uses = append(t.uses, use{answer.Began, answer.Ended, answer.Status})
	t.slowest = max(t.slowest, answer.Ended.Sub(answer.Began))
	if answer.Status != http.StatusOK && answer.Status != http.StatusServiceUnavailable {
		t.violate("a good token got %d: %s", answer.Status, answer.Body)
	}
}

func (t *Traffic) useDead(ctx context.Context, n *Node) {
	token := t.pick(&t.dead)
	if token == nil {
		return
	}
	bound := t.bound
	if n == token.by {
		bound = 0
	}
	if time.Since(token.at) < bound {
		return
	}
	answer := n.Use(ctx, token.Access)
	if !t.answered(ctx, n, answer) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if answer.Status != http.StatusUnauthorized && answer.Status != http.StatusServiceUnavailable {
		t.violate("a token got %d, %v after its revocation was answered (by the same node: %t)",
			answer.Status, answer.Began.Sub(token.at), n == token.by)
	}
}

// change makes a token, or revokes one.
func (t *Traffic) change(ctx context.Context, n *Node) {
	if token := t.condemn(); token != nil {
		answer := n.Revoke(ctx, token.ID)
		switch {
		case answer.Status == http.StatusNoContent, answer.Status == http.StatusNotFound && token.by != nil:
			// Not found is what an attempt that seemed to fail has left.
			t.mu.Lock()
			token.by, token.at = n, answer.Ended
			t.dead = append(t.dead, token)
			t.mu.Unlock()
		case t.answered(ctx, n, answer):
			t.mu.Lock()
			token.by = n // at least tried
			t.unsure = append(t.unsure, token)
			if answer.Status != http.StatusServiceUnavailable {
				t.violate("revoking got %d: %s", answer.Status, answer.Body)
			}
			t.mu.Unlock()
		}
		return
	}
	token, answer := n.Mint(ctx)
	if !t.answered(ctx, n, answer) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	switch answer.Status {
	case http.StatusCreated:
		t.good = append(t.good, &tracked{Token: token})
	case http.StatusServiceUnavailable:
	default:
		t.violate("making a token got %d: %s", answer.Status, answer.Body)
	}
}

// condemn takes a token to be revoked: one of which nobody knows whether it was, or a good
// one if there are enough.
func (t *Traffic) condemn() (token *tracked) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(t.unsure) > 0:
		token, t.unsure = t.unsure[0], t.unsure[1:]
	case len(t.good) > stock && rand.N(2) == 0: //nolint:gosec // no secret
		i := rand.N(len(t.good)) //nolint:gosec // no secret
		token = t.good[i]
		t.good[i] = t.good[len(t.good)-1]
		t.good = t.good[:len(t.good)-1]
		token.condemned.Store(true)
	}
	return token
}

func (t *Traffic) pick(from *[]*tracked) *tracked {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(*from) == 0 {
		return nil
	}
	return (*from)[rand.N(len(*from))] //nolint:gosec // no secret
}

// answered is false for a request that its end, or that of its node, has interrupted.
func (t *Traffic) answered(ctx context.Context, n *Node, answer Answer) bool {
	if answer.Status != 0 {
		return true
	}
	if ctx.Err() == nil && n.ServedSince(answer.Began) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.violate("a node that runs did not answer: %v", answer.Err)
	}
	return false
}

// violate needs the lock.
func (t *Traffic) violate(format string, arguments ...any) {
	t.violations = append(t.violations, fmt.Sprintf(format, arguments...))
}

// Report is what the clients saw.
type Report struct {
	Violations []string
	Answers    map[int]int // to uses of good tokens, by status
	Slowest    time.Duration
	Good, Dead int // tokens

	uses []use
}

// Stop ends the traffic. When every node is well again, it looks once at each token on each
// node: each one whose making was acknowledged and whose revocation was not sent is to be
// good, and each one whose revocation was acknowledged is to be dead.
func (t *Traffic) Stop(ctx context.Context) (Report, error) {
	t.cancel()
	t.wait.Wait()
	if err := t.fleet.AwaitHealth(ctx); err != nil {
		return Report{Violations: t.violations}, fmt.Errorf("the fleet does not recover: %w; before: %v", err, t.violations)
	}
	for i, n := range t.fleet.Nodes {
		for want, tokens := range map[int][]*tracked{http.StatusOK: t.good, http.StatusUnauthorized: t.dead} {
			for _, token := range tokens {
				if answer := n.UseDefinitely(ctx, token.Access); answer.Status != want {
					t.violate("afterwards, node %d answers %d instead of %d: %v", i+1, answer.Status, want, answer.failure())
				}
			}
		}
	}
	return Report{t.violations, t.answers, t.slowest, len(t.good), len(t.dead), t.uses}, nil
}

// Outage says how a fault looked to those who used good tokens: how long after its beginning
// they got the first refusal, how long after its end the last one, and how many.
func (r Report) Outage(began, ended time.Time) string {
	var first, last time.Time
	refused := 0
	for _, u := range r.uses {
		if u.status == http.StatusOK || u.ended.Before(began) {
			continue
		}
		refused++
		if first.IsZero() || u.ended.Before(first) {
			first = u.ended
		}
		if u.ended.After(last) {
			last = u.ended
		}
	}
	if refused == 0 {
		return "no use of a good token was refused"
	}
	return fmt.Sprintf("%d uses of good tokens refused: the first %v after the fault began, the last %v after it ended",
		refused, first.Sub(began).Round(time.Millisecond), last.Sub(ended).Round(time.Millisecond))
}
