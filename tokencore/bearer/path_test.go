package bearer_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/awxgate/awxgate/tokencore/bearer"
)

// parsed makes the request that a server makes of a target; ok is false for targets
// that it refuses.
func parsed(target string) (r *http.Request, ok bool) {
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, false
	}
	return &http.Request{Method: http.MethodGet, URL: u, RequestURI: target, Header: http.Header{}}, true
}

func TestAmbiguousPath(t *testing.T) {
	tests := []struct {
		target string
		want   bool
	}{
		{"/", false},
		{"/api/v2/tokens/", false},
		{"/api/v2/tokens", false},
		{"/api/v2/tokens/7/?a=1;b=%2f..%00//", false},
		{"/api/v2/%74okens/", false},
		{"/api/v2/job_templates/a%20b++Default/", false},
		{"/api/v2/users/J%C3%BCrgen/", false},
		{"/api/v2/users/Jürgen/", false},
		{"/static/app.min.js", false},
		{"/.well-known/x", false},
		{"/a/..b/c../...", false},
		{"/sale/100%25", false},
		{"/sale/100%25zz", false},
		{"http://evil/api/v2/tokens/", false},

		{"/api//v2/tokens/", true},
		{"//api/v2/tokens/", true},
		{"/api/v2/tokens//", true},
		{"/x/../tokens/", true},
		{"/api/v2/./tokens/", true},
		{"/api/v2/tokens/.", true},
		{"/api/v2/tokens/..", true},
		{"/api/v2/tokens/%2e", true},
		{"/api/v2/tokens/%2E%2e/", true},
		{"/api/v2/tokens/.%2e", true},
		{"/x/..%2ftokens/", true},
		{"/api/v2/tokens%2f1%2F", true},
		{"/api/v2/tok%5cens/", true},
		{`/api/v2/tok\ens/`, true},
		{"/api/v2/tokens%00/", true},
		{"/api/v2/tokens%0d%0aX:/", true},
		{"/api/v2/tokens%7f/", true},
		{"/api/v2/tokens;x=1/", true},
		{"/api/v2/tokens%3bx=1/", true},
		{"/7/..;/8", true},
		{"/api%252fv2/tokens/", true},
		{"/api/%252e%252e/", true},
		{"/api/%25%32%65/", true},
		{"/api/%ff/", true},
		{"/api/%c0%af/", true},
		{"/api/\xff/", true},
		{"/api/v2/users/#/api/v2/ping/", true},
		{"*", true},
		{"http://evil", true},
	}
	for _, tt := range tests {
		t.Run(tt.target, func(t *testing.T) {
			r, ok := parsed(tt.target)
			if !ok {
				t.Fatal("a server would refuse this target")
			}
			if got := bearer.AmbiguousPath(r); got != tt.want {
				t.Errorf("AmbiguousPath(%q) = %t, want %t", tt.target, got, tt.want)
			}
		})
	}
}

func TestAmbiguousPath_EitherFormIsEnough(t *testing.T) {
	clean := &url.URL{Path: "/a"}
	tests := []struct {
		name string
		r    *http.Request
		want bool
	}{
		{"both clean", &http.Request{URL: clean, RequestURI: "/a"}, false},
		{"no request line", &http.Request{URL: clean}, false},
		{"bad request line", &http.Request{URL: clean, RequestURI: "/x/../a"}, true},
		{"raw control byte", &http.Request{URL: clean, RequestURI: "/a\x01"}, true},
		{"raw space", &http.Request{URL: clean, RequestURI: "/a b"}, true},
		{"escape that is none", &http.Request{URL: clean, RequestURI: "/a%zz"}, true},
		{"bad path", &http.Request{URL: &url.URL{Path: "/x/../a"}, RequestURI: "/a"}, true},
		{"bad raw path", &http.Request{URL: &url.URL{Path: "/x/a", RawPath: "/x%2fa"}, RequestURI: "/a"}, true},
		{"opaque", &http.Request{URL: &url.URL{Scheme: "http", Opaque: "a"}}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := bearer.AmbiguousPath(tt.r); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

// Whatever passes has one meaning: decoding it again, cleaning it, or reading
// backslashes as slashes changes nothing.
func FuzzAmbiguousPath(f *testing.F) {
	for _, target := range []string{"/", "/a/b/", "/%2e%2e/", "/a%25b", "/%252f", "/a;b", "/ü", "/%c3%bc?x=%00", "http://h/a//b"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		r, ok := parsed(target)
		if !ok || bearer.AmbiguousPath(r) {
			return
		}
		path := r.URL.Path
		if !utf8.ValidString(path) || strings.ContainsAny(path, "\\;\x00\r\n\t\x7f") || strings.Contains(path, "//") {
			t.Fatalf("%q passed as %q", target, path)
		}
		for segment := range strings.SplitSeq(path, "/") {
			if segment == "." || segment == ".." {
				t.Fatalf("%q passed with a dot segment: %q", target, path)
			}
		}
		if again, err := url.PathUnescape(path); err == nil && again != path {
			t.Fatalf("%q passed and decodes twice: %q, %q", target, path, again)
		}
		if cleaned := (&url.URL{Path: "/"}).JoinPath(r.URL.EscapedPath()).Path; cleaned != path {
			t.Fatalf("%q passed as %q and cleans to %q", target, path, cleaned)
		}
	})
}
