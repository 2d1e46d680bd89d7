package fleet_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/fleet"
)

const (
	grants  = 12 // that clients work with at a time
	retired = 24 // and that they only use: most of their tokens are dead
)

// recorder lets clients do what comes to their mind, and writes down what they saw.
type recorder struct {
	fleet *fleet.Fleet
	began time.Time

	mu      sync.Mutex
	grants  []*grant // the oldest first
	number  int
	history []operation
	failed  []string
}

// grant is a family of tokens: each access token has a serial, from 1 on, and so has the
// refresh token that came with it.
type grant struct {
	number int
	id     int64 // of the first access token
	tokens map[int]fleet.Token
	last   int // serial that was given out
	unsure int // changes of unknown outcome
}

// mostUnsure is how many changes of one grant may have an unknown outcome: each of them
// doubles the work of the checker.
const mostUnsure = 2

// record has clients on every node until the context ends, and returns what they saw.
func record(ctx context.Context, f *fleet.Fleet, clients int) *recorder {
	r := &recorder{fleet: f, began: time.Now()}
	var wait sync.WaitGroup
	for node := range f.Nodes {
		for range clients {
			wait.Go(func() {
				for ctx.Err() == nil {
					// What is under way when time is up, is answered.
					r.act(context.WithoutCancel(ctx), node)
				}
			})
		}
	}
	wait.Wait()
	return r
}

func (r *recorder) act(ctx context.Context, node int) {
	g, active := r.pick()
	if g == nil {
		r.make(ctx, node)
		return
	}
	switch dice := rand.N(100); {
	case dice < 5:
		r.make(ctx, node)
	case !active || dice < 65:
		r.use(ctx, node, g)
	case dice < 80:
		r.refresh(ctx, node, g)
	case dice < 90:
		r.narrow(ctx, node, g)
	case dice < 95:
		r.revoke(ctx, node, g)
	default:
		r.forget(ctx, node, g)
	}
}

// pick chooses a grant; active means that it may be changed. Without enough grants it
// is nil.
func (r *recorder) pick() (g *grant, active bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.grants) < grants {
		return nil, false
	}
	i := rand.N(len(r.grants))
	return r.grants[i], i >= len(r.grants)-grants && r.grants[i].unsure < mostUnsure
}

// token chooses the last token of a grant, or sometimes an older one.
func (r *recorder) token(g *grant) (serial int, token fleet.Token) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for serial = g.last; serial > 1; serial-- {
		if _, known := g.tokens[serial]; known && rand.N(4) > 0 {
			break
		}
	}
	return serial, g.tokens[serial]
}

func (r *recorder) make(ctx context.Context, node int) {
	token, answer := r.fleet.Nodes[node].MintRefreshable(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if answer.Status != http.StatusCreated {
		r.expect(answer, http.StatusServiceUnavailable)
		return // nobody knows the token
	}
	r.number++
	g := &grant{number: r.number, id: token.ID, tokens: map[int]fleet.Token{1: token}, last: 1}
	if r.grants = append(r.grants, g); len(r.grants) > grants+retired {
		r.grants = r.grants[1:]
	}
	r.note(g, 1, node, born, yes, answer)
}

func (r *recorder) use(ctx context.Context, node int, g *grant) {
	serial, token := r.token(g)
	what, send := read, r.fleet.Nodes[node].Use
	if rand.N(3) == 0 {
		what, send = write, r.fleet.Nodes[node].Write
	}
	answer := send(ctx, token.Access)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch answer.Status {
	case http.StatusOK:
		r.note(g, serial, node, what, yes, answer)
	case http.StatusUnauthorized:
		r.note(g, serial, node, what, no, answer)
	case http.StatusForbidden:
		r.note(g, serial, node, what, forbidden, answer)
	default:
		r.expect(answer, http.StatusServiceUnavailable) // says nothing
	}
}

func (r *recorder) narrow(ctx context.Context, node int, g *grant) {
	answer := r.fleet.Nodes[node].Narrow(ctx, g.id)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(g, 1, node, narrow, r.outcome(answer, http.StatusOK, http.StatusNotFound), answer)
}

func (r *recorder) revoke(ctx context.Context, node int, g *grant) {
	answer := r.fleet.Nodes[node].Revoke(ctx, g.id)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(g, 1, node, revoke, r.outcome(answer, http.StatusNoContent, http.StatusNotFound), answer)
}

func (r *recorder) forget(ctx context.Context, node int, g *grant) {
	serial, token := r.token(g)
	answer := r.fleet.Nodes[node].RevokeByValue(ctx, token.Access)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(g, serial, node, forget, r.outcome(answer, http.StatusOK, 0), answer)
}

// refresh also says what it does to other tokens of the grant: a token that was
// exchanged before ends all that came of it.
func (r *recorder) refresh(ctx context.Context, node int, g *grant) {
	serial, token := r.token(g)
	next, answer := r.fleet.Nodes[node].Refresh(ctx, token.Refresh)
	r.mu.Lock()
	defer r.mu.Unlock()
	result := r.outcome(answer, http.StatusOK, http.StatusBadRequest)
	if result == yes {
		g.last++
		g.tokens[g.last] = next
		r.note(g, serial, node, consume, yes, answer)
		r.note(g, g.last, node, born, yes, answer)
		r.history[len(r.history)-1].readOnly = !strings.Contains(string(answer.Body), "write")
		return
	}
	r.note(g, serial, node, consume, result, answer)
	r.history[len(r.history)-1].replays = true
}

func (r *recorder) outcome(answer fleet.Answer, success, refusal int) outcome {
	switch answer.Status {
	case success:
		return yes
	case refusal:
		return no
	default:
		r.expect(answer, http.StatusServiceUnavailable)
		return unknown
	}
}

// expect notes an answer that no fault excuses.
func (r *recorder) expect(answer fleet.Answer, status int) {
	if answer.Status != status {
		r.failed = append(r.failed, fmt.Sprintf("status %d, %v", answer.Status, answer.Err))
	}
}

func (r *recorder) note(g *grant, serial, node int, what action, result outcome, answer fleet.Answer) {
	if result == unknown {
		g.unsure++
	}
	r.history = append(r.history, operation{
		family: g.number, serial: serial, node: node, action: what, outcome: result,
		call: answer.Began.Sub(r.began), answer: answer.Ended.Sub(r.began),
	})
}

// judge fails the test unless nodes that keep the promise could have answered so.
func (r *recorder) judge(t *testing.T, bound time.Duration) {
	t.Helper()
	history := withReplays(r.history)
	if len(r.failed) > 0 {
		t.Errorf("%d answers that are neither definite nor 503, such as %s", len(r.failed), r.failed[0])
	}
	counts := make(map[outcome]int)
	for _, o := range history {
		counts[o.outcome]++
	}
	if part := unexplained(t, history, len(r.fleet.Nodes), bound); part != nil {
		for _, o := range part {
			t.Logf("%+v", o.Input)
		}
		t.Fatalf("no gateways that keep a bound of %v answer so", bound)
	}
	if unexplained(t, forged(history), len(r.fleet.Nodes), bound) == nil {
		t.Error("a forged history is taken for a good one")
	}
	t.Logf("%d operations on %d grants: %d yes, %d no, %d forbidden, %d unknown; the least bound that explains them is %v", len(history), r.number,
		counts[yes], counts[no], counts[forbidden], counts[unknown], leastBound(t, history, len(r.fleet.Nodes), 10*time.Second))
}

// forged is a history in which the node that revoked a token accepts it in the end.
func forged(history []operation) []operation {
	end := history[len(history)-1].answer
	for _, o := range history {
		if o.action == revoke && o.outcome == yes {
			return append(slices.Clone(history), operation{
				family: o.family, serial: o.serial, node: o.node, action: read, outcome: yes, call: end, answer: end + 1,
			})
		}
	}
	return history
}

// withReplays adds what presenting an old refresh token does to the tokens that came of it.
// That the refresh token was an old one shows by their existence: had its access token
// only been revoked, nothing would have come of it.
func withReplays(history []operation) []operation {
	serials := make(map[int]int) // the last one of each grant
	for _, o := range history {
		serials[o.family] = max(serials[o.family], o.serial)
	}
	for _, o := range history {
		if !o.replays {
			continue
		}
		for later := o.serial + 1; later <= serials[o.family]; later++ {
			ended := o
			ended.serial, ended.action, ended.replays = later, replay, false
			if ended.outcome == no {
				ended.outcome = yes
			}
			history = append(history, ended)
		}
	}
	return history
}
