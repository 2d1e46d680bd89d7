package session_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/session"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

const (
	// Of AWX's recordings: the cookie of a session, and tokens of its pages.
	recordedSecret = "rXjsjXRbKwDv3fAqIVHd8F3On50742bL"
	recordedToken  = "mnZR6UeF9Y1n3dX962K9OJgHXb3kQHwhDa89fHVGJkuIWinpENhcMe9la6ThKzxS"
	otherToken     = "otT8w7ILLyIHV4iH7X4ruDXCLN4Z0qs3Fg2qFUpMlUb2O9IXFIBus8QgYIUWUitE"
)

// csrfCase is a POST with some of cookie, header, form field and what browsers say.
type csrfCase struct {
	name, cookie, form string
	header             http.Header
	tls                bool
	want               string // empty: accepted
}

func (c csrfCase) check(w *world) error {
	r := httptest.NewRequest(http.MethodPost, site+"/api/login/", nil)
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "csrftoken", Value: c.cookie})
	}
	for name, values := range c.header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	if c.tls {
		r.TLS = new(tls.ConnectionState)
	}
	return w.CheckCSRF(r, c.form)
}

func (c csrfCase) run(t *testing.T, w *world) {
	t.Helper()
	got := ""
	if err := c.check(w); err != nil {
		refused, ok := errors.AsType[*session.CSRFError](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		got = refused.Reason
	}
	if got != c.want {
		t.Errorf("got %q\nwant %q", got, c.want)
	}
}

func TestCheckCSRFComparesTokens(t *testing.T) {
	w := newWorld(t)
	token := func(value string) http.Header { return http.Header{"X-CSRFToken": {value}} }
	const headerName = "CSRF token from the 'X-Csrftoken' HTTP header "
	other := strings.Repeat("x", 32)
	for _, c := range []csrfCase{
		{name: "header", cookie: recordedSecret, header: token(recordedSecret)},
		{name: "masked header", cookie: recordedSecret, header: token(recordedToken)},
		{name: "form", cookie: recordedSecret, form: recordedToken},
		{name: "another page's form", cookie: recordedSecret, form: otherToken},
		{name: "unmasked form", cookie: recordedSecret, form: recordedSecret},
		{name: "masked cookie", cookie: recordedToken, form: otherToken},
		{name: "form before header", cookie: recordedSecret, form: recordedToken, header: token(other)},

		{name: "nothing", want: "CSRF cookie not set."},
		{name: "no cookie", header: token(recordedSecret), want: "CSRF cookie not set."},
		{name: "short cookie", cookie: "x", header: token("x"), want: "CSRF cookie has incorrect length."},
		{name: "bad cookie", cookie: strings.Repeat("-", 32), want: "CSRF cookie has invalid characters."},
		{name: "no token", cookie: recordedSecret, want: "CSRF token missing."},
		{name: "empty header", cookie: recordedSecret, header: token(""), want: headerName + "has incorrect length."},
		{name: "long header", cookie: recordedSecret, header: token(recordedSecret + "x"), want: headerName + "has incorrect length."},
		{name: "bad header", cookie: recordedSecret, header: token(strings.Repeat("é", 16)), want: headerName + "has invalid characters."},
		{name: "wrong header", cookie: recordedSecret, header: token(other), want: headerName + "incorrect."},
		{name: "wrong masked header", cookie: other, header: token(recordedToken), want: headerName + "incorrect."},
		{name: "wrong form", cookie: recordedSecret, form: other, want: "CSRF token from POST incorrect."},
		{name: "short form", cookie: recordedSecret, form: "x", want: "CSRF token from POST has incorrect length."},
		{name: "bad form", cookie: recordedSecret, form: strings.Repeat("_", 64), want: "CSRF token from POST has invalid characters."},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, w) })
	}
}

func TestCheckCSRFAsksWhereFrom(t *testing.T) {
	w := newWorld(t)
	w.set(t, "CSRF_TRUSTED_ORIGINS", `["https://ui.example","https://*.apps.example","*"]`)
	const (
		originFailed  = "Origin checking failed - "
		refererFailed = "Referer checking failed - "
		untrusted     = " does not match any trusted origins."
	)
	from := func(pairs ...string) http.Header {
		h := http.Header{"X-CSRFToken": {recordedSecret}}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}
		return h
	}
	for _, c := range []csrfCase{
		{name: "own origin", header: from("Origin", "http://awx.example")},
		{name: "own origin over TLS", header: from("Origin", "https://awx.example"), tls: true},
		{name: "trusted origin", header: from("Origin", "https://ui.example", "Sec-Fetch-Site", "cross-site")},
		{name: "trusted sub-domain", header: from("Origin", "https://x.apps.example")},
		{name: "the browser says same origin, behind a proxy that ends TLS", header: from("Origin", "https://awx.example", "Sec-Fetch-Site", "same-origin")},
		{name: "no browser, any Referer", header: from("Referer", "http://evil.example/")},
		{name: "own Referer over TLS", header: from("Referer", "https://awx.example/api/login/"), tls: true},
		{name: "trusted Referer over TLS", header: from("Referer", "https://ui.example/x"), tls: true},

		{name: "foreign origin", header: from("Origin", "http://evil.example"), want: originFailed + "http://evil.example" + untrusted},
		{name: "null origin", header: from("Origin", "null"), want: originFailed + "null" + untrusted},
		{name: "own origin, but for the scheme", header: from("Origin", "https://awx.example"), want: originFailed + "https://awx.example" + untrusted},
		{name: "own origin in clear, over TLS", header: from("Origin", "http://awx.example"), tls: true, want: originFailed + "http://awx.example" + untrusted},
		{name: "own origin, but for the port", header: from("Origin", "http://awx.example:81"), want: originFailed + "http://awx.example:81" + untrusted},
		{name: "trusted origin in clear", header: from("Origin", "http://ui.example"), want: originFailed + "http://ui.example" + untrusted},
		{name: "looks like a trusted sub-domain", header: from("Origin", "https://evilapps.example"), want: originFailed + "https://evilapps.example" + untrusted},
		{name: "foreign origin that claims to be ours", header: from("Origin", "http://evil.example", "Sec-Fetch-Site", "same-origin"), want: originFailed + "http://evil.example" + untrusted},
		{name: "other site by Sec-Fetch-Site", header: from("Sec-Fetch-Site", "cross-site"), want: originFailed + "the request was made by another site."},
		{name: "sister site by Sec-Fetch-Site", header: from("Sec-Fetch-Site", "same-site"), want: originFailed + "the request was made by another site."},
		{name: "no Referer over TLS", header: from(), tls: true, want: refererFailed + "no Referer."},
		{name: "malformed Referer over TLS", header: from("Referer", "https://"), tls: true, want: refererFailed + "Referer is malformed."},
		{name: "Referer in clear", header: from("Referer", "http://awx.example/"), tls: true, want: refererFailed + "Referer is insecure while host is secure."},
		{name: "foreign Referer over TLS", header: from("Referer", "https://evil.example/x"), tls: true, want: refererFailed + "https://evil.example/x" + untrusted},
	} {
		c.cookie = recordedSecret
		t.Run(c.name, func(t *testing.T) { c.run(t, w) })
	}
}

func TestFormTokenFitsItsCookie(t *testing.T) {
	w := newWorld(t)
	b := newBrowser()
	seen := map[string]bool{}
	var first string
	for range 3 {
		recorder := httptest.NewRecorder()
		token, err := w.FormToken(recorder, b.request(http.MethodGet, site))
		if err != nil {
			t.Fatal(err)
		}
		b.take(recorder)
		if first == "" {
			first = b.value("csrftoken")
		}
		if len(token) != 64 || seen[token] || strings.Contains(token, first) || b.value("csrftoken") != first {
			t.Errorf("got %q with the cookie %q, which began as %q", token, b.value("csrftoken"), first)
		}
		seen[token] = true
		if err := w.CheckCSRF(b.request(http.MethodPost, site), token); err != nil {
			t.Error(err)
		}
	}
	b.cookies["csrftoken"].Value = "<script>"
	recorder := httptest.NewRecorder()
	if _, err := w.FormToken(recorder, b.request(http.MethodGet, site)); err != nil {
		t.Fatal(err)
	}
	if b.take(recorder); len(b.value("csrftoken")) != 32 {
		t.Errorf("a bad cookie became %q", b.value("csrftoken"))
	}
}

func TestWriteForbiddenIsAPage(t *testing.T) {
	recorder := httptest.NewRecorder()
	session.WriteForbidden(recorder, httptest.NewRequest(http.MethodPost, site, nil))
	body := recorder.Body.String()
	if recorder.Code != http.StatusForbidden || !strings.Contains(body, "<title>403 Forbidden</title>") ||
		!strings.Contains(body, "CSRF verification failed. Request aborted.") || recorder.Header().Get("Vary") != "Accept-Language, Origin" {
		t.Errorf("got %d %v %s", recorder.Code, recorder.Header(), body)
	}
}

// FuzzCheckCSRF: nothing panics, and nothing that differs from the cookie is accepted.
func FuzzCheckCSRF(f *testing.F) {
	f.Add(recordedSecret, recordedToken, "http://awx.example", "")
	f.Add(recordedSecret, "", "null", "https://[::1")
	f.Add("", "", "", "%")
	svc, err := tokencore.New(memory.New(), directory{}, tokencore.Config{})
	if err != nil {
		f.Fatal(err)
	}
	sessions, err := session.New(svc, session.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, cookie, token, origin, referer string) {
		r := httptest.NewRequest(http.MethodPost, site, nil)
		r.Header["Cookie"] = []string{"csrftoken=" + cookie}
		r.Header["X-Csrftoken"] = []string{token}
		if origin != "" {
			r.Header["Origin"] = []string{origin}
		}
		r.Header["Referer"] = []string{referer}
		r.TLS = new(tls.ConnectionState)
		if sessions.CheckCSRF(r, "") == nil && len(token) == len(cookie) && len(token) == 32 && token != cookie {
			t.Errorf("%q was accepted for %q", token, cookie)
		}
	})
}
