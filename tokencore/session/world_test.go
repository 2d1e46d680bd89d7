package session_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/session"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

const (
	password = "correct horse"
	site     = "http://awx.example"
)

// world is one user over a store that counts its transactions and can fail, and a
// clock that the test moves.
type world struct {
	*session.Sessions
	svc   *tokencore.Service
	store *watchedStore
	users directory
	now   time.Time
	log   *bytes.Buffer
	alice tokencore.User
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{store: &watchedStore{Store: memory.New()}, now: time.Date(2026, 11, 23, 15, 6, 53, 0, time.UTC), log: new(bytes.Buffer)}
	w.users = directory{w.store}
	var err error
	w.svc, err = tokencore.New(w.store, w.users, tokencore.Config{
		Now: func() time.Time { return w.now }, Logger: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.alice = w.user(t, "alice")
	if w.Sessions, err = session.New(w.svc, session.Config{}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) user(t *testing.T, name string) tokencore.User {
	t.Helper()
	u, err := w.svc.CreateUser(t.Context(), tokencore.Actor{}, tokencore.User{Username: name, IsActive: true, PasswordHash: "old"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w *world) edit(t *testing.T, by tokencore.Actor, f func(u *tokencore.User)) {
	t.Helper()
	_, err := w.svc.UpdateUser(t.Context(), by, w.alice.ID, func(u *tokencore.User) error { f(u); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) set(t *testing.T, key, value string) {
	t.Helper()
	if err := w.svc.ChangeSettings(t.Context(), tokencore.Actor{}, map[string]json.RawMessage{key: json.RawMessage(value)}); err != nil {
		t.Fatal(err)
	}
}

// browser keeps cookies as they were sent last.
type browser struct {
	cookies map[string]*http.Cookie
	header  http.Header // of the last answer
}

func newBrowser() *browser { return &browser{cookies: map[string]*http.Cookie{}} }

func (b *browser) request(method, target string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return r
}

func (b *browser) take(w *httptest.ResponseRecorder) {
	b.header = w.Result().Header
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
			continue
		}
		b.cookies[c.Name] = c
	}
}

func (b *browser) value(name string) string {
	if c := b.cookies[name]; c != nil {
		return c.Value
	}
	return ""
}

// signIn is alice with the right password.
func (w *world) signIn(t *testing.T, b *browser) {
	t.Helper()
	if err := w.trySignIn(b, "alice", password); err != nil {
		t.Fatal(err)
	}
}

func (w *world) trySignIn(b *browser, username, given string) error {
	recorder := httptest.NewRecorder()
	_, err := w.SignIn(recorder, b.request(http.MethodPost, site+"/api/login/"), username, tokencore.NewSecret(given))
	b.take(recorder)
	return err
}

// actor is who the browser's next request comes from.
func (w *world) actor(b *browser) (tokencore.Actor, error) {
	recorder := httptest.NewRecorder()
	a, err := w.Actor(recorder, b.request(http.MethodGet, site+"/"))
	b.take(recorder)
	return a, err
}

func (w *world) wantNobody(t *testing.T, b *browser) {
	t.Helper()
	if a, err := w.actor(b); !errors.Is(err, session.ErrNone) {
		t.Errorf("got %q, %v; want nobody", a.User.Username, err)
	}
}

func (w *world) wantAlice(t *testing.T, b *browser) tokencore.Actor {
	t.Helper()
	a, err := w.actor(b)
	if err != nil || a.User.ID != w.alice.ID {
		t.Errorf("got %q, %v; want alice", a.User.Username, err)
	}
	return a
}

// watchedStore counts transactions, and fails if told to.
type watchedStore struct {
	tokencore.Store
	updates    int
	failReads  bool
	failWrites bool
}

var errDisk = errors.New("disk on fire")

func (s *watchedStore) Update(ctx context.Context, fn func(tokencore.Tx) error) error {
	s.updates++
	if s.failWrites {
		return tokencore.Unavailable("writing", errDisk)
	}
	return s.Store.Update(ctx, fn)
}

func (s *watchedStore) Session(ctx context.Context, digest tokencore.Digest) (tokencore.Session, error) {
	if s.failReads {
		return tokencore.Session{}, tokencore.Unavailable("reading", errDisk)
	}
	return s.Store.Session(ctx, digest)
}

// directory finds users in the store; every one of them has the same password.
type directory struct{ tokencore.Store }

func (d directory) Authenticate(ctx context.Context, username string, given tokencore.Secret) (tokencore.User, error) {
	u, err := d.UserByName(ctx, username)
	if errors.Is(err, tokencore.ErrNotFound) || err == nil && (!u.IsActive || given.Reveal() != password) {
		return tokencore.User{}, tokencore.ErrBadCredentials
	}
	return u, err
}

var _ tokencore.Directory = directory{}
