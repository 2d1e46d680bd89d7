package bearer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

// answer is a Verifier that knows one token; err, if set, comes first.
type answer struct {
	principal *tokencore.Principal
	err       error
}

func (a answer) Verify(_ context.Context, digest tokencore.Digest) (*tokencore.Principal, error) {
	switch {
	case a.err != nil:
		return nil, a.err
	case digest != tokencore.NewSecret(token).Digest(tokencore.KindAccess):
		return nil, tokencore.ErrInvalidToken
	default:
		return a.principal, nil
	}
}

func live(scope tokencore.Scope) answer {
	return answer{principal: &tokencore.Principal{TokenID: 7, Scope: scope, User: tokencore.User{ID: 3, Username: "alice"}}}
}

func request(method, authorization string) *http.Request {
	r := httptest.NewRequest(method, "/api/v2/jobs/", nil)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r
}

func TestCheck(t *testing.T) {
	outage := fmt.Errorf("looking up token: %w", tokencore.ErrUnavailable)
	tests := []struct {
		name     string
		request  *http.Request
		verifier tokencore.Verifier
		want     error
		status   int
	}{
		{"a read token reads", request("GET", "Bearer "+token), live(tokencore.ScopeRead), nil, 200},
		{"a write token reads", request("GET", "Bearer "+token), live(tokencore.ScopeWrite), nil, 200},
		{"a write token writes", request("POST", "Bearer "+token), live(tokencore.ScopeWrite), nil, 200},
		{"a read token does not write", request("POST", "Bearer "+token), live(tokencore.ScopeRead), tokencore.ErrScope, 403},
		{"a method in another case needs write", request("get", "Bearer "+token), live(tokencore.ScopeRead), tokencore.ErrScope, 403},
		{"an unknown method needs write", request("PURGE", "Bearer "+token), live(tokencore.ScopeRead), tokencore.ErrScope, 403},
		{"a token without scope does nothing", request("GET", "Bearer "+token), live(0), tokencore.ErrScope, 403},
		{"no token is said so", request("GET", ""), live(tokencore.ScopeRead), bearer.ErrNone, 401},
		{"a malformed token is invalid", request("GET", "Bearer a b"), live(tokencore.ScopeRead), tokencore.ErrInvalidToken, 401},
		{"a malformed token is known as such", request("GET", "Bearer a b"), live(tokencore.ScopeRead), bearer.ErrMalformed, 401},
		{"an unknown token is invalid", request("GET", "Bearer other"), live(tokencore.ScopeRead), tokencore.ErrInvalidToken, 401},
		{"an outage is not an invalid token", request("GET", "Bearer "+token), answer{err: outage}, tokencore.ErrUnavailable, 503},
		{"an outage is not a missing scope", request("POST", "Bearer "+token), answer{err: outage}, tokencore.ErrUnavailable, 503},
		{"an unknown error is an outage", request("GET", "Bearer "+token), answer{err: errors.New("disk on fire")}, tokencore.ErrUnavailable, 503},
		{"no answer at all is an outage", request("GET", "Bearer "+token), answer{}, tokencore.ErrUnavailable, 503},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := bearer.Check(tt.request, tt.verifier)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if (p != nil) != (tt.want == nil) {
				t.Errorf("principal %v with error %v", p, err)
			}
			if got := bearer.Status(err); got != tt.status {
				t.Errorf("status %d, want %d", got, tt.status)
			}
			if err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
}

func TestCheck_TokenOutsideOfTheHeaderIsNone(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/api/v2/jobs/?access_token="+token, strings.NewReader("access_token="+token))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-WebSocket-Protocol", "bearer, "+token)
	if _, err := bearer.Check(r, live(tokencore.ScopeWrite)); !errors.Is(err, bearer.ErrNone) {
		t.Errorf("error %v, want ErrNone", err)
	}
}

func TestMethodAllowed(t *testing.T) {
	for method, want := range map[string]bool{
		"GET": true, "HEAD": true, "OPTIONS": true, "POST": true, "post": true, "PURGE": true,
		"": false, "GET ": false, "GET /x": false, "GET\r\n": false, "G\u00cbT": false,
		"TRACE": false, "trace": false, "CONNECT": false, "Connect": false,
	} {
		if got := bearer.MethodAllowed(method); got != want {
			t.Errorf("MethodAllowed(%q) = %t, want %t", method, got, want)
		}
	}
}

func TestHostAllowed(t *testing.T) {
	for host, want := range map[string]bool{
		"": true, "gate.example": true, "gate.example:8052": true, "GATE.example.": true, "[::1]:80": true, "my_host": true,
		"gate.example/evil": false, "gate.example evil": false, "a@b": false, "a\r\nb": false, "a,b": false, "g\u00e4te": false, `a\b`: false, "a?b": false, "a#b": false, "a%00": false,
	} {
		if got := bearer.HostAllowed(host); got != want {
			t.Errorf("HostAllowed(%q) = %t, want %t", host, got, want)
		}
	}
}

func TestStatus_UnknownErrorIsUnavailable(t *testing.T) {
	if got := bearer.Status(errors.New("surprise")); got != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", got)
	}
}
