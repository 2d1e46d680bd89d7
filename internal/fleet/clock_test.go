package fleet_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/session"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/tokencache"
)

// timed is a gateway without its HTTP server, because a process cannot be given a clock of
// its own: Linux has no name space for the time of day, and Go reads it without libc.
type timed struct {
	tokencore.Verifier
	svc      *tokencore.Service
	sessions *session.Sessions
	use      *tokencache.Usage
	now      atomic.Int64 // seconds since 1970
}

func newTimed(t *testing.T, dsn string, now time.Time) *timed {
	t.Helper()
	n := new(timed)
	n.now.Store(now.Unix())
	clock := func() time.Time { return time.Unix(n.now.Load(), 0) }
	store, err := postgres.Open(t.Context(), dsn, postgres.Options{Migrate: true, MaxConns: 2})
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	n.svc, err = tokencore.New(store, local.New(store, local.Config{}), tokencore.Config{Now: clock})
	must(t, err)
	n.sessions, err = session.New(n.svc, session.Config{})
	must(t, err)
	cache, err := tokencache.New(store, tokencache.Config{Now: clock})
	must(t, err)
	t.Cleanup(cache.Close)
	n.Verifier = cache.Verifier(n.svc)
	n.use = tokencache.NewUsage(store, tokencache.UsageConfig{Interval: 10 * time.Millisecond, Now: clock})
	t.Cleanup(n.use.Close)
	return n
}

func (n *timed) pass(d time.Duration) { n.now.Add(int64(d / time.Second)) }

func (n *timed) accepts(t *testing.T, token tokencore.Secret) bool {
	t.Helper()
	_, err := n.Verify(t.Context(), token.Digest(tokencore.KindAccess))
	if err != nil && !errors.Is(err, tokencore.ErrInvalidToken) {
		t.Fatal(err)
	}
	return err == nil
}

func TestAClockThatIsTenMinutesOffIsWrongByTenMinutesAndNoMore(t *testing.T) {
	const off, life = 10 * time.Minute, 15 * time.Minute
	dsn := pgtest.Shared(t).Database(t)
	start := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	right, fast, slow := newTimed(t, dsn, start), newTimed(t, dsn, start.Add(off)), newTimed(t, dsn, start.Add(-off))
	nodes := map[string]*timed{"right": right, "fast": fast, "slow": slow}
	must(t, right.svc.ChangeSettings(t.Context(), tokencore.Actor{}, map[string]json.RawMessage{
		tokencore.SettingOAuth2Provider: json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":900}`),
	}))
	secret := tokencore.NewSecret("correct horse")
	hash, err := local.HashPassword(secret)
	must(t, err)
	user, err := right.svc.CreateUser(t.Context(), tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true, PasswordHash: hash})
	must(t, err)
	issue := func(by *timed) tokencore.Issued {
		t.Helper()
		issued, err := by.svc.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: user.ID})
		must(t, err)
		return issued
	}

	t.Run("expiry is judged by each node's own clock", func(t *testing.T) {
		token := issue(right)
		for _, moment := range []struct {
			after             time.Duration
			right, fast, slow bool
		}{
			{0, true, true, true},
			{life - off - time.Second, true, true, true},
			{life - off, true, false, true}, // too early by what the clock is off
			{life - time.Second, true, false, true},
			{life, false, false, true},
			{life + off - time.Second, false, false, true},
			{life + off, false, false, false}, // too late by as much
		} {
			for name, want := range map[string]bool{"right": moment.right, "fast": moment.fast, "slow": moment.slow} {
				nodes[name].now.Add(int64(moment.after / time.Second))
				if got := nodes[name].accepts(t, token.Access); got != want {
					t.Errorf("%v after the token was made, the clock that is %s: accepted is %t", moment.after, name, got)
				}
				nodes[name].now.Add(-int64(moment.after / time.Second))
			}
		}
	})
	t.Run("revocation does not depend on clocks", func(t *testing.T) {
		for maker, by := range nodes {
			token := issue(by)
			for _, n := range nodes {
				n.accepts(t, token.Access)
			}
			must(t, by.svc.RevokeToken(t.Context(), tokencore.Actor{}, token.Token.ID))
			if by.accepts(t, token.Access) {
				t.Errorf("the node whose clock is %s accepts what it has revoked", maker)
			}
			for _, n := range nodes {
				await(t, func() bool { return !n.accepts(t, token.Access) })
			}
		}
	})
	t.Run("last_used never goes back", func(t *testing.T) {
		token := issue(right)
		var latest time.Time
		for _, n := range []*timed{slow, fast, right, slow} {
			principal, err := n.Verify(t.Context(), token.Access.Digest(tokencore.KindAccess))
			must(t, err)
			written := n.use.Stats().Written
			n.pass(2 * time.Minute) // a use is written once a minute
			n.use.Used(principal, netip.MustParseAddr("127.0.0.1"))
			await(t, func() bool { return n.use.Stats().Written > written })
			row, err := n.svc.Store().Token(t.Context(), token.Token.ID)
			must(t, err)
			if row.LastUsed.Before(latest) {
				t.Errorf("from %v back to %v", latest, row.LastUsed)
			}
			latest = row.LastUsed
		}
		if want := time.Unix(fast.now.Load(), 0); !latest.Equal(want) {
			t.Errorf("last used %v, want the time of the clock that is fast, %v", latest, want)
		}
	})
	t.Run("a session of one node is one of all", func(t *testing.T) {
		for maker, by := range nodes {
			answer := httptest.NewRecorder()
			_, err := by.sessions.SignIn(answer, httptest.NewRequest(http.MethodPost, "/api/login/", nil), user.Username, secret)
			must(t, err)
			for name, n := range nodes {
				request := httptest.NewRequest(http.MethodGet, "/api/v2/me/", nil)
				for _, cookie := range answer.Result().Cookies() {
					request.AddCookie(cookie)
				}
				if _, err := n.sessions.Actor(httptest.NewRecorder(), request); err != nil {
					t.Errorf("made by the clock that is %s, used by the one that is %s: %v", maker, name, err)
				}
			}
		}
	})
}
