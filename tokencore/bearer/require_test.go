package bearer_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func TestRequire(t *testing.T) {
	read, write := tokencore.ScopeRead, tokencore.ScopeWrite
	const (
		realm  = `Bearer realm="api"`
		allow  = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
		header = "WWW-Authenticate"
	)
	tests := []struct {
		name          string
		method        string
		authorization string
		verifier      tokencore.Verifier
		option        bearer.Option
		status        int
		field, value  string
	}{
		{"a good token passes", "GET", "Bearer " + token, live(read), nil, 200, "", ""},
		{"no token is challenged without an error", "GET", "", live(read), nil, 401, header, realm},
		{"a bad token is told so", "GET", "Bearer bad", live(read), nil, 401, header, realm + `, error="invalid_token"`},
		{"a malformed token is told so", "GET", "Bearer", live(read), nil, 401, header, realm + `, error="invalid_token"`},
		{"a missing right is named", "POST", "Bearer " + token, live(read), nil, 403, header, realm + `, error="insufficient_scope", scope="write"`},
		{"the method names the right", "GET", "Bearer " + token, live(0), nil, 403, header, realm + `, error="insufficient_scope", scope="read"`},
		{"an outage asks to come again", "GET", "Bearer " + token, answer{err: tokencore.ErrUnavailable}, nil, 503, "Retry-After", "5"},
		{"TRACE is refused with the best token", "TRACE", "Bearer " + token, live(write), nil, 405, "Allow", allow},
		{"TRACE is refused without a token", "TRACE", "", live(write), nil, 405, "Allow", allow},
		{"a realm is quoted", "GET", "", live(read), bearer.WithRealm(`a"b\c`), 401, header, `Bearer realm="a\"b\\c"`},
		{"a required scope can be more than the method's", "GET", "Bearer " + token, live(read), bearer.WithScope(write), 403, header, realm + `, error="insufficient_scope", scope="write"`},
		{"a required scope can be less than the method's", "POST", "Bearer " + token, live(read), bearer.WithScope(read), 200, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			passed := false
			next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				p, ok := bearer.FromContext(r.Context())
				passed = ok && p.User.Username == "alice"
			})
			var options []bearer.Option
			if tt.option != nil {
				options = append(options, tt.option)
			}
			w := httptest.NewRecorder()
			bearer.Require(tt.verifier, options...)(next).ServeHTTP(w, request(tt.method, tt.authorization))
			if w.Code != tt.status || passed != (tt.status == 200) {
				t.Errorf("status %d, handler reached: %t; want %d", w.Code, passed, tt.status)
			}
			want := http.Header{}
			if tt.field != "" {
				want.Set(tt.field, tt.value)
			}
			got := w.Header().Clone()
			got.Del("Content-Type")
			got.Del("X-Content-Type-Options")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequire_ErrorWriterFindsTheHeaderSet(t *testing.T) {
	var seen error
	write := func(w http.ResponseWriter, _ *http.Request, err error) {
		seen = err
		if w.Header().Get("WWW-Authenticate") == "" {
			t.Error("no challenge yet")
		}
		w.WriteHeader(http.StatusTeapot)
	}
	w := httptest.NewRecorder()
	guard := bearer.Require(live(tokencore.ScopeRead), bearer.WithErrorWriter(write))
	guard(http.NotFoundHandler()).ServeHTTP(w, request("GET", ""))
	if !errors.Is(seen, bearer.ErrNone) || w.Code != http.StatusTeapot {
		t.Errorf("error %v, status %d", seen, w.Code)
	}
}

func TestFromContext_NothingThere(t *testing.T) {
	if p, ok := bearer.FromContext(context.Background()); ok || p != nil {
		t.Errorf("got %v, %t", p, ok)
	}
	if _, ok := bearer.FromContext(bearer.NewContext(context.Background(), nil)); ok {
		t.Error("a nil principal counts as one")
	}
}
