package oauth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each grant is tried with a store whose n-th write fails, for every n, and with one
// whose commit fails. Nothing may be half done, and afterwards the grant must work.
func TestGrantsAreAllOrNothing(t *testing.T) {
	for _, grant := range []struct {
		name    string
		prepare func(t *testing.T, w *world) (send func() answer)
		writes  int
	}{
		{"password", func(_ *testing.T, w *world) func() answer {
			return func() answer {
				return w.token(form("grant_type", "password", "username", "alice", "password", password), basic(w.machine))
			}
		}, 3},
		{"code", func(t *testing.T, w *world) func() answer {
			code := w.authorize(w.web).code(t)
			return func() answer { return w.redeem(code, w.web) }
		}, 4},
		{"refresh", func(t *testing.T, w *world) func() answer {
			token := w.login(t).RefreshToken
			return func() answer { return w.refresh(token, w.machine) }
		}, 6},
	} {
		t.Run(grant.name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, w *world) {
				send := grant.prepare(t, w)
				before := w.rows(t)
				for n := 1; n <= grant.writes; n++ {
					w.store.arm(n)
					failed := send()
					failed.want(t, 503, unavailable)
					if failed.header.Get("Retry-After") == "" {
						t.Error("503 without Retry-After")
					}
					if diff := cmp.Diff(before, w.rows(t)); diff != "" {
						t.Errorf("write %d failed and left something behind:\n%s", n, diff)
					}
				}
				w.store.arm(0)
				w.store.failCommit = true
				send().want(t, 503, unavailable)
				w.store.failCommit = false
				if diff := cmp.Diff(before, w.rows(t)); diff != "" {
					t.Errorf("a commit failed and left something behind:\n%s", diff)
				}
				w.store.arm(0)
				if got := send().ok(t); !w.accepted(t, got.AccessToken) {
					t.Error("the token does not open the API")
				}
				if w.store.writes != grant.writes {
					t.Errorf("the grant has %d writes, and %d were made to fail", w.store.writes, grant.writes)
				}
				if !strings.Contains(w.log.String(), errDisk.Error()) {
					t.Error("the log does not say what failed")
				}
			})
		})
	}
}

func TestReplayIs503UntilTheGrantIsEnded(t *testing.T) {
	for _, test := range []struct {
		name   string
		replay func(t *testing.T, w *world) (fields, func() answer)
	}{
		{"refresh token", func(t *testing.T, w *world) (fields, func() answer) {
			first := w.login(t)
			return w.refresh(first.RefreshToken, w.machine).ok(t), func() answer { return w.refresh(first.RefreshToken, w.machine) }
		}},
		{"code", func(t *testing.T, w *world) (fields, func() answer) {
			code := w.authorize(w.web).code(t)
			return w.redeem(code, w.web).ok(t), func() answer { return w.redeem(code, w.web) }
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, w *world) {
				live, replay := test.replay(t, w)
				for n := 1; n <= 3; n++ {
					w.store.arm(n)
					replay().want(t, 503, unavailable)
				}
				w.store.arm(0)
				if !w.accepted(t, live.AccessToken) {
					t.Error("the grant is half ended")
				}
				replay().want(t, 400, invalidGrant)
				if w.accepted(t, live.AccessToken) {
					t.Error("the grant goes on")
				}
			})
		})
	}
}

func TestUnknownIsNotInvalid(t *testing.T) {
	w := newWorld(t)
	got := w.login(t)
	login := form("grant_type", "password", "username", "alice", "password", password)
	away := errors.New("no route to " + password)

	w.users.breakWith(away)
	w.token(login, basic(w.machine)).want(t, 503, unavailable)
	w.refresh(got.RefreshToken, w.machine).want(t, 503, unavailable)
	w.users.breakWith(nil)

	w.store.failReads = true
	w.token(login, basic(w.machine)).want(t, 503, unavailable)
	w.token(login).want(t, 401, invalidClient) // needs no store to know
	w.store.failReads = false

	w.refresh(got.RefreshToken, w.machine).ok(t)
}
