package caddymodule

import (
	"net/http"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

func TestTokenBecomesIdentity(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	status, _, _ := r.do(http.MethodPost, "/api/v2/jobs/7/relaunch/?x=1", http.Header{
		"Authorization": {"Bearer " + token},
		"Cookie":        {"awx_sessionid=stolen; csrftoken=c"},
	})
	received := r.upstream.take()
	if status != http.StatusOK || len(received) != 1 {
		t.Fatalf("status %d, upstream saw %d requests", status, len(received))
	}
	got := received[0]
	for name, want := range map[string]string{
		"X-Awxgate-User": "admin", "X-Awxgate-User-Id": "1", "X-Awxgate-Superuser": "true",
		"X-Awxgate-Scope": "write", "X-Awxgate-Application-Id": "", "Authorization": "", "Cookie": "csrftoken=c",
	} {
		if value := got.Header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	if got.Method != http.MethodPost || got.RequestURI != "/api/v2/jobs/7/relaunch/?x=1" || got.Host != r.address {
		t.Errorf("the request became %s %s to %s", got.Method, got.RequestURI, got.Host)
	}
	for name, values := range got.Header {
		if strings.Contains(strings.Join(values, " "), token) {
			t.Errorf("the token is in %s", name)
		}
	}
}

func TestScopeDecidesByMethod(t *testing.T) {
	r := newRig(t)
	token := r.token("read").Access.Reveal()
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions} {
		if status, _, _ := r.do(method, "/api/v2/jobs/", bearerHeader(token)); status != http.StatusOK {
			t.Errorf("%s: status %d", method, status)
		}
	}
	r.upstream.take()
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "PROPFIND", "PURGE", "QUERY", "Post", "LINK"} {
		status, _, body := r.do(method, "/api/v2/jobs/", http.Header{
			"Authorization": {"Bearer " + token}, "X-Http-Method-Override": {"GET"},
		})
		if status != http.StatusForbidden || !strings.Contains(body, "You do not have permission") {
			t.Errorf("%s: status %d, %s", method, status, body)
		}
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("the upstream saw %d refused requests", n)
	}
}

func TestBadTokensAreUnauthorizedWhateverElseIsSent(t *testing.T) {
	r := newRig(t)
	revoked := r.token("write")
	if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, revoked.Token.ID); err != nil {
		t.Fatal(err)
	}
	good := r.token("write").Access.Reveal()
	for name, header := range map[string]http.Header{
		"unknown":           bearerHeader("nosuchtokennosuchtokennosuchto"),
		"expired":           bearerHeader(r.expiredToken()),
		"revoked":           bearerHeader(revoked.Access.Reveal()),
		"malformed":         bearerHeader("two words"),
		"empty":             bearerHeader(""),
		"two of them":       {"Authorization": {"Bearer " + good, "Bearer " + good}},
		"with a session":    {"Authorization": {"Bearer nosuch"}, "Cookie": {"awx_sessionid=s"}},
		"with Basic beside": {"Authorization": {"Basic YWRtaW46cGFzc3dvcmQ=", "Bearer nosuch"}},
	} {
		status, answer, body := r.do(http.MethodGet, "/api/v2/jobs/", header)
		if status != http.StatusUnauthorized || !strings.HasPrefix(answer.Get("WWW-Authenticate"), "Bearer ") ||
			!strings.Contains(body, "Authentication credentials were not provided") {
			t.Errorf("%s: status %d, WWW-Authenticate %q, %s", name, status, answer.Get("WWW-Authenticate"), body)
		}
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("the upstream saw %d refused requests", n)
	}
}

func TestWithoutTokenRequestsPassStripped(t *testing.T) {
	r := newRig(t)
	status, _, _ := r.do(http.MethodGet, "/api/v2/jobs/", http.Header{
		"Cookie": {"awx_sessionid=s"}, "Authorization": {"Basic eDp5"}, "X-Awxgate-User": {"admin"}, "X-Dab-Jw-Token": {"x"},
	})
	received := r.upstream.take()
	if status != http.StatusOK || len(received) != 1 {
		t.Fatalf("status %d, upstream saw %d requests", status, len(received))
	}
	for name, want := range map[string]string{
		"Cookie": "awx_sessionid=s", "Authorization": "Basic eDp5", "X-Awxgate-User": "", "X-Dab-Jw-Token": "",
	} {
		if value := received[0].Header.Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
}

func TestRequireRefusesRequestsWithoutToken(t *testing.T) {
	r := newRig(t, "require")
	if status, header, _ := r.do(http.MethodGet, "/", nil); status != http.StatusUnauthorized || header.Get("WWW-Authenticate") == "" {
		t.Errorf("status %d, %v", status, header)
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("the upstream saw %d requests", n)
	}
	if status, _, _ := r.do(http.MethodGet, "/", bearerHeader(r.token("read").Access.Reveal())); status != http.StatusOK {
		t.Errorf("with a token: status %d", status)
	}
}

func TestAuthOptionsAreChecked(t *testing.T) {
	for _, h := range []*AuthHandler{
		{UnknownBearer: "maybe"},
		{TrustedOrigins: []string{"awx.example.com"}},
		{TrustedOrigins: []string{"https://awx.example.com/"}},
	} {
		if h.Validate() == nil {
			t.Errorf("%+v was accepted", h)
		}
	}
	if err := (&AuthHandler{UnknownBearer: unknownPass, TrustedOrigins: []string{"https://awx.example.com:8443"}}).Validate(); err != nil {
		t.Error(err)
	}
}
