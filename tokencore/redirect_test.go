package tokencore

import (
	"strings"
	"testing"
)

// What AWX 24.6.1 answered for each of these.
func TestCheckRedirectURIs(t *testing.T) {
	const invalid = "Enter a valid URL."
	tests := []struct{ list, want string }{
		{"", ""},
		{"https://example.com/cb", ""},
		{"https://example.com/cb http://localhost:8000/x", ""},
		{"https://example.com/cb\nhttp://localhost:8000/x", ""},
		{"https://example.com/cb#", ""},
		{"https://example.com/cb#frag", "Redirect URIs must not contain fragments"},
		{"http://localhost", ""},
		{"http://127.0.0.1:8000", ""},
		{"http://[::1]:8000/cb", ""},
		{"https://example.com:99999/", ""},
		{"https://example.com?x=1", ""},
		{"https://user:pw@example.com/", ""},
		{"HTTPS://EXAMPLE.com/Cb", ""},
		{"http://a_b.com/", ""},
		{`http://example.com\x`, ""},
		{"http://example..com/", ""},
		{"http://256.1.1.1/", ""},
		{"http://ünïcode.com/", ""},
		{"http://" + strings.Repeat("a", 64) + ".com/", ""},
		{"ftp://example.com/cb", "Unauthorized redirect scheme: ftp"},
		{"FTP://example.com/cb", "Unauthorized redirect scheme: ftp"},
		{"myapp://cb", "Unauthorized redirect scheme: myapp"},
		{"custom+scheme://a.b", "Unauthorized redirect scheme: custom+scheme"},
		{"javascript://alert(1)", "Unauthorized redirect scheme: javascript"},
		{"5", invalid},
		{"notaurl", invalid},
		{"example.com/cb", invalid},
		{"//example.com/cb", invalid},
		{"http://", invalid},
		{"http:///path", invalid},
		{"https://exa mple.com", invalid},
		{"http://[zz]/cb", invalid},
		{"http://[1.2.3.4]/cb", invalid},
		{"http://-bad.com/", invalid},
		{"http://*.example.com/", invalid},
		{"urn:ietf:wg:oauth:2.0:oob", invalid},
		{"https://ok.com/ bad", invalid},
		{"http://x/" + strings.Repeat("y", 2048), invalid},
		{"http://" + strings.Repeat("a.", 127) + "com/", invalid},
	}
	for _, tt := range tests {
		got := ""
		if err := CheckRedirectURIs(tt.list, GrantPassword); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("CheckRedirectURIs(%.60q) = %q, want %q", tt.list, got, tt.want)
		}
	}
	for _, list := range []string{"", "   "} {
		if err := CheckRedirectURIs(list, GrantAuthorizationCode); err == nil ||
			err.Error() != "redirect_uris cannot be empty with grant_type authorization-code" {
			t.Errorf("authorization code with %q: %v", list, err)
		}
	}
}

func TestMatchRedirectURI(t *testing.T) {
	const registered = "https://app.example/cb https://q.example/cb?tenant=1 http://127.0.0.1/cb http://[::1]/cb http://127.0.0.1:9000/fixed http://localhost/cb"
	tests := []struct {
		requested string
		want      bool
	}{
		{"https://app.example/cb", true},
		{"https://app.example/cb?extra=1", true},
		{"https://q.example/cb?tenant=1&more=2", true},
		{"http://127.0.0.1:54321/cb", true},
		{"http://[::1]:54321/cb", true},
		{"http://127.0.0.1/cb", true},
		{"http://localhost/cb", true},
		{"", false},
		{"/cb", false},
		{"https://app.example/CB", false},
		{"https://app.example/cb/", false},
		{"https://app.example/cb/../x", false},
		{"https://app.example/%63b", false},
		{"https://app.example:443/cb", false},
		{"https://app.example.evil/cb", false},
		{"https://app.example@evil/cb", false},
		{"https://user@app.example/cb", false},
		{"https://app.example\\@evil/cb", false},
		{"https://app.example./cb", false},
		{"http://app.example/cb", false},
		{"https://app.example/cb#x", false},
		{"https://q.example/cb", false},
		{"https://q.example/cb?tenant=2", false},
		{"http://127.0.0.1:9001/fixed", false},
		{"https://127.0.0.1:54321/cb", false},
		{"http://127.0.0.2:54321/cb", false},
		{"http://127a0b0c1:1/cb", false},
		{"http://localhost:54321/cb", false},
		{"http://[::1/cb", false},
		{"javascript:alert(1)", false},
		{"https://app.example/cb\n", false},
		{"https://app.example\t/cb", false},
	}
	for _, tt := range tests {
		if got := MatchRedirectURI(registered, tt.requested); got != tt.want {
			t.Errorf("MatchRedirectURI(%q) = %v, want %v", tt.requested, got, tt.want)
		}
	}
}

func FuzzRedirectURI(f *testing.F) {
	f.Add("https://app.example/cb", "https://app.example/cb")
	f.Add("http://[::1", "http://[::1")
	f.Fuzz(func(t *testing.T, list, requested string) {
		// Neither may panic, and what was never registered never matches.
		_ = CheckRedirectURIs(list, GrantPassword)
		if MatchRedirectURI("", requested) {
			t.Fatalf("%q matches an empty list", requested)
		}
		MatchRedirectURI(list, requested)
	})
}
