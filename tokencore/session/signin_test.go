package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/session"
)

var keys = regexp.MustCompile(`=[A-Za-z0-9]{32};`)

func TestSignInSetsAWXsCookies(t *testing.T) {
	w := newWorld(t)
	b := newBrowser()
	w.signIn(t, b)
	var got []string
	for _, line := range b.header.Values("Set-Cookie") {
		got = append(got, keys.ReplaceAllString(line, "=<32>;"))
	}
	want := []string{
		"userLoggedIn=true; Path=/; SameSite=Lax",
		"csrftoken=<32>; Path=/; SameSite=Lax",
		"awx_sessionid=<32>; Path=/; Expires=Mon, 23 Nov 2026 15:36:53 GMT; Max-Age=1800; HttpOnly; SameSite=Lax",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := b.header.Get("Session-Timeout"); got != "1800" {
		t.Errorf("Session-Timeout is %q", got)
	}
	user, err := w.store.User(t.Context(), w.alice.ID)
	if err != nil || !user.LastLogin.Equal(w.now) {
		t.Errorf("last login is %v, %v", user.LastLogin, err)
	}
	actor := w.wantAlice(t, b)
	if actor.Scope != tokencore.ScopeRead|tokencore.ScopeWrite || actor.Session.IsZero() {
		t.Errorf("got scope %v, session %v", actor.Scope, actor.Session)
	}
}

func TestCookiesAreSecureOverTLS(t *testing.T) {
	w := newWorld(t)
	recorder := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "https://awx.example/api/login/", nil)
	if _, err := w.SignIn(recorder, r, "alice", tokencore.NewSecret(password)); err != nil {
		t.Fatal(err)
	}
	for _, c := range recorder.Result().Cookies() {
		if !c.Secure {
			t.Errorf("%s is sent in clear", c.Name)
		}
	}
}

func TestSignInRefusesWrongPasswords(t *testing.T) {
	w := newWorld(t)
	for _, c := range [][2]string{{"alice", "wrong"}, {"nobody", password}} {
		b := newBrowser()
		if err := w.trySignIn(b, c[0], c[1]); !errors.Is(err, tokencore.ErrBadCredentials) || len(b.cookies) != 0 {
			t.Errorf("%v: got %v and %v", c, err, b.cookies)
		}
	}
}

func TestSignInChangesTheKey(t *testing.T) {
	w := newWorld(t)
	planted := newBrowser()
	planted.cookies[session.CookieName] = &http.Cookie{Name: session.CookieName, Value: strings.Repeat("x", 32)}
	victim := newBrowser()
	victim.cookies[session.CookieName] = planted.cookies[session.CookieName]
	w.signIn(t, victim)
	w.wantAlice(t, victim)
	w.wantNobody(t, planted)

	first := newBrowser()
	first.cookies[session.CookieName] = victim.cookies[session.CookieName]
	csrf := victim.value("csrftoken")
	w.signIn(t, victim)
	w.wantAlice(t, victim)
	w.wantNobody(t, first)
	if victim.value("csrftoken") == csrf {
		t.Error("the csrftoken is the same")
	}
}

func TestSignOutEndsTheSessionOnTheServer(t *testing.T) {
	w := newWorld(t)
	b := newBrowser()
	w.signIn(t, b)
	stolen := newBrowser()
	stolen.cookies[session.CookieName] = b.cookies[session.CookieName]
	recorder := httptest.NewRecorder()
	if err := w.SignOut(recorder, b.request(http.MethodGet, site+"/api/logout/")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`awx_sessionid=""; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; SameSite=Lax`,
		"userLoggedIn=false; Path=/",
	}
	if diff := cmp.Diff(want, recorder.Header().Values("Set-Cookie")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.wantNobody(t, stolen)

	updates := w.store.updates
	again := httptest.NewRecorder()
	if err := w.SignOut(again, stolen.request(http.MethodGet, site+"/api/logout/")); err != nil || w.store.updates != updates {
		t.Errorf("signing out once more: %v, %d transactions", err, w.store.updates-updates)
	}
	nobody := httptest.NewRecorder()
	if err := w.SignOut(nobody, newBrowser().request(http.MethodGet, site+"/api/logout/")); err != nil || len(nobody.Header().Values("Set-Cookie")) != 1 {
		t.Errorf("signing nobody out: %v, %v", err, nobody.Header())
	}
}

func TestSessionsEndWithWhatTheyStandFor(t *testing.T) {
	for _, test := range []struct {
		name  string
		event func(t *testing.T, w *world)
	}{
		{"the user is disabled", func(t *testing.T, w *world) {
			t.Helper()
			w.edit(t, tokencore.Actor{}, func(u *tokencore.User) { u.IsActive = false })
		}},
		{"the user was disabled for a while", func(t *testing.T, w *world) {
			t.Helper()
			w.edit(t, tokencore.Actor{}, func(u *tokencore.User) { u.IsActive = false })
			w.edit(t, tokencore.Actor{}, func(u *tokencore.User) { u.IsActive = true })
		}},
		{"the user is deleted", func(t *testing.T, w *world) {
			t.Helper()
			if err := w.svc.DeleteUser(t.Context(), tokencore.Actor{}, w.alice.ID); err != nil {
				t.Fatal(err)
			}
		}},
		{"somebody changes the password", func(t *testing.T, w *world) {
			t.Helper()
			w.edit(t, tokencore.Actor{}, func(u *tokencore.User) { u.PasswordHash = "new" })
		}},
		{"local accounts are switched off", func(t *testing.T, w *world) { t.Helper(); w.set(t, "DISABLE_LOCAL_AUTH", "true") }},
		{"time is over", func(t *testing.T, w *world) { t.Helper(); w.now = w.now.Add(31 * time.Minute) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			b := newBrowser()
			w.signIn(t, b)
			w.wantAlice(t, b)
			test.event(t, w)
			w.wantNobody(t, b)
		})
	}
}

func TestOwnPasswordChangeEndsTheOtherSessions(t *testing.T) {
	w := newWorld(t)
	here, elsewhere := newBrowser(), newBrowser()
	w.signIn(t, here)
	w.signIn(t, elsewhere)
	w.edit(t, w.wantAlice(t, here), func(u *tokencore.User) { u.PasswordHash = "new" })
	w.wantAlice(t, here)
	w.wantNobody(t, elsewhere)
	w.edit(t, w.wantAlice(t, here), func(u *tokencore.User) { u.FirstName = "Alice" })
	w.wantAlice(t, here)
}

func TestOldestSessionsMakeRoom(t *testing.T) {
	for limit, want := range map[int]int{-1: 3, 0: 0, 1: 1, 2: 2} {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			w := newWorld(t)
			w.set(t, "SESSIONS_PER_USER", strconv.Itoa(limit))
			bob := w.user(t, "bob")
			other := newBrowser()
			if err := w.trySignIn(other, bob.Username, password); err != nil {
				t.Fatal(err)
			}
			browsers := []*browser{newBrowser(), newBrowser(), newBrowser()}
			for _, b := range browsers {
				w.now = w.now.Add(time.Second)
				w.signIn(t, b)
			}
			for i, b := range browsers {
				if i < len(browsers)-want {
					w.wantNobody(t, b)
				} else {
					w.wantAlice(t, b)
				}
			}
			if _, err := w.actor(other); limit > 0 && err != nil {
				t.Errorf("another user's session: %v", err)
			}
		})
	}
}

func TestSignInClearsExpiredSessions(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.signIn(t, newBrowser())
	}
	w.now = w.now.Add(time.Hour)
	w.signIn(t, newBrowser())
	if rows, err := w.store.Sessions(t.Context(), w.alice.ID); err != nil || len(rows) != 1 {
		t.Errorf("got %d rows, %v", len(rows), err)
	}
}

func TestOutagesAreNotAnswers(t *testing.T) {
	w := newWorld(t)
	b := newBrowser()
	w.signIn(t, b)
	w.store.failReads = true
	if _, err := w.actor(b); !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, session.ErrNone) {
		t.Errorf("Actor: got %v", err)
	}
	if err := w.SignOut(httptest.NewRecorder(), b.request(http.MethodGet, site)); !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("SignOut: got %v", err)
	}
	w.store.failReads, w.store.failWrites = false, true
	recorder := httptest.NewRecorder()
	if err := w.SignOut(recorder, b.request(http.MethodGet, site)); !errors.Is(err, tokencore.ErrUnavailable) || len(recorder.Header()) != 0 {
		t.Errorf("SignOut: got %v, %v", err, recorder.Header())
	}
	if err := w.trySignIn(newBrowser(), "alice", password); !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("SignIn: got %v", err)
	}
	w.now = w.now.Add(10 * time.Minute)
	w.wantAlice(t, b) // although it cannot be prolonged
	if !strings.Contains(w.log.String(), "session not prolonged") {
		t.Error("the log does not say so")
	}
}

func TestNoKeyIsStoredOrLogged(t *testing.T) {
	w := newWorld(t)
	b := newBrowser()
	w.signIn(t, b)
	w.wantAlice(t, b)
	if err := w.trySignIn(newBrowser(), password, "typed into the wrong field"); err == nil {
		t.Fatal("signed in")
	}
	rows, err := w.store.Sessions(t.Context(), w.alice.ID)
	if err != nil {
		t.Fatal(err)
	}
	kept := fmt.Sprintf("%+v\n%s", rows, w.log)
	for _, secret := range []string{b.value(session.CookieName), b.value("csrftoken"), password} {
		if strings.Contains(kept, secret) {
			t.Errorf("%s is in\n%s", secret, kept)
		}
	}
}
