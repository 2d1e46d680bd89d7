package awxapi_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/session"
)

// browser is a client with a cookie jar, which sends what awxkit sends: the csrftoken
// in a header and a Referer.
type browser struct {
	w       *world
	cookies map[string]string
}

func (w *world) browser() *browser { return &browser{w, map[string]string{}} }

func (b *browser) send(t *testing.T, method, path, contentType, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer := b.w.serve(r)
	for _, c := range answer.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return answer
}

func (b *browser) get(t *testing.T, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return b.send(t, http.MethodGet, path, "", "", headers...)
}

// form posts a form with the csrftoken as a header.
func (b *browser) form(t *testing.T, path string, pairs ...string) *httptest.ResponseRecorder {
	t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return b.send(t, http.MethodPost, path, "application/x-www-form-urlencoded", values.Encode(), "X-CSRFToken", b.cookies["csrftoken"])
}

// change sends JSON with the csrftoken as a header.
func (b *browser) change(t *testing.T, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	return b.send(t, method, path, "application/json", body, "X-CSRFToken", b.cookies["csrftoken"])
}

func (b *browser) login(t *testing.T, username string) {
	t.Helper()
	b.get(t, "/api/")
	if got := b.form(t, "/api/login/", "username", username, "password", password, "next", "/api/"); got.Code != http.StatusFound {
		t.Fatalf("login: got %d %s", got.Code, got.Body)
	}
}

func wantStatus(t *testing.T, got *httptest.ResponseRecorder, want int) {
	t.Helper()
	if got.Code != want {
		t.Errorf("got %d %s, want %d", got.Code, got.Body, want)
	}
}

// The requests of awxkit's session login, in its order.
func TestLogin_OfAWXKit(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	wantStatus(t, b.get(t, "/api/"), http.StatusOK)
	before := b.cookies["csrftoken"]
	login := b.form(t, "/api/login/", "username", "alice", "password", password, "next", "/api/")
	got := map[string]string{}
	for _, name := range []string{"Location", "X-Api-Session-Cookie-Name", "Session-Timeout"} {
		got[name] = login.Header().Get(name)
	}
	want := map[string]string{"Location": "/api/", "X-Api-Session-Cookie-Name": "awx_sessionid", "Session-Timeout": "1800"}
	if diff := cmp.Diff(want, got); diff != "" || login.Code != http.StatusFound {
		t.Fatalf("login: %d\n%s", login.Code, diff)
	}
	if len(b.cookies["awx_sessionid"]) != 32 || b.cookies["csrftoken"] == before || b.cookies["userLoggedIn"] != "true" {
		t.Errorf("cookies: %v", b.cookies)
	}
	root := b.get(t, "/api/")
	if root.Header().Get("X-API-Product-Version") == "" {
		t.Error("/api/ does not know the session")
	}
	me := b.get(t, "/api/v2/me/")
	if me.Code != http.StatusOK || !strings.Contains(me.Body.String(), `"username":"alice"`) || me.Header().Get("Session-Timeout") != "1800" {
		t.Errorf("me: %d %v %s", me.Code, me.Header(), me.Body)
	}
	if ping := b.get(t, "/api/v2/ping/"); ping.Header().Get("Session-Timeout") != "1800" || ping.Header().Get("X-API-Product-Version") != "" {
		t.Errorf("ping: %v", ping.Header())
	}
	wantStatus(t, b.change(t, http.MethodPost, "/api/v2/tokens/", `{"description":"by session"}`), http.StatusCreated)
	user, err := w.store.User(t.Context(), alice)
	if err != nil || user.LastLogin.IsZero() {
		t.Errorf("last login: %v, %v", user.LastLogin, err)
	}
}

func TestLogin_SessionNeedsProofForChangesOnly(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.login(t, "alice")
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
		wantStatus(t, b.send(t, method, "/api/v2/tokens/", "", "", "Origin", "https://evil.example"), http.StatusOK)
	}
	for _, c := range []struct {
		headers []string
		want    string
	}{
		{nil, "CSRF Failed: CSRF token missing."},
		{[]string{"X-CSRFToken", strings.Repeat("x", 32)}, "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect."},
		{[]string{"X-CSRFToken", b.cookies["csrftoken"], "Origin", "https://evil.example"}, "CSRF Failed: Origin checking failed - https://evil.example does not match any trusted origins."},
		{[]string{"X-CSRFToken", b.cookies["csrftoken"], "Sec-Fetch-Site", "cross-site"}, "CSRF Failed: Origin checking failed - the request was made by another site."},
	} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			got := b.send(t, method, "/api/v2/tokens/", "application/json", "{}", c.headers...)
			if got.Code != http.StatusForbidden || got.Body.String() != `{"detail":"`+c.want+`"}` || got.Header().Get("X-API-Product-Version") != "" {
				t.Errorf("%s %v: got %d %s", method, c.headers, got.Code, got.Body)
			}
			if got.Header().Get("Session-Timeout") != "1800" {
				t.Errorf("%s %v: the session is not prolonged", method, c.headers)
			}
		}
	}
	delete(b.cookies, "csrftoken")
	got := b.send(t, http.MethodPost, "/api/v2/tokens/", "application/json", "{}")
	if want := `{"detail":"CSRF Failed: CSRF cookie not set."}`; got.Body.String() != want {
		t.Errorf("got %s", got.Body)
	}
	if _, n, err := w.store.Tokens(t.Context(), tokencore.Query{}); n != 0 || err != nil {
		t.Errorf("%d tokens were made, %v", n, err)
	}
}

func TestLogin_OrderOfCredentials(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.login(t, "alice")
	token := w.token(t, orgmember, 0, "read")
	who := func(headers ...string) string {
		t.Helper()
		got := b.get(t, "/api/v2/me/", headers...)
		if m := regexp.MustCompile(`"username":"(\w+)"`).FindStringSubmatch(got.Body.String()); m != nil {
			return m[1]
		}
		return http.StatusText(got.Code)
	}
	basic := httptest.NewRequest(http.MethodGet, "/", nil)
	basic.SetBasicAuth("admin", password)
	for _, c := range []struct {
		name, want string
		headers    []string
	}{
		{"session", "alice", nil},
		{"bearer before session", "orgmember", []string{"Authorization", "Bearer " + token.Access.Reveal()}},
		{"bad bearer before session", "Unauthorized", []string{"Authorization", "Bearer nosuch"}},
		{"session before Basic", "alice", []string{"Authorization", basic.Header.Get("Authorization")}},
	} {
		if got := who(c.headers...); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
	b.cookies["awx_sessionid"] = strings.Repeat("x", 32)
	if got := who("Authorization", basic.Header.Get("Authorization")); got != "admin" {
		t.Errorf("Basic after a dead session: got %s", got)
	}
	if err := w.svc.ChangeSettings(t.Context(), tokencore.Actor{}, settingsJSON("AUTH_BASIC_ENABLED", "false")); err != nil {
		t.Fatal(err)
	}
	if got := who("Authorization", basic.Header.Get("Authorization")); got != "Unauthorized" {
		t.Errorf("Basic while it is off: got %s", got)
	}
	b.login(t, "alice")
	if got := who(); got != "alice" {
		t.Errorf("session while Basic is off: got %s", got)
	}
}

func TestLogout_EndsTheSession(t *testing.T) {
	w := newWorld(t)
	for _, how := range []func(b *browser) *httptest.ResponseRecorder{
		func(b *browser) *httptest.ResponseRecorder { return b.get(t, "/api/logout/") },
		func(b *browser) *httptest.ResponseRecorder { return b.form(t, "/api/logout/") },
	} {
		b := w.browser()
		b.login(t, "alice")
		wantStatus(t, b.send(t, http.MethodPost, "/api/logout/", "", ""), http.StatusForbidden)
		stolen := b.cookies["awx_sessionid"]
		if got := how(b); got.Code != http.StatusFound || got.Header().Get("Location") != "/api/" || b.cookies["userLoggedIn"] != "false" {
			t.Errorf("got %d %v", got.Code, got.Header())
		}
		if b.cookies["awx_sessionid"] != "" {
			t.Error("the browser keeps the session")
		}
		b.cookies["awx_sessionid"] = stolen
		wantStatus(t, b.get(t, "/api/v2/me/"), http.StatusUnauthorized)
	}
}

func TestLogin_PasswordChangeEndsTheOtherSessions(t *testing.T) {
	w := newWorld(t)
	here, elsewhere := w.browser(), w.browser()
	here.login(t, "alice")
	elsewhere.login(t, "alice")
	wantStatus(t, here.change(t, http.MethodPatch, "/api/v2/users/6/", `{"password":"another one"}`), http.StatusOK)
	wantStatus(t, here.get(t, "/api/v2/me/"), http.StatusOK)
	wantStatus(t, elsewhere.get(t, "/api/v2/me/"), http.StatusUnauthorized)
}

// With users in a remote AWX, that AWX signs them in. Only the csrftoken of its
// clients' first request is ours.
func TestLogin_IsNotOursWithARemoteDirectory(t *testing.T) {
	w := newWorld(t, func(c *awxapi.Config) { c.Accounts = nil })
	b := w.browser()
	b.cookies[session.CookieName] = strings.Repeat("x", 32)
	for _, path := range []string{"/api/login/", "/api/logout/"} {
		if w.api.Owns(httptest.NewRequest(http.MethodGet, path, nil)) {
			t.Errorf("%s is ours", path)
		}
		wantStatus(t, b.get(t, path), http.StatusNotFound)
	}
	if b.get(t, "/api/"); len(b.cookies["csrftoken"]) != 32 || b.cookies[session.CookieName] == "" {
		t.Errorf("cookies: %v", b.cookies)
	}
}
