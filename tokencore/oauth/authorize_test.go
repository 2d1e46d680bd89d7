package oauth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

func (w *world) look(query string, options ...option) answer {
	return do(w.ServeAuthorize, httptest.NewRequest(http.MethodGet, "/api/o/authorize/?"+query, nil), options...)
}

func TestAuthorizeShowsErrorsThatMustNotRedirect(t *testing.T) {
	w := newWorld(t)
	multi := w.app(t, tokencore.Application{
		Name: "multi", ClientType: tokencore.Confidential, GrantType: tokencore.GrantAuthorizationCode,
		RedirectURIs: callback + " https://b.example/cb?x=1",
	})
	web := "response_type=code&client_id=" + w.web.ClientID
	for _, test := range []struct{ name, query, want string }{
		{"no client", "response_type=code", "Missing client_id parameter."},
		{"empty client", "response_type=code&client_id=", "Missing client_id parameter."},
		{"unknown client", "response_type=code&client_id=nosuch", "Invalid client_id parameter value."},
		{"another site", web + "&redirect_uri=https%3A%2F%2Fevil.example%2F", "Mismatching redirect URI."},
		{"relative redirect URI", web + "&redirect_uri=%2Fcb", "Invalid redirect URI."},
		{"empty redirect URI", web + "&redirect_uri=", "Invalid redirect URI."},
		{"script", web + "&redirect_uri=javascript:alert(1)", "Invalid redirect URI."},
		{"network path", web + "&redirect_uri=//evil.example/cb", "Invalid redirect URI."},
		{"fragment", web + "&redirect_uri=https%3A%2F%2Fa.example%2Fcb%23x", "Mismatching redirect URI."},
		{"user info", web + "&redirect_uri=https%3A%2F%2Fa.example%40evil.example%2Fcb", "Mismatching redirect URI."},
		{"backslash", web + "&redirect_uri=https%3A%2F%2Fevil.example%5C%40a.example%2Fcb", "Invalid redirect URI."},
		{"sub-domain", web + "&redirect_uri=https%3A%2F%2Fa.example.evil.example%2Fcb", "Mismatching redirect URI."},
		{"another port", web + "&redirect_uri=https%3A%2F%2Fa.example%3A8443%2Fcb", "Mismatching redirect URI."},
		{"http for https", web + "&redirect_uri=http%3A%2F%2Fa.example%2Fcb", "Mismatching redirect URI."},
		{"path in upper case", web + "&redirect_uri=https%3A%2F%2Fa.example%2FCB", "Mismatching redirect URI."},
		{"path behind", web + "&redirect_uri=https%3A%2F%2Fa.example%2Fcb%2F..%2Fx", "Mismatching redirect URI."},
		{"line break", web + "&redirect_uri=https%3A%2F%2Fa.example%2Fcb%0d%0aX:y", "Invalid redirect URI."},
		{"broken IPv6", web + "&redirect_uri=http%3A%2F%2F%5B::1%2Fcb", "Invalid redirect URI."},
		{"several registered and none given", "response_type=code&client_id=" + multi.ClientID, "Missing redirect URI."},
		{"registered query missing", "response_type=code&client_id=" + multi.ClientID + "&redirect_uri=https%3A%2F%2Fb.example%2Fcb", "Mismatching redirect URI."},
		{"repeated client", web + "&client_id=" + w.web.ClientID, "Duplicate client_id parameter."},
		{"repeated redirect URI", web + "&redirect_uri=a&redirect_uri=b", "Duplicate redirect_uri parameter."},
		{"repeated state", web + "&state=a&state=b", "Duplicate state parameter."},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := w.look(test.query)
			if got.status != 400 || got.header.Get("Location") != "" {
				t.Errorf("got %d, Location %q", got.status, got.header.Get("Location"))
			}
			if want := "<h2>Error: invalid_request</h2>\n<p>" + test.want + "</p>"; !strings.Contains(got.body, want) {
				t.Errorf("got %s\nwant %s", got.body, want)
			}
		})
	}
}

func TestAuthorizeRedirectsAsAWX(t *testing.T) {
	w := newWorld(t)
	machine := w.app(t, tokencore.Application{
		Name: "password", ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword, RedirectURIs: callback,
	})
	web, q := "client_id="+w.web.ClientID, "&state=q"
	for _, test := range []struct{ name, query, want string }{
		{"response_type missing", web + q, "?error=invalid_request&error_description=Missing+response_type+parameter.&state=q"},
		{"response_type token", web + "&response_type=token" + q, "?error=unauthorized_client&state=q"},
		{"response_type none", web + "&response_type=none" + q, "?error=unauthorized_client&state=q"},
		{"response_type foo", web + "&response_type=foo" + q, "?error=unsupported_response_type&state=q"},
		{"response_type empty", web + "&response_type=" + q, "?error=unsupported_response_type&state=q"},
		{"two response types", web + "&response_type=code+token" + q, "?error=unsupported_response_type&state=q"},
		{"password application", "client_id=" + machine.ClientID + "&response_type=code" + q, "?error=unauthorized_client&state=q"},
		{"unknown scope", web + "&response_type=code&scope=foo" + q, "?error=invalid_scope&state=q"},
		{"empty scope", web + "&response_type=code&scope=" + q, "?error=invalid_scope&state=q"},
		{"no state", web + "&response_type=code&scope=foo", "?error=invalid_scope"},
		{"a state that needs encoding", web + "&response_type=code&scope=foo&state=a%26b%20c%0d%0a", "?error=invalid_scope&state=a%26b+c%0D%0A"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := w.look(test.query)
			if got.status != 302 || got.header.Get("Location") != callback+test.want || got.body != "" {
				t.Errorf("got %d %s\nwant 302 %s", got.status, got.header.Get("Location"), callback+test.want)
			}
			want := http.Header{
				"Content-Type": {"text/html; charset=utf-8"}, "Vary": {"Accept-Language, Origin, Cookie"},
				"Content-Language": {"en"}, "Location": {callback + test.want},
				"Cache-Control": {"no-store"}, "Referrer-Policy": {"no-referrer"},
			}
			if diff := cmp.Diff(want, got.header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAuthorizePageSaysWhatIsAskedFor(t *testing.T) {
	w := newWorld(t)
	app := w.app(t, tokencore.Application{
		Name: `<script>alert("x")</script>`, ClientType: tokencore.Confidential,
		GrantType: tokencore.GrantAuthorizationCode, RedirectURIs: callback,
	})
	got := w.look("response_type=code&scope=read&state=%22%3E%3Cb%3E&client_id=" + app.ClientID)
	if got.status != 200 {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	for _, want := range []string{
		"<h1>Authorize &lt;script&gt;", "<li>Read what you may read</li>", "<strong>a.example</strong>",
		`name="redirect_uri" value="https://a.example/cb"`, `name="scope" value="read"`,
		`name="state" value="&#34;&gt;&lt;b&gt;"`, `name="client_id" value="` + app.ClientID + `"`,
		`type="password"`, `name="allow" value="Authorize"`, `<button formnovalidate>Cancel</button>`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<script", "Change and run", "http-equiv", "src="} {
		if strings.Contains(got.body, bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
	} {
		if value := got.header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	policy := got.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %s", policy, want)
		}
	}
	style := got.body[strings.Index(got.body, "<style>")+len("<style>") : strings.Index(got.body, "</style>")]
	if !strings.Contains(policy, "'sha256-"+base64SHA256(style)+"'") {
		t.Errorf("the policy %q does not allow the style sheet", policy)
	}
}

func TestAuthorizeButtons(t *testing.T) {
	w := newWorld(t)
	t.Run("Cancel", func(t *testing.T) {
		got := w.authorize(w.web, "allow", "", "state", "deny1", "password", "")
		if location := got.header.Get("Location"); got.status != 302 || location != callback+"?error=access_denied&state=deny1" {
			t.Errorf("got %d %s", got.status, location)
		}
	})
	t.Run("Authorize with a wrong password", func(t *testing.T) {
		got := w.authorize(w.web, "password", "battery staple", "state", "s", "scope", "read")
		if got.status != 401 || got.header.Get("Location") != "" {
			t.Errorf("got %d %s", got.status, got.header.Get("Location"))
		}
		for _, want := range []string{"Wrong username or password.", `name="state" value="s"`, `name="scope" value="read"`, `name="username" value="alice"`} {
			if !strings.Contains(got.body, want) {
				t.Errorf("the page lacks %s", want)
			}
		}
		if strings.Contains(got.body, "battery") {
			t.Error("the page shows the password")
		}
	})
	t.Run("Authorize without a password", func(t *testing.T) {
		if got := w.authorize(w.web, "password", ""); got.status != 401 {
			t.Errorf("got %d", got.status)
		}
	})
	t.Run("Authorize", func(t *testing.T) {
		got := w.authorize(w.web, "state", "abc")
		if want := callback + "?code=" + got.code(t) + "&state=abc"; got.header.Get("Location") != want {
			t.Errorf("got %s\nwant %s", got.header.Get("Location"), want)
		}
	})
	t.Run("Authorize without a state", func(t *testing.T) {
		got := w.authorize(w.web)
		if want := callback + "?code=" + got.code(t); got.header.Get("Location") != want {
			t.Errorf("got %s\nwant %s", got.header.Get("Location"), want)
		}
	})
	t.Run("Authorize with a form that was tampered with", func(t *testing.T) {
		for field, value := range map[string]string{"redirect_uri": "https://evil.example/", "client_id": "nosuch"} {
			if got := w.authorize(w.web, field, value); got.status != 400 || got.header.Get("Location") != "" {
				t.Errorf("%s: got %d, Location %q", field, got.status, got.header.Get("Location"))
			}
		}
		if got := w.authorize(w.web, "scope", "admin"); got.header.Get("Location") != callback+"?error=invalid_scope" {
			t.Errorf("got %s", got.header.Get("Location"))
		}
	})
}

func TestAuthorizeReadsAFormFromItsBodyAlone(t *testing.T) {
	w := newWorld(t)
	query := "?response_type=code&client_id=" + w.web.ClientID
	if got := post(w.ServeAuthorize, "/api/o/authorize/"+query, "allow=Authorize&username=alice&password=correct+horse"); got.status != 400 {
		t.Errorf("got %d %s", got.status, got.header.Get("Location"))
	}
}

func TestAuthorizeKeepsTheRedirectURIsQuery(t *testing.T) {
	w := newWorld(t)
	multi := w.app(t, tokencore.Application{
		Name: "multi", ClientType: tokencore.Confidential, GrantType: tokencore.GrantAuthorizationCode,
		RedirectURIs: "https://b.example/cb?x=1 http://127.0.0.1/cb http://[::1]/cb",
	})
	for _, test := range []struct{ uri, want string }{
		{"https://b.example/cb?x=1", "https://b.example/cb?x=1&code="},
		{"https://b.example/cb?y=%20&x=1", "https://b.example/cb?y=%20&x=1&code="},
		{"http://127.0.0.1:51234/cb", "http://127.0.0.1:51234/cb?code="},
		{"http://[::1]:51234/cb", "http://[::1]:51234/cb?code="},
	} {
		got := w.authorize(multi, "redirect_uri", test.uri)
		code := got.code(t)
		if location := got.header.Get("Location"); location != test.want+code {
			t.Errorf("got %s\nwant %s", location, test.want)
		}
		w.redeem(code, multi, "redirect_uri", test.uri).ok(t)
	}
}

func TestAuthorizeKnowsWhoIsSignedIn(t *testing.T) {
	var alice tokencore.User
	w := newWorldWith(t, memory.New(), oauth.Config{
		ResourceOwner: func(r *http.Request) (tokencore.User, bool) {
			_, err := r.Cookie("session")
			return alice, err == nil
		},
	})
	alice = w.alice
	skip := w.app(t, tokencore.Application{
		Name: "skip", ClientType: tokencore.Confidential, GrantType: tokencore.GrantAuthorizationCode,
		RedirectURIs: callback, SkipAuthorization: true,
	})
	session := header("Cookie", "session=1")
	query := "response_type=code&state=s&client_id="

	t.Run("and does not ask for a password", func(t *testing.T) {
		got := w.look(query+w.web.ClientID, session)
		if got.status != 200 || strings.Contains(got.body, "password") || !strings.Contains(got.body, "signed in as <strong>alice</strong>") {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
	t.Run("but still for consent", func(t *testing.T) {
		f := form("response_type", "code", "client_id", w.web.ClientID, "allow", "Authorize").Encode()
		post(w.ServeAuthorize, "/api/o/authorize/", f, session).code(t)
		if got := post(w.ServeAuthorize, "/api/o/authorize/", f); got.status != 401 {
			t.Errorf("without the session: got %d", got.status)
		}
	})
	t.Run("unless the application skips it", func(t *testing.T) {
		got := w.look(query+skip.ClientID, session)
		if want := callback + "?code=" + got.code(t) + "&state=s"; got.header.Get("Location") != want {
			t.Errorf("got %s", got.header.Get("Location"))
		}
		w.redeem(got.code(t), skip).ok(t)
		if got := w.look(query + skip.ClientID); got.status != 200 {
			t.Errorf("without the session: got %d", got.status)
		}
		head := do(w.ServeAuthorize, httptest.NewRequest(http.MethodHead, "/api/o/authorize/?"+query+skip.ClientID, nil), session)
		if head.status != 200 || head.body != "" {
			t.Errorf("HEAD: got %d %s", head.status, head.header.Get("Location"))
		}
	})
	t.Run("and refuses forms of other sites", func(t *testing.T) {
		f := form("response_type", "code", "client_id", w.web.ClientID, "allow", "Authorize").Encode()
		for _, foreign := range []option{header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example"), header("Origin", "null")} {
			if got := post(w.ServeAuthorize, "/api/o/authorize/", f, session, foreign); got.status != 403 || got.header.Get("Location") != "" {
				t.Errorf("got %d %s", got.status, got.header.Get("Location"))
			}
		}
		post(w.ServeAuthorize, "/api/o/authorize/", f, session, header("Origin", "http://example.com")).code(t)
	})
	t.Run("or was", func(t *testing.T) {
		alice.IsActive = false
		if got := w.look(query+skip.ClientID, session); got.status != 200 || !strings.Contains(got.body, `type="password"`) {
			t.Errorf("a disabled user: got %d", got.status)
		}
	})
}

func TestAuthorizeMethods(t *testing.T) {
	w := newWorld(t)
	for method, status := range map[string]int{"OPTIONS": 200, "PUT": 405, "DELETE": 405, "TRACE": 405} {
		got := do(w.ServeAuthorize, httptest.NewRequest(method, "/api/o/authorize/", nil))
		if got.status != status || got.header.Get("Allow") != "GET, POST, HEAD, OPTIONS" {
			t.Errorf("%s: got %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
}

func TestAuthorizeIsUnavailableWhenNobodyKnows(t *testing.T) {
	query := "response_type=code&client_id="
	for name, breakIt := range map[string]func(w *world){
		"the store cannot read":      func(w *world) { w.store.failReads = true },
		"the directory is away":      func(w *world) { w.users.breakWith(errors.New("no route")) },
		"the code cannot be written": func(w *world) { w.store.arm(1) },
		"nothing can be committed":   func(w *world) { w.store.failCommit = true },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			breakIt(w)
			got := w.authorize(w.web)
			if got.status != 503 || got.header.Get("Retry-After") == "" || got.header.Get("Location") != "" {
				t.Errorf("got %d, Location %q", got.status, got.header.Get("Location"))
			}
			if name == "the store cannot read" && w.look(query+w.web.ClientID).status != 503 {
				t.Error("the page is shown although nobody knows the application")
			}
		})
	}
}
