package caddymodule

import (
	"net/http"
	"strings"
	"sync"
	"testing"
)

// The attacks of this file were holes in gateways of others.

func TestClientsCannotClaimAnIdentity(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	claims := []string{
		"X-Awxgate-User", "X_Awxgate_User", "X.Awxgate.User", "x-aWXgate-uSER", "X-Awxgate_User", "X-Awxgate-User-Id",
		"X-Awxgate-Superuser", "X-Awxgate-Application-Id", "X-DAB-JW-TOKEN", "X_DAB_JW_TOKEN", "X-Trusted-Proxy",
		"X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Envoy-External-Address", "X-Real-IP", "Forwarded",
	}
	for _, credentials := range []string{"X-Nothing: here", "Authorization: Bearer " + token} {
		for _, claim := range claims {
			line := r.raw("GET /api/v2/jobs/ HTTP/1.1", "Host: "+r.address, "Connection: close", credentials, claim+": claimed")
			received := r.upstream.take()
			if !strings.HasPrefix(line, "HTTP/1.1 200") || len(received) != 1 {
				t.Fatalf("%s: %s, upstream saw %d requests", claim, line, len(received))
			}
			for name, values := range received[0].Header {
				if strings.Contains(strings.Join(values, ""), "claimed") {
					t.Errorf("%s reached the upstream as %s", claim, name)
				}
			}
		}
	}
}

// CVE-2025-48865: a proxy removes what Connection names, also what it set itself.
func TestConnectionCannotRemoveTheIdentity(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	for _, lines := range [][]string{
		{"Connection: close, X-Awxgate-User, Cookie, X-Awxgate-User-Id"},
		{"Connection: close", "Connection: x-awxgate-user"},
		{"Connection: X_Awxgate_User, close"},
		{"Proxy-Connection: X-Awxgate-User", "Connection: close"},
		{"Connection: close", "Trailer: X-Awxgate-User"},
		{"Connection: close", "TE: trailers"},
	} {
		request := append([]string{"GET /api/v2/jobs/ HTTP/1.1", "Host: " + r.address, "Authorization: Bearer " + token}, lines...)
		line := r.raw(request...)
		received := r.upstream.take()
		if !strings.HasPrefix(line, "HTTP/1.1 200") || len(received) != 1 {
			t.Fatalf("%q: %s, upstream saw %d requests", lines, line, len(received))
		}
		if got := received[0].Header; got.Get("X-Awxgate-User") != "admin" || got.Get("X-Awxgate-User-Id") != "1" {
			t.Errorf("%q: the upstream got %v", lines, got)
		}
	}
}

func TestTrailersCannotClaimAnIdentity(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	line := r.raw("POST /api/v2/jobs/ HTTP/1.1", "Host: "+r.address, "Authorization: Bearer "+token, "Connection: close",
		"Transfer-Encoding: chunked", "Trailer: X-Awxgate-User", "", "0", "X-Awxgate-User: claimed")
	received := r.upstream.take()
	if !strings.HasPrefix(line, "HTTP/1.1 200") || len(received) != 1 {
		t.Fatalf("%s, upstream saw %d requests", line, len(received))
	}
	if len(received[0].Trailer) != 0 {
		t.Errorf("the upstream got the trailer %v", received[0].Trailer)
	}
}

func TestTraceAndConnectAreNeverAllowed(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	for _, credentials := range []string{"X-Nothing: here", "Authorization: Bearer " + token} {
		for _, method := range []string{"TRACE", "CONNECT", "trace"} {
			for _, path := range []string{"/api/v2/jobs/", "/api/v2/tokens/"} {
				line := r.raw(method+" "+path+" HTTP/1.1", "Host: "+r.address, "Connection: close", credentials)
				if !strings.HasPrefix(line, "HTTP/1.1 405") {
					t.Errorf("%s %s: %s", method, path, line)
				}
			}
		}
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("the upstream saw %d requests", n)
	}
}

func TestAmbiguousPathsAreRefusedWithAToken(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	for _, path := range []string{
		"/api/v2/jobs/7/../8/", "/api/v2/jobs/%2e%2e/8/", "/api/v2/jobs/7%2f8/", "/api/v2/jobs//8/", "/api/v2/jobs/;a/",
		"/api/v2/jobs/%5c/", "/api/v2/jobs/%00/", "/api/v2/jobs/%252e/",
	} {
		line := r.raw("GET "+path+" HTTP/1.1", "Host: "+r.address, "Connection: close", "Authorization: Bearer "+token)
		if !strings.HasPrefix(line, "HTTP/1.1 400") {
			t.Errorf("%s: %s", path, line)
		}
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("the upstream saw %d requests", n)
	}
}

// AWX up to 24.6.1 has a token API of its own; what slips through makes a token there
// that lives for 1000 years and that nobody here can revoke.
func TestTokenAPINeverReachesTheUpstream(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	for _, credentials := range []string{"X-Nothing: here", "Authorization: Bearer " + token} {
		for _, path := range []string{
			"/api/v2/tokens/", "/api/v2/tokens", "//api//v2/tokens/", "/API/v2/TOKENS/", "/api/v2/%74okens/", "/api/v2/tokens%2f1%2f",
			"/x/..%2fapi/v2/tokens/", "/x/../api/v2/tokens/", "/api/v2/./tokens/", "/api/v2/tokens/%2e/", "/api/v2/tokens;x=1/",
			"/api/v2/tokens%00/", "/api/v2%5ctokens/", "/api/v2/%2574okens/", "/api/o/token/", "/api/o/authorize/", "/api/v2/applications/1/",
			"/api/v2/users/1/personal_tokens/", "/api/v2/users/1/tokens/", "/api/v2/users/1/authorized_tokens/",
		} {
			line := r.raw("POST "+path+" HTTP/1.1", "Host: "+r.address, "Connection: close", credentials, "Content-Length: 0")
			if strings.HasPrefix(line, "HTTP/1.1 200") {
				t.Errorf("POST %s: %s", path, line)
			}
		}
	}
	for _, received := range r.upstream.take() {
		t.Errorf("the upstream saw %s %s", received.Method, received.RequestURI)
	}
}

// Without awxgate_api on a site, its paths are nobody's.
func TestTokenAPINeverReachesTheUpstreamWithAuthAlone(t *testing.T) {
	r := newRig(t)
	alone := strings.Replace(r.caddyfile(""), "\t\tawxgate {\n\t\t\t\n\t\t}\n", "\t\tawxgate_auth\n", 1)
	if !strings.Contains(alone, "awxgate_auth") {
		t.Fatal("the configuration was not changed")
	}
	if err := r.load(alone); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := r.do(http.MethodPost, "/api/v2/tokens/", bearerHeader(r.token("write").Access.Reveal())); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("the upstream saw %d requests", n)
	}
}

// Caddy #7859 and others: what belongs to one request turned up in another.
func TestIdentitiesAreNeverCrossed(t *testing.T) {
	const clients, requests = 16, 25
	r := newRig(t)
	want := map[string]string{
		r.tokenOfAlice():                  "200 upstream alice",
		r.token("write").Access.Reveal():  "200 upstream admin",
		"":                                "200 upstream ",
		"nosuchtokennosuchtokennosuchtok": "401 ",
	}
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for range requests {
				for token, want := range want { // in random order
					got, err := r.ask(token)
					if err != nil || !strings.HasPrefix(got, want) || strings.HasSuffix(want, " ") && strings.Contains(got, "admin") {
						t.Errorf("got %q, %v; want %q", got, err, want)
					}
				}
			}
		})
	}
	wait.Wait()
}
