package oauth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// look is alice following a link to the page.
func (w *world) look(query string, options ...option) answer {
	return w.lookAs("alice", query, options...)
}

func (w *world) lookAs(username, query string, options ...option) answer {
	r := httptest.NewRequest(http.MethodGet, "/api/o/authorize/?"+query, nil)
	return do(w.ServeAuthorize, r, append(options, as(username))...)
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
				"Cache-Control": {"no-store"}, "Referrer-Policy": {"no-referrer"}, "Session-Timeout": {"1800"},
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
		"<h1>Authorize &lt;script&gt;", "<li>Reading scope", "<strong>a.example</strong>", "signed in as <strong>alice</strong>",
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, bad := range []string{"<script", "Writing scope", "http-equiv", "src=", "password"} {
		if strings.Contains(got.body, bad) {
			t.Errorf("the page contains %s", bad)
		}
	}
	var inputs []string
	for _, m := range inputPattern.FindAllString(got.body, -1) {
		inputs = append(inputs, strings.ReplaceAll(m, app.ClientID, "CLIENT"))
	}
	want := []string{
		`<input type="hidden" name="csrfmiddlewaretoken" value="ours">`,
		`<input type="hidden" name="redirect_uri" value="https://a.example/cb" id="id_redirect_uri">`,
		`<input type="hidden" name="scope" value="read" id="id_scope">`,
		`<input type="hidden" name="nonce" id="id_nonce">`,
		`<input type="hidden" name="client_id" value="CLIENT" id="id_client_id">`,
		`<input type="hidden" name="state" value="&#34;&gt;&lt;b&gt;" id="id_state">`,
		`<input type="hidden" name="response_type" value="code" id="id_response_type">`,
		`<input type="hidden" name="code_challenge" id="id_code_challenge">`,
		`<input type="hidden" name="code_challenge_method" id="id_code_challenge_method">`,
		`<input type="hidden" name="claims" id="id_claims">`,
		`<input type="submit" value="Cancel">`,
		`<input type="submit" name="allow" value="Authorize">`,
	}
	if diff := cmp.Diff(want, inputs); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || got.header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("the page may be framed: %q", policy)
	}
	if vary := got.header.Get("Vary"); vary != "Cookie, Accept-Language, Origin" {
		t.Errorf("Vary is %q", vary)
	}
}

var inputPattern = regexp.MustCompile(`<input[^>]*>`)

func TestAuthorizeButtons(t *testing.T) {
	w := newWorld(t)
	for _, allow := range []string{"", "false", "False"} {
		got := w.authorize(w.web, "allow", allow, "state", "deny1")
		if location := got.header.Get("Location"); got.status != 302 || location != callback+"?error=access_denied&state=deny1" {
			t.Errorf("Cancel (%q): got %d %s", allow, got.status, location)
		}
	}
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
	t.Run("with a form that lacks what the page always sends", func(t *testing.T) {
		for _, field := range []string{"redirect_uri", "scope", "client_id", "response_type"} {
			got := w.authorize(w.web, field, "")
			if got.status != 200 || got.header.Get("Location") != "" || !strings.Contains(got.body, "incomplete") {
				t.Errorf("%s: got %d %s", field, got.status, got.body)
			}
		}
	})
}

func TestAuthorizeReadsAFormFromItsBodyAlone(t *testing.T) {
	w := newWorld(t)
	query := "?response_type=code&scope=read&redirect_uri=https%3A%2F%2Fa.example%2Fcb&client_id=" + w.web.ClientID
	got := post(w.ServeAuthorize, "/api/o/authorize/"+query, "allow=Authorize&csrfmiddlewaretoken="+formToken, as("alice"))
	if got.status != 200 || got.header.Get("Location") != "" {
		t.Errorf("got %d %s", got.status, got.header.Get("Location"))
	}
}

func TestAuthorizeSendsStrangersToTheLogin(t *testing.T) {
	w := newWorld(t)
	if _, err := w.svc.CreateUser(t.Context(), tokencore.Actor{}, tokencore.User{Username: "gone"}); err != nil {
		t.Fatal(err)
	}
	const login = "/api/login/?next=/api/o/authorize/"
	query := "client_id=" + w.web.ClientID + "&response_type=code"
	encoded := "%3Fclient_id%3D" + w.web.ClientID + "%26response_type%3Dcode"
	issued := w.login(t)
	for _, test := range []struct {
		name, query, want string
		options           []option
	}{
		{"nobody", query, login + encoded, nil},
		{"nobody, with a request that is wrong", "", login, nil},
		{"Basic", query, login + encoded, []option{func(r *http.Request) { r.SetBasicAuth("alice", password) }}},
		{"a bearer token", query, login + encoded, []option{header("Authorization", "Bearer "+issued.AccessToken)}},
		{"a disabled user's session", query, login + encoded, []option{as("gone")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := do(w.ServeAuthorize, httptest.NewRequest(http.MethodGet, "/api/o/authorize/?"+test.query, nil), test.options...)
			if got.status != 302 || got.header.Get("Location") != test.want || got.header.Get("Vary") != "Accept-Language, Origin, Cookie" {
				t.Errorf("got %d %v", got.status, got.header)
			}
		})
	}
	t.Run("also after a good form", func(t *testing.T) {
		got := post(w.ServeAuthorize, "/api/o/authorize/", consentForm(w.web))
		if got.status != 302 || got.header.Get("Location") != login {
			t.Errorf("got %d %s", got.status, got.header.Get("Location"))
		}
	})
}

func TestAuthorizeRefusesFormsOfOtherSites(t *testing.T) {
	w := newWorld(t)
	for _, who := range []string{"alice", "nobody"} {
		got := post(w.ServeAuthorize, "/api/o/authorize/", consentForm(w.web, "csrfmiddlewaretoken", "theirs"), as(who))
		if got.status != 403 || got.header.Get("Location") != "" || !strings.Contains(got.body, "CSRF verification failed. Request aborted.") {
			t.Errorf("%s: got %d %s", who, got.status, got.body)
		}
	}
}

func TestAuthorizeDoesNotAskTwice(t *testing.T) {
	w := newWorld(t)
	skip := w.app(t, tokencore.Application{
		Name: "skip", ClientType: tokencore.Confidential, GrantType: tokencore.GrantAuthorizationCode,
		RedirectURIs: callback, SkipAuthorization: true,
	})
	query := "response_type=code&state=s&client_id="
	t.Run("for an application that skips it", func(t *testing.T) {
		got := w.look(query + skip.ClientID)
		if want := callback + "?code=" + got.code(t) + "&state=s"; got.header.Get("Location") != want {
			t.Errorf("got %s", got.header.Get("Location"))
		}
		w.redeem(got.code(t), skip).ok(t)
		head := do(w.ServeAuthorize, httptest.NewRequest(http.MethodHead, "/api/o/authorize/?"+query+skip.ClientID, nil), as("alice"))
		if head.status != 200 || head.body != "" || head.header.Get("Location") != "" {
			t.Errorf("HEAD: got %d %s", head.status, head.header.Get("Location"))
		}
	})
	auto := query + w.web.ClientID + "&approval_prompt=auto"
	t.Run("if asked so, once there is a token", func(t *testing.T) {
		if got := w.look(auto); got.status != 200 {
			t.Errorf("without a token: got %d", got.status)
		}
		w.redeem(w.authorize(w.web, "scope", "read").code(t), w.web).ok(t)
		w.look(auto + "&scope=read").code(t)
		if got := w.look(query + w.web.ClientID + "&scope=read"); got.status != 200 {
			t.Errorf("without being asked so: got %d", got.status)
		}
		if got := w.look(auto + "&scope=read+write"); got.status != 200 {
			t.Errorf("for a wider scope: got %d", got.status)
		}
		bob := w.user(t, tokencore.User{Username: "bob", IsActive: true})
		if got := w.lookAs(bob.Username, auto+"&scope=read"); got.status != 200 {
			t.Errorf("for another user: got %d", got.status)
		}
	})
	t.Run("and again once that has expired", func(t *testing.T) {
		w.set(t, "OAUTH2_PROVIDER", `{"ACCESS_TOKEN_EXPIRE_SECONDS":60}`)
		w.redeem(w.authorize(w.native, "code_challenge", challengeOf(verifier), "code_challenge_method", "S256").code(t),
			w.native, "code_verifier", verifier).ok(t)
		native := query + w.native.ClientID + "&approval_prompt=auto&code_challenge_method=S256&code_challenge=" + challengeOf(verifier)
		w.look(native).code(t)
		w.now = w.now.Add(time.Minute)
		if got := w.look(native); got.status != 200 {
			t.Errorf("got %d", got.status)
		}
	})
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
