package bearer_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

// wire is a RoundTripper that keeps the bytes that would be sent.
type wire struct{ sent bytes.Buffer }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Write(&w.sent); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// forwarded sends a raw request through the middleware and a proxy; it returns what the
// server behind gets, or nil.
func forwarded(raw string) []byte {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		return nil
	}
	r.RemoteAddr = "192.0.2.1:1"
	behind := new(wire)
	proxy := &httputil.ReverseProxy{Transport: behind, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(&url.URL{Scheme: "http", Host: "behind"})
		principal, _ := bearer.FromContext(p.In.Context())
		p.Out.Header.Set("X-Awx-User", principal.User.Username)
	}}
	hygiene := bearer.NewHygiene(bearer.HygieneConfig{Names: identityNames})
	bearer.Require(live(tokencore.ScopeWrite), bearer.WithHygiene(hygiene))(proxy).ServeHTTP(httptest.NewRecorder(), r)
	return behind.sent.Bytes()
}

// The path that was judged is the path that is sent on, whatever the target.
func FuzzForwardedTarget(f *testing.F) {
	for _, target := range []string{"/", "/a/b?c=d", "/a%20b/", "/\u00fc/", "/a%2fb", "/a/../b", "http://evil/x", "//x", "/x#y", "/a%41^", "/%c3%bc?%00"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		if strings.ContainsAny(target, " \r\n") {
			return // another request line
		}
		sent := forwarded("GET " + target + " HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer " + token + "\r\n\r\n")
		if len(sent) == 0 {
			return
		}
		line, _, _ := strings.Cut(string(sent), "\r\n")
		got, ok := strings.CutPrefix(line, "GET ")
		got, end := strings.CutSuffix(got, " HTTP/1.1")
		if !ok || !end {
			t.Fatalf("%q became %q", target, line)
		}
		got, _, _ = strings.Cut(got, "?")
		judged, ok := parsed(target)
		if !ok || got != judged.URL.EscapedPath() {
			t.Errorf("%q was judged as %q and sent on as %q", target, judged.URL.EscapedPath(), got)
		}
		again, ok := parsed(got)
		if !ok || bearer.AmbiguousPath(again) {
			t.Errorf("%q was sent on as %q, which has two readings", target, got)
		}
	})
}

// Nothing in the header makes the server behind see somebody else.
func FuzzForwardedHeader(f *testing.F) {
	for _, lines := range []string{
		"X_Awx_User: claimed", "Connection: X-Awx-User", "x-awx-user: claimed\r\nConnection: close, x-awx-user", "Cookie: a=b; awx_sessionid=claimed",
		"Upgrade: websocket\r\nConnection: upgrade, X-Awx-User", "Trailer: X-Awx-User\r\nTransfer-Encoding: chunked", "X-A: b\r\n X-Awx-User: claimed",
	} {
		f.Add(lines)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		if strings.Contains(lines, "\r\n\r\n") || strings.Contains(lines, "\n\n") || strings.Contains(lines, "\n\r\n") {
			return // the end of the header
		}
		sent := forwarded("GET / HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer " + token + "\r\n" + strings.Trim(lines, "\r\n") + "\r\n\r\n")
		if len(sent) == 0 {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sent)))
		if err != nil {
			t.Fatalf("%q became %q: %v", lines, sent, err)
		}
		if got := r.Header["X-Awx-User"]; len(got) != 1 || got[0] != "alice" {
			t.Errorf("%q: the server behind sees %q", lines, got)
		}
		for name := range r.Header {
			if strings.ContainsAny(name, "_.") || strings.EqualFold(name, "Authorization") || strings.EqualFold(name, "X-Dab-Jw-Token") {
				t.Errorf("%q: the server behind sees %s", lines, name)
			}
		}
		if cookie, err := r.Cookie("awx_sessionid"); err == nil {
			t.Errorf("%q: the server behind sees the session %q", lines, cookie.Value)
		}
	})
}
