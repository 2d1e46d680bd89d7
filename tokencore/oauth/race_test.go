package oauth_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

// stores are those that races and failures are tried on.
var stores = []struct {
	name string
	open func(t *testing.T) tokencore.Store
}{
	{"memory", func(*testing.T) tokencore.Store { return memory.New() }},
	{"sqlite", func(t *testing.T) tokencore.Store {
		s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "awxgate.db"), sqlite.Options{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}},
}

func eachStore(t *testing.T, f func(t *testing.T, w *world)) {
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) { f(t, newWorldWith(t, s.open(t), oauth.Config{})) })
	}
}

// atOnce sends n requests that start together.
func atOnce(n int, request func() answer) []answer {
	answers := make([]answer, n)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range answers {
		done.Go(func() {
			<-start
			answers[i] = request()
		})
	}
	close(start)
	done.Wait()
	return answers
}

// oneWinner returns the only success; every other answer must be invalid_grant.
func oneWinner(t *testing.T, answers []answer) fields {
	t.Helper()
	var winners []fields
	for _, a := range answers {
		if a.status == 200 {
			winners = append(winners, a.json(t))
		} else {
			a.want(t, 400, invalidGrant)
		}
	}
	if len(winners) != 1 {
		t.Fatalf("got %d winners, want 1", len(winners))
	}
	return winners[0]
}

func TestOneOfSixteenRefreshesWins(t *testing.T) {
	eachStore(t, func(t *testing.T, w *world) {
		first := w.login(t)
		winner := oneWinner(t, atOnce(16, func() answer { return w.refresh(first.RefreshToken, w.machine) }))
		// The fifteen others presented a token that had been used: the grant is over.
		if w.accepted(t, winner.AccessToken) || w.accepted(t, first.AccessToken) {
			t.Error("an access token outlived the replay")
		}
		w.refresh(winner.RefreshToken, w.machine).want(t, 400, invalidGrant)
	})
}

func TestOneOfSixteenRedemptionsWins(t *testing.T) {
	eachStore(t, func(t *testing.T, w *world) {
		code := w.authorize(w.web).code(t)
		winner := oneWinner(t, atOnce(16, func() answer { return w.redeem(code, w.web) }))
		if w.accepted(t, winner.AccessToken) {
			t.Error("the access token outlived the replay")
		}
		w.refresh(winner.RefreshToken, w.web).want(t, 400, invalidGrant)
	})
}

// fosite's own configuration writes its defaults when they are first read; the race
// detector would see that here.
func TestParallelRequestsShareNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, w *world) {
		for _, a := range atOnce(16, func() answer {
			return w.token(form("grant_type", "password", "username", "alice", "password", password), basic(w.machine))
		}) {
			got := a.ok(t)
			if again := w.refresh(got.RefreshToken, w.machine).ok(t); !w.accepted(t, again.AccessToken) {
				t.Error("a token that was given does not open the API")
			}
		}
		for _, a := range atOnce(16, func() answer { return w.authorize(w.web) }) {
			w.redeem(a.code(t), w.web).ok(t)
		}
	})
}
