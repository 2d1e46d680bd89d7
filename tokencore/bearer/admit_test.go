package bearer_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func TestAdmit(t *testing.T) {
	early := &tls.ConnectionState{HandshakeComplete: false}
	tests := []struct {
		name, method, target string
		early                *tls.ConnectionState
		header               http.Header
		want                 error
		status               int
	}{
		{"an ordinary request", "POST", "/api/v2/jobs/?a=b", nil, nil, nil, 200},
		{"TRACE", "TRACE", "/", nil, nil, bearer.ErrMethod, 405},
		{"a path with two readings", "GET", "/a/../b", nil, nil, bearer.ErrAmbiguousPath, 400},
		{"a safe method in early data", "GET", "/", early, nil, nil, 200},
		{"an unsafe method in early data", "POST", "/", early, nil, bearer.ErrEarlyData, 425},
		{"an unknown method in early data", "get", "/", early, nil, bearer.ErrEarlyData, 425},
		{"an unsafe method after the handshake", "POST", "/", &tls.ConnectionState{HandshakeComplete: true}, nil, nil, 200},
		{"early data at a proxy in front", "DELETE", "/", nil, http.Header{"Early-Data": {"1"}}, bearer.ErrEarlyData, 425},
		{"a token in the query", "GET", "/?access_token=x", nil, nil, bearer.ErrTokenInQuery, 401},
		{"an empty token in the query", "GET", "/?a=b&access_token", nil, nil, bearer.ErrTokenInQuery, 401},
		{"a token with an encoded name", "GET", "/?%61ccess%5ftoke%6E=x", nil, nil, bearer.ErrTokenInQuery, 401},
		{"a token after a semicolon", "GET", "/?a=b;access_token=x", nil, nil, bearer.ErrTokenInQuery, 401},
		{"a parameter with a longer name", "GET", "/?access_tokens=x&xaccess_token=y&access_toke=z", nil, nil, nil, 200},
		{"a value that looks like it", "GET", "/?next=access_token=x", nil, nil, nil, 200},
		{"a name that ends in half an escape", "GET", "/?access_token%3=x&access%", nil, nil, nil, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, ok := parsed(tt.target)
			if !ok {
				t.Fatal("a server would refuse this target")
			}
			r.Method, r.TLS, r.Header = tt.method, tt.early, tt.header
			err := bearer.NewHygiene(bearer.HygieneConfig{}).Admit(r)
			if !errors.Is(err, tt.want) || bearer.Status(err) != tt.status {
				t.Errorf("got %v, status %d; want %v, %d", err, bearer.Status(err), tt.want, tt.status)
			}
		})
	}
}

func TestAdmit_AmbiguousPathsCanBeLetThrough(t *testing.T) {
	lax := bearer.NewHygiene(bearer.HygieneConfig{PassAmbiguousPaths: true})
	r, _ := parsed("/api/v2/job_templates/a%2fb++Default/")
	if err := lax.Admit(r); err != nil {
		t.Errorf("a path was refused: %v", err)
	}
	r.Method = http.MethodTrace
	if err := lax.Admit(r); !errors.Is(err, bearer.ErrMethod) {
		t.Errorf("TRACE got %v", err)
	}
}

func TestTokenInQueryIsAnInvalidToken(t *testing.T) {
	if !errors.Is(bearer.ErrTokenInQuery, tokencore.ErrInvalidToken) {
		t.Error("it is not")
	}
}
