package session_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore/session"
)

func TestNextStaysOnThisSite(t *testing.T) {
	for _, test := range []struct{ address, want string }{
		{"/", "/"},
		{"/api/v2/", "/api/v2/"},
		{" /api/v2/ ", "/api/v2/"},
		{"/api/o/authorize/?client_id=x&scope=read+write&redirect_uri=https%3A%2F%2Fa.example%2Fcb", "/api/o/authorize/?client_id=x&scope=read+write&redirect_uri=https%3A%2F%2Fa.example%2Fcb"},
		{"/käse brot", "/k%C3%A4se%20brot"},
		{"http://awx.example/api/", "http://awx.example/api/"},
		{"https://awx.example/api/", "https://awx.example/api/"},
		{"", "/"},
		{"api/v2/", "/"},
		{"//evil.example", "/"},
		{"///evil.example", "/"},
		{"////evil.example", "/"},
		{`/\evil.example`, "/"},
		{`\\evil.example`, "/"},
		{"/\t/evil.example", "/"},
		{"/\n/evil.example", "/"},
		{"\x00//evil.example", "/"},
		{"\u0085//evil.example", "/"},
		{"https:evil.example", "/"},
		{"https:/evil.example", "/"},
		{"http:///evil.example", "/"},
		{"https://evil.example/", "/"},
		{"https://awx.example.evil.example/", "/"},
		{"https://awx.example:8443/", "/"},
		{"https://awx.example@evil.example/", "/"},
		{"https://evil@awx.example/", "/"},
		{`https://awx.example\@evil.example/`, "/"},
		{"ftp://awx.example/", "/"},
		{"javascript:alert(1)", "/"},
		{"data:text/html,x", "/"},
		{"/api/\r\nSet-Cookie: x=y", "/"},
	} {
		r := httptest.NewRequest(http.MethodPost, "http://awx.example/api/login/", nil)
		if got := session.Next(r, test.address, "/"); got != test.want {
			t.Errorf("%q leads to %q, want %q", test.address, got, test.want)
		}
	}
}

func TestNextDoesNotLeaveTLS(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "https://awx.example/api/login/", nil)
	if got := session.Next(r, "http://awx.example/", "/"); got != "/" {
		t.Errorf("got %q", got)
	}
}

func TestSignInURLIsEncodedAsAWXDoes(t *testing.T) {
	for _, test := range []struct{ query, want string }{
		{"", "/api/login/?next=/api/o/authorize/"},
		{"client_id=ab1&response_type=code", "/api/login/?next=/api/o/authorize/%3Fclient_id%3Dab1%26response_type%3Dcode"},
		{"scope=read+write&x=a%20b", "/api/login/?next=/api/o/authorize/%3Fscope%3Dread%2Bwrite%26x%3Da%2520b"},
		{`state="<a|b>`, "/api/login/?next=/api/o/authorize/%3Fstate%3D%2522%253Ca%257Cb%253E"},
	} {
		if got := session.SignInURL("/api/o/authorize/", test.query); got != test.want {
			t.Errorf("%q: got %s\nwant %s", test.query, got, test.want)
		}
	}
}

// FuzzNext: whatever is asked for, a browser stays on this site.
func FuzzNext(f *testing.F) {
	for _, seed := range []string{"/", "//evil", `/\evil`, "https:evil", "/\t/evil", "https://awx.example/x", "http://awx.example@evil/", "/a?b#c", "\u2028//x"} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "http", Host: "awx.example", Path: "/api/login/"}
	f.Fuzz(func(t *testing.T, address string) {
		r := httptest.NewRequest(http.MethodPost, "http://awx.example/api/login/", nil)
		got := session.Next(r, address, "/")
		if strings.HasPrefix(got, "//") || strings.Contains(got, `\`) || got == "" {
			t.Fatalf("%q leads to %q", address, got)
		}
		for i := range len(got) {
			if got[i] <= ' ' || got[i] >= 0x7f {
				t.Fatalf("%q leads to %q", address, got)
			}
		}
		u, err := base.Parse(got)
		if err == nil && (u.Host != "awx.example" || u.User != nil || u.Scheme != "http" && u.Scheme != "https") {
			t.Fatalf("%q leads to %s", address, u)
		}
	})
}
