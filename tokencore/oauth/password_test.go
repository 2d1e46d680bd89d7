package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// The answers of AWX 24.6.1, byte for byte.
const (
	invalidClient      = `{"error": "invalid_client"}`
	invalidGrant       = `{"error": "invalid_grant"}`
	invalidScope       = `{"error": "invalid_scope"}`
	wrongPassword      = `{"error": "invalid_grant", "error_description": "Invalid credentials given."}`
	unauthorizedClient = `{"error": "unauthorized_client"}`
	unsupportedGrant   = `{"error": "unsupported_grant_type"}`
	noQuery            = `{"error": "invalid_request", "error_description": "URL query parameters are not allowed"}`
	unavailable        = `{"error": "temporarily_unavailable"}`
)

func missing(what string) string {
	return `{"error": "invalid_request", "error_description": "` + what + `"}`
}

// randomToken is what differs from one answer to the next.
var randomToken = regexp.MustCompile(`"[A-Za-z0-9]{30}"`)

func masked(body string) string { return randomToken.ReplaceAllString(body, `"*"`) }

func tokens(scope string) string {
	return `{"access_token": "*", "expires_in": 31536000000, "token_type": "Bearer", "scope": "` + scope + `", "refresh_token": "*"}`
}

func TestPasswordGrantAnswersAsAWX(t *testing.T) {
	w := newWorld(t)
	w.user(t, tokencore.User{Username: "inactive"})
	good := form("grant_type", "password", "username", "alice", "password", password)
	with := func(pairs ...string) url.Values {
		f := form("grant_type", "password", "username", "alice", "password", password)
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	without := func(name string) url.Values {
		f := with()
		f.Del(name)
		return f
	}
	secret := w.machine.secret.Reveal()
	for _, test := range []struct {
		name    string
		form    url.Values
		options []option
		status  int
		body    string
	}{
		{"no scope means read write", good, []option{basic(w.machine)}, 200, tokens("read write")},
		{"scope read", with("scope", "read"), []option{basic(w.machine)}, 200, tokens("read")},
		{"scope write", with("scope", "write"), []option{basic(w.machine)}, 200, tokens("write")},
		{"the order of scopes is kept", with("scope", "write read"), []option{basic(w.machine)}, 200, tokens("write read")},
		{"repeated scopes are kept", with("scope", "read read"), []option{basic(w.machine)}, 200, tokens("read read")},
		{"an empty scope is invalid", with("scope", ""), []option{basic(w.machine)}, 400, invalidScope},
		{"an unknown scope is invalid", with("scope", "foo"), []option{basic(w.machine)}, 400, invalidScope},
		{"one unknown scope is enough", with("scope", "read foo"), []option{basic(w.machine)}, 400, invalidScope},
		{"two spaces make an empty scope", with("scope", "read  write"), []option{basic(w.machine)}, 400, invalidScope},
		{"scopes are case-sensitive", with("scope", "READ"), []option{basic(w.machine)}, 400, invalidScope},
		{"wildcards are not scopes", with("scope", "*"), []option{basic(w.machine)}, 400, invalidScope},

		{"client in the body", with("client_id", w.machine.ClientID, "client_secret", secret), nil, 200, tokens("read write")},
		{"wrong secret in the body", with("client_id", w.machine.ClientID, "client_secret", "bad"), nil, 401, invalidClient},
		{"confidential client without a secret", with("client_id", w.machine.ClientID), nil, 401, invalidClient},
		{"unknown client in the header", good, []option{basic(client{Application: tokencore.Application{ClientID: "nosuch"}, secret: w.machine.secret})}, 401, invalidClient},
		{"a good body makes up for a bad header", with("client_id", w.machine.ClientID, "client_secret", secret), []option{basic(client{w.machine.Application, w.web.secret})}, 200, tokens("read write")},
		{"no client at all", good, nil, 401, invalidClient},
		{"unknown client in the body", with("client_id", "nosuch"), nil, 401, invalidClient},
		{"a public client needs only its id", with("client_id", w.gadget.ClientID), nil, 200, tokens("read write")},
		{"a public client's secret may be empty", with("client_id", w.gadget.ClientID, "client_secret", ""), nil, 200, tokens("read write")},
		{"a public client's wrong secret is refused", with("client_id", w.gadget.ClientID, "client_secret", "x"), nil, 401, invalidClient},
		{"a public client by Basic without a secret", good, []option{basic(client{Application: w.gadget.Application})}, 401, invalidClient},
		{"an unreadable Basic header", good, []option{header("Authorization", "Basic !!!")}, 401, invalidClient},
		{"a Bearer header is ignored", with("client_id", w.machine.ClientID, "client_secret", secret), []option{header("Authorization", "Bearer xyz")}, 200, tokens("read write")},
		{"empty Basic credentials", good, []option{header("Authorization", "Basic Og==")}, 401, invalidClient},
		{"the first 72 characters of a secret are not enough", with("client_id", w.machine.ClientID, "client_secret", secret[:72]+strings.Repeat("x", 56)), nil, 401, invalidClient},

		{"wrong password", with("password", "wrong"), []option{basic(w.machine)}, 400, wrongPassword},
		{"unknown user", with("username", "nobody"), []option{basic(w.machine)}, 400, wrongPassword},
		{"disabled user", with("username", "inactive"), []option{basic(w.machine)}, 400, wrongPassword},
		{"username missing", without("username"), []option{basic(w.machine)}, 400, missing("Request is missing username parameter.")},
		{"password missing", without("password"), []option{basic(w.machine)}, 400, missing("Request is missing password parameter.")},
		{"password empty", with("password", ""), []option{basic(w.machine)}, 400, missing("Request is missing password parameter.")},
		{"an application of the other grant", good, []option{basic(w.web)}, 400, unauthorizedClient},
		{"parameters that mean something to fosite mean nothing", with("audience", "https://x", "resource", "y", "client_assertion_type", "z"), []option{basic(w.machine)}, 200, tokens("read write")},

		{"grant_type missing", without("grant_type"), []option{basic(w.machine)}, 400, unsupportedGrant},
		{"unknown grant_type", with("grant_type", "foo"), []option{basic(w.machine)}, 400, unsupportedGrant},
		{"unknown grant_type without a client", with("grant_type", "foo"), nil, 400, unsupportedGrant},
		{"grant_type in upper case", with("grant_type", "PASSWORD"), []option{basic(w.machine)}, 400, unsupportedGrant},
		{"two grant types in one", with("grant_type", "password refresh_token"), []option{basic(w.machine)}, 400, unsupportedGrant},
		{"implicit", with("grant_type", "implicit"), []option{basic(w.machine)}, 400, unsupportedGrant},
		{"device", with("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), []option{basic(w.machine)}, 400, unsupportedGrant},
		{"assertion", with("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), []option{basic(w.machine)}, 400, unsupportedGrant},
		{"client_credentials", with("grant_type", "client_credentials"), []option{basic(w.machine)}, 400, unauthorizedClient},
		{"client_credentials of nobody", with("grant_type", "client_credentials"), nil, 401, invalidClient},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := w.rows(t)
			got := w.token(test.form, test.options...)
			answer{got.status, got.header, masked(got.body)}.want(t, test.status, test.body)
			if test.status != 200 {
				if diff := cmp.Diff(before, w.rows(t)); diff != "" {
					t.Errorf("a refused grant left something behind:\n%s", diff)
				}
			}
		})
	}
}

func TestTokenAnswersCarryAWXsHeaders(t *testing.T) {
	w := newWorld(t)
	w.user(t, tokencore.User{Username: "eve", External: "social", IsActive: true})
	always := http.Header{
		"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Pragma": {"no-cache"},
		"Vary": {"Accept-Language, Origin"}, "Content-Language": {"en"},
	}
	and := func(pairs ...string) http.Header {
		h := always.Clone()
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
			if pairs[i+1] == "" {
				h.Del(pairs[i])
			}
		}
		return h
	}
	request := func(method string) answer {
		return do(w.ServeToken, httptest.NewRequest(method, "/api/o/token/", nil))
	}
	notAllowed := http.Header{
		"Content-Type": {"text/html; charset=utf-8"}, "Allow": {"POST, OPTIONS"},
		"Vary": {"Accept-Language, Origin"}, "Content-Language": {"en"},
	}
	asEve := form("grant_type", "password", "username", "eve", "password", password)
	for _, test := range []struct {
		name   string
		got    answer
		status int
		header http.Header
	}{
		{"success", w.token(form("grant_type", "password", "username", "alice", "password", password), basic(w.machine)), 200, and("Vary", "Accept-Language, Origin, Cookie")},
		{"refusal", w.token(form("grant_type", "foo")), 400, always},
		{"bad client", w.token(form("grant_type", "password")), 401, and("Www-Authenticate", `Bearer error="invalid_client"`)},
		{"external user", w.token(asEve, basic(w.machine)), 403, and("Content-Type", "text/html; charset=utf-8", "Cache-Control", "", "Pragma", "")},
		{"GET", request("GET"), 405, notAllowed},
		{"HEAD", request("HEAD"), 405, notAllowed},
		{"PUT", request("PUT"), 405, notAllowed},
		{"DELETE", request("DELETE"), 405, notAllowed},
		{"TRACE", request("TRACE"), 405, notAllowed},
		{"OPTIONS", request("OPTIONS"), 200, notAllowed},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.got.status != test.status {
				t.Errorf("got status %d, want %d", test.got.status, test.status)
			}
			if diff := cmp.Diff(test.header, test.got.header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBodiesAreReadAsAWXReadsThem(t *testing.T) {
	w := newWorld(t)
	multipart := "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\npassword\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nalice\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n" + password + "\r\n--b--\r\n"
	tooLarge := `{"error": "invalid_request", "error_description": "The request body is too large."}`
	good := "grant_type=password&username=alice&password=correct+horse"
	huge := strings.Repeat("x", 1<<20)
	for _, test := range []struct {
		name, target, contentType, body string
		status                          int
		want                            string
	}{
		{"form", "/api/o/token/", "application/x-www-form-urlencoded", good, 200, tokens("read write")},
		{"form with a charset", "/api/o/token/", "Application/X-WWW-Form-Urlencoded; charset=utf-8", good, 200, tokens("read write")},
		{"multipart", "/api/o/token/", "multipart/form-data; boundary=b", multipart, 200, tokens("read write")},
		{"multipart that ends early", "/api/o/token/", "multipart/form-data; boundary=b", multipart[:80], 400, missing("The request body cannot be read.")},
		{"the last of repeated parameters counts", "/api/o/token/", "application/x-www-form-urlencoded", "username=bob&" + good, 200, tokens("read write")},
		{"and not the first", "/api/o/token/", "application/x-www-form-urlencoded", good + "&username=bob", 400, wrongPassword},
		{"JSON has no parameters", "/api/o/token/", "application/json", `{"grant_type": "password"}`, 400, unsupportedGrant},
		{"text has no parameters", "/api/o/token/", "text/plain", good, 400, unsupportedGrant},
		{"no body", "/api/o/token/", "", "", 400, unsupportedGrant},
		{"a query parameter is refused", "/api/o/token/?x=1", "application/x-www-form-urlencoded", good, 400, noQuery},
		{"credentials in the query are refused", "/api/o/token/?" + good, "application/x-www-form-urlencoded", "", 400, noQuery},
		{"a form beyond 1 MiB is refused", "/api/o/token/", "application/x-www-form-urlencoded", good + "&x=" + huge, 413, tooLarge},
		{"multipart beyond 1 MiB is refused", "/api/o/token/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + huge + "\r\n" + multipart, 413, tooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := post(w.ServeToken, test.target, test.body, basic(w.machine), header("Content-Type", test.contentType))
			answer{got.status, got.header, masked(got.body)}.want(t, test.status, test.want)
		})
	}
}

func TestCredentialsNeedNotBeEncodedPerfectly(t *testing.T) {
	w := newWorld(t)
	// Imported applications may have secrets that people chose.
	chosen := tokencore.NewSecret("50%+é:x")
	err := w.store.Update(t.Context(), func(tx tokencore.Tx) error {
		app := w.machine.Application
		app.SecretDigest = chosen.Digest(tokencore.KindClient)
		return tx.UpdateApplication(t.Context(), app)
	})
	if err != nil {
		t.Fatal(err)
	}
	good := "grant_type=password&username=alice&password=correct+horse"
	for _, test := range []struct {
		name   string
		body   string
		option option
		status int
	}{
		{"Basic as most clients send it", good, func(r *http.Request) { r.SetBasicAuth(w.machine.ClientID, "50%+é:x") }, 200},
		{"Basic as RFC 6749 wants it", good, func(r *http.Request) { r.SetBasicAuth(w.machine.ClientID, url.QueryEscape("50%+é:x")) }, 200},
		{"Basic in lower case", good, func(r *http.Request) {
			r.SetBasicAuth(w.machine.ClientID, "50%+é:x")
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "Basic", "basic", 1))
		}, 200},
		{"a secret that only looks alike", good, func(r *http.Request) { r.SetBasicAuth(w.machine.ClientID, "50% é:x") }, 401},
		{"a bare percent sign in a form", good + "&client_id=" + w.machine.ClientID + "&client_secret=50%%2bé:x", func(*http.Request) {}, 200},
		{"bytes that are not UTF-8", "grant_type=password&username=%ff&password=x&client_id=" + w.machine.ClientID + "&client_secret=50%%2bé:x", func(*http.Request) {}, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := post(w.ServeToken, "/api/o/token/", test.body, test.option); got.status != test.status {
				t.Errorf("got %d %s, want %d", got.status, got.body, test.status)
			}
		})
	}
}

func TestPasswordGrantWritesWhatAWXWrites(t *testing.T) {
	w := newWorld(t)
	before := w.rows(t)
	got := w.login(t, "scope", "write read")
	after := w.rows(t)
	if len(after.Tokens) != 1 || len(after.Refresh) != 1 || after.Activities != before.Activities+1 {
		t.Fatalf("got %d tokens, %d refresh tokens, %d activities, want one more of each", len(after.Tokens), len(after.Refresh), after.Activities-before.Activities)
	}
	token, refresh := after.Tokens[0], after.Refresh[0]
	wantToken := tokencore.Token{
		ID: token.ID, Digest: tokencore.DigestOf(tokencore.KindAccess, got.AccessToken), Hint: got.AccessToken[26:],
		UserID: w.alice.ID, UserAnsibleID: w.alice.AnsibleID, ApplicationID: w.machine.ID, GrantID: token.GrantID, Scope: "write read",
		Created: w.now, Modified: w.now, Expires: tokencore.ExpiryAfter(w.now, 31_536_000_000), Refreshable: true,
	}
	wantRefresh := tokencore.RefreshToken{
		ID: refresh.ID, Digest: tokencore.DigestOf(tokencore.KindRefresh, got.RefreshToken), Hint: got.RefreshToken[26:],
		UserID: w.alice.ID, UserAnsibleID: w.alice.AnsibleID, ApplicationID: w.machine.ID, TokenID: token.ID, GrantID: token.GrantID, Scope: "write read", Created: w.now,
	}
	if diff := cmp.Diff(wantToken, token); diff != "" {
		t.Errorf("token (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wantRefresh, refresh); diff != "" {
		t.Errorf("refresh token (-want +got):\n%s", diff)
	}
	if token.GrantID == "" {
		t.Error("the grant has no id")
	}
	if !w.accepted(t, got.AccessToken) {
		t.Error("the token does not open the API")
	}
}

func TestExternalUsersGetTokensOnlyIfAllowed(t *testing.T) {
	w := newWorld(t)
	w.user(t, tokencore.User{Username: "eve", External: "enterprise", IsActive: true})
	login := form("grant_type", "password", "username", "eve", "password", password)
	const denied = "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (enterprise)"

	w.token(login, basic(w.machine)).want(t, 403, denied)

	w.set(t, tokencore.SettingExternalUsers, "true")
	got := w.token(login, basic(w.machine)).ok(t)

	w.set(t, tokencore.SettingExternalUsers, "false")
	refused := w.refresh(got.RefreshToken, w.machine)
	refused.want(t, 403, denied)
	if vary := refused.header.Get("Vary"); vary != "Accept-Language, Origin, Cookie" {
		t.Errorf("Vary is %q", vary)
	}
	if !w.accepted(t, got.AccessToken) {
		t.Error("the old token must stay good")
	}
	w.set(t, tokencore.SettingExternalUsers, "true")
	w.refresh(got.RefreshToken, w.machine).ok(t)
}

func TestImportedApplicationOwnsItsTokens(t *testing.T) {
	w := newWorld(t)
	bob := w.user(t, tokencore.User{Username: "bob", IsActive: true})
	if _, _, err := w.svc.UpdateApplication(t.Context(), tokencore.Actor{}, w.machine.ID, func(a *tokencore.Application) error {
		a.UserID = bob.ID
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	got := w.login(t)
	for range 2 {
		rows := w.rows(t)
		if token, refresh := rows.Tokens[0], rows.Refresh[len(rows.Refresh)-1]; token.UserID != bob.ID || refresh.UserID != bob.ID {
			t.Errorf("token of user %d and refresh token of user %d, want %d", token.UserID, refresh.UserID, bob.ID)
		}
		got = w.refresh(got.RefreshToken, w.machine).ok(t)
	}
}
