package caddymodule

import (
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

func TestHeadersIdentityTellsWhoActs(t *testing.T) {
	alice := tokencore.User{ID: 6, Username: "alice", Email: "alice@example.com"}
	for _, test := range []struct {
		name      string
		set       map[string]string
		principal tokencore.Principal
		want      http.Header
	}{
		{"a personal token", nil, tokencore.Principal{TokenID: 9, Scope: tokencore.ScopeWrite, User: alice}, http.Header{
			"X-Awxgate-User": {"alice"}, "X-Awxgate-User-Id": {"6"}, "X-Awxgate-Superuser": {"false"},
			"X-Awxgate-Scope": {"write"}, "X-Awxgate-Token-Id": {"9"},
		}},
		{"a token of an application", nil, tokencore.Principal{
			TokenID: 9, ApplicationID: 3, Scope: tokencore.ScopeRead | tokencore.ScopeWrite,
			User: tokencore.User{ID: 1, Username: "admin", IsSuperuser: true},
		}, http.Header{
			"X-Awxgate-User": {"admin"}, "X-Awxgate-User-Id": {"1"}, "X-Awxgate-Superuser": {"true"},
			"X-Awxgate-Scope": {"read write"}, "X-Awxgate-Token-Id": {"9"}, "X-Awxgate-Application-Id": {"3"},
		}},
		{
			"chosen headers only",
			map[string]string{"user": "x-user", "email": "X-Email"},
			tokencore.Principal{User: alice},
			http.Header{"X-User": {"alice"}, "X-Email": {"alice@example.com"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			identity := &HeadersIdentity{Set: test.set}
			if err := identity.Provision(caddy.Context{}); err != nil {
				t.Fatal(err)
			}
			r := &http.Request{Header: http.Header{}}
			if err := identity.Apply(r, &test.principal); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, r.Header); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for name := range r.Header {
				if !strings.Contains(strings.Join(identity.Headers(), " "), name) {
					t.Errorf("Headers does not list %s", name)
				}
			}
		})
	}
}

func TestHeadersIdentityRefusesHeadersThatMeanSomethingElse(t *testing.T) {
	for _, test := range []struct{ name, attribute, header string }{
		{"an underscore, which Caddy drops", "user", "X_User"},
		{"a dot, which Caddy drops", "user", "X.User"},
		{"a space", "user", "X User"},
		{"nothing", "user", ""},
		{"the credentials", "user", "authorization"},
		{"the host", "user", "Host"},
		{"the body's length", "user", "Content-Length"},
		{"the connection", "user", "connection"},
		{"an unknown attribute", "shoe_size", "X-Shoe-Size"},
	} {
		t.Run(test.name, func(t *testing.T) {
			identity := &HeadersIdentity{Set: map[string]string{test.attribute: test.header}}
			if err := identity.Provision(caddy.Context{}); err == nil {
				t.Error("accepted")
			}
		})
	}
	twice := &HeadersIdentity{Set: map[string]string{"user": "X-Who", "email": "x-who"}}
	if err := twice.Provision(caddy.Context{}); err == nil {
		t.Error("two attributes in one header were accepted")
	}
}

func TestNamesAreEncodedWithoutLoss(t *testing.T) {
	for in, want := range map[string]string{
		"alice":                 "alice",
		"a.b-c_d@example.com+x": "a.b-c_d@example.com+x",
		"jürgen":                "j%C3%BCrgen",
		"a b":                   "a%20b",
		"a%20b":                 "a%2520b",
		"{env.HOME}":            "%7Benv.HOME%7D",
		"x\r\nX-Admin: yes\x00": "x%0D%0AX-Admin%3A%20yes%00",
		"":                      "",
	} {
		if got := encodeName(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
