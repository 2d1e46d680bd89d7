package oauth_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/session"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// world is a provider over a store that a test can break, a directory with one
// password for everybody, and a clock that the test moves.
type world struct {
	*oauth.Provider
	svc   *tokencore.Service
	store *faultyStore
	users *directory
	now   time.Time
	log   *bytes.Buffer

	alice tokencore.User
	org   tokencore.Organization

	machine, gadget, web, native client
}

// client is an application with the secret that only its owner knows.
type client struct {
	tokencore.Application
	secret tokencore.Secret
}

const password = "correct horse"

func newWorld(t *testing.T) *world { return newWorldWith(t, memory.New(), oauth.Config{}) }

func newWorldWith(t *testing.T, store tokencore.Store, config oauth.Config) *world {
	t.Helper()
	w := &world{
		store: &faultyStore{Store: store},
		now:   time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC),
		log:   &bytes.Buffer{},
	}
	t.Cleanup(func() { _ = store.Close() })
	w.users = &directory{Store: store}
	var err error
	w.svc, err = tokencore.New(w.store, w.users, tokencore.Config{
		Now:    func() time.Time { return w.now },
		Logger: slog.New(slog.NewTextHandler(w.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if config.Sessions == nil {
		config.Sessions = sessions{w.users}
	}
	if w.Provider, err = oauth.New(w.svc, config); err != nil {
		t.Fatal(err)
	}
	if w.org, err = w.svc.CreateOrganization(t.Context(), tokencore.Actor{}, tokencore.Organization{Name: "Default"}); err != nil {
		t.Fatal(err)
	}
	w.alice = w.user(t, tokencore.User{Username: "alice", IsActive: true})
	w.machine = w.app(t, tokencore.Application{Name: "machine", ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword})
	w.gadget = w.app(t, tokencore.Application{Name: "gadget", ClientType: tokencore.Public, GrantType: tokencore.GrantPassword})
	w.web = w.app(t, tokencore.Application{
		Name: "web", ClientType: tokencore.Confidential, GrantType: tokencore.GrantAuthorizationCode, RedirectURIs: callback,
	})
	w.native = w.app(t, tokencore.Application{
		Name: "native", ClientType: tokencore.Public, GrantType: tokencore.GrantAuthorizationCode, RedirectURIs: callback,
	})
	return w
}

const callback = "https://a.example/cb"

func (w *world) user(t *testing.T, u tokencore.User) tokencore.User {
	t.Helper()
	u, err := w.svc.CreateUser(t.Context(), tokencore.Actor{}, u)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w *world) app(t *testing.T, app tokencore.Application) client {
	t.Helper()
	app.OrganizationID = w.org.ID
	app, secret, err := w.svc.CreateApplication(t.Context(), tokencore.Actor{}, app)
	if err != nil {
		t.Fatal(err)
	}
	return client{app, secret}
}

func (w *world) set(t *testing.T, key, value string) {
	t.Helper()
	if err := w.svc.ChangeSettings(t.Context(), tokencore.Actor{}, map[string]json.RawMessage{key: json.RawMessage(value)}); err != nil {
		t.Fatal(err)
	}
}

// answer is a response as a client sees it.
type answer struct {
	status int
	header http.Header
	body   string
}

// fields of a JSON answer.
type fields struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int64  `json:"expires_in"`
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token"`
	Error        string `json:"error"`
	Description  string `json:"error_description"`
}

func (a answer) json(t *testing.T) fields {
	t.Helper()
	var f fields
	if err := json.Unmarshal([]byte(a.body), &f); err != nil {
		t.Fatalf("status %d, body %q: %v", a.status, a.body, err)
	}
	return f
}

// ok fails the test unless tokens were given.
func (a answer) ok(t *testing.T) fields {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("got %d %s, want tokens", a.status, a.body)
	}
	return a.json(t)
}

// want fails the test unless this is exactly the answer.
func (a answer) want(t *testing.T, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("got %d %s\nwant %d %s", a.status, a.body, status, body)
	}
}

// form is a list of parameters: names and values in turn.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

type option func(*http.Request)

func basic(c client) option {
	return func(r *http.Request) { r.SetBasicAuth(c.ClientID, c.secret.Reveal()) }
}

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func post(handler http.HandlerFunc, target, body string, options ...option) answer {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return do(handler, r, options...)
}

func do(handler http.HandlerFunc, r *http.Request, options ...option) answer {
	for _, o := range options {
		o(r)
	}
	recorder := httptest.NewRecorder()
	handler(recorder, r)
	result := recorder.Result()
	body, _ := io.ReadAll(result.Body)
	return answer{result.StatusCode, result.Header, string(body)}
}

func (w *world) token(f url.Values, options ...option) answer {
	return post(w.ServeToken, "/api/o/token/", f.Encode(), options...)
}

func (w *world) revoke(f url.Values, options ...option) answer {
	return post(w.ServeRevoke, "/api/o/revoke_token/", f.Encode(), options...)
}

// login is the password grant of alice for the machine.
func (w *world) login(t *testing.T, more ...string) fields {
	t.Helper()
	f := form(append([]string{"grant_type", "password", "username", "alice", "password", password}, more...)...)
	return w.token(f, basic(w.machine)).ok(t)
}

func (w *world) refresh(token string, c client, more ...string) answer {
	return w.token(form(append([]string{"grant_type", "refresh_token", "refresh_token", token}, more...)...), basic(c))
}

// accepted reports whether a credential opens the API.
func (w *world) accepted(t *testing.T, token string) bool {
	t.Helper()
	_, err := w.svc.Verify(t.Context(), tokencore.DigestOf(tokencore.KindAccess, token))
	if err != nil && !errors.Is(err, tokencore.ErrInvalidToken) {
		t.Fatal(err)
	}
	return err == nil
}

// rows is everything that grants leave in a store.
type rows struct {
	Tokens     []tokencore.Token
	Refresh    []tokencore.RefreshToken
	Activities int
}

func (w *world) rows(t *testing.T) rows {
	t.Helper()
	tokens, _, err1 := w.store.Tokens(t.Context(), tokencore.Query{})
	refresh, _, err2 := w.store.RefreshTokens(t.Context(), tokencore.Query{})
	_, activities, err3 := w.store.Activities(t.Context(), tokencore.Query{})
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	return rows{tokens, refresh, activities}
}

// directory finds users in the store; every one of them has the same password.
type directory struct {
	tokencore.Store
	mu     sync.Mutex
	broken error
}

func (d *directory) Authenticate(ctx context.Context, username string, secret tokencore.Secret) (tokencore.User, error) {
	u, err := d.UserByName(ctx, username)
	switch {
	case errors.Is(err, tokencore.ErrNotFound), err == nil && (!u.IsActive || secret.Reveal() != password):
		return tokencore.User{}, tokencore.ErrBadCredentials
	default:
		return u, err
	}
}

func (d *directory) UserByName(ctx context.Context, username string) (tokencore.User, error) {
	u, err := d.Store.UserByName(ctx, username)
	return u, cmp.Or(d.failure(), err)
}

func (d *directory) User(ctx context.Context, id int64) (tokencore.User, error) {
	u, err := d.Store.User(ctx, id)
	return u, cmp.Or(d.failure(), err)
}

func (d *directory) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.broken
}

func (d *directory) breakWith(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = err
}

// sessions takes the name of who is signed in from a cookie. formToken marks our forms.
type sessions struct{ users *directory }

const formToken = "ours"

// as is a request from the browser of a user who is signed in.
func as(username string) option {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "user", Value: username}) }
}

func (s sessions) Actor(w http.ResponseWriter, r *http.Request) (tokencore.Actor, error) {
	cookie, err := r.Cookie("user")
	if err != nil {
		return tokencore.Actor{}, session.ErrNone
	}
	user, err := s.users.UserByName(r.Context(), cookie.Value)
	if errors.Is(err, tokencore.ErrNotFound) || err == nil && !user.IsActive {
		return tokencore.Actor{}, session.ErrNone
	}
	w.Header().Set("Session-Timeout", "1800")
	return tokencore.Actor{User: user, Scope: tokencore.ScopeRead | tokencore.ScopeWrite}, err
}

func (sessions) FormToken(http.ResponseWriter, *http.Request) (string, error) { return formToken, nil }

func (sessions) CheckCSRF(_ *http.Request, token string) error {
	if token != formToken {
		return &session.CSRFError{Reason: "CSRF token missing."}
	}
	return nil
}

var (
	_ tokencore.Directory = (*directory)(nil)
	_ oauth.Sessions      = sessions{}
)
