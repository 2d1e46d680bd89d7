package awxapi_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore/awxapi"
)

func TestServe_HeadIsGetWithoutBody(t *testing.T) {
	w := newWorld(t)
	w.application(t, "A", orgA)
	for _, path := range []string{"/api/v2/applications/", "/api/v2/applications/1/", "/api/v2/applications/999/", "/api/"} {
		get, head := w.call(t, "admin", "GET", path, ""), w.call(t, "admin", "HEAD", path, "")
		if head.Code != get.Code || head.Body.Len() != 0 || head.Header().Get("Content-Length") != strconv.Itoa(get.Body.Len()) {
			t.Errorf("%s: got %d with %d bytes, Content-Length %s", path, head.Code, head.Body.Len(), head.Header().Get("Content-Length"))
		}
	}
}

func TestServe_Headers(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/v2/tokens/", "/api/v2/nosuch/", "/api/v2/tokens/999/", "/api/v2/ping/"} {
		h := w.call(t, "admin", "GET", path, "").Header()
		for name, pattern := range map[string]string{
			"X-Api-Request-Id":       `^[0-9a-f]{32}$`,
			"Cache-Control":          `no-store`,
			"X-Content-Type-Options": `^nosniff$`,
			"X-Frame-Options":        `^DENY$`,
		} {
			if !regexp.MustCompile(pattern).MatchString(h.Get(name)) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		for name := range h {
			if strings.HasPrefix(name, "Access-Control-Allow") {
				t.Errorf("%s: %s", path, name)
			}
		}
	}
	if got := w.call(t, "admin", "GET", "/api/v2/tokens/", "").Header().Get("X-API-Time"); !regexp.MustCompile(`^\d+\.\d{3}s$`).MatchString(got) {
		t.Errorf("X-API-Time: %q", got)
	}
}

// goawx sends its credentials even to ping; bad ones do not matter there, nor at the roots.
func TestServe_PublicPathsIgnoreBadCredentials(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/", "/api/o/", "/api/v2/", "/api/v2/ping/"} {
		r := received(t, "GET", path)
		r.Header.Set("Authorization", "Bearer nosuchtoken")
		got := w.serve(r)
		if got.Code != http.StatusOK || got.Header().Get("X-API-Product-Version") != "" {
			t.Errorf("%s: got %d %v", path, got.Code, got.Header())
		}
	}
}

func TestServe_Options(t *testing.T) {
	w := newWorld(t)
	tests := []struct{ path, allow string }{
		{"/api/v2/applications/", "GET, POST, HEAD, OPTIONS"},
		{"/api/v2/applications/999/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"}, // awxkit asks for ids that may not exist
		{"/api/v2/tokens/999/", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"},
		{"/api/v2/", "GET, HEAD, OPTIONS"},
	}
	for _, tt := range tests {
		got := w.call(t, "alice", "OPTIONS", tt.path, "")
		if got.Code != http.StatusOK || got.Header().Get("Allow") != tt.allow || !strings.HasPrefix(got.Body.String(), `{"name":"`) {
			t.Errorf("%s: got %d %q %s", tt.path, got.Code, got.Header().Get("Allow"), got.Body)
		}
	}
	if got := w.call(t, "", "OPTIONS", "/api/v2/tokens/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("without credentials: got %d", got.Code)
	}
}

func TestServe_SlashlessKeepsMethodAndBody(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/v2/tokens", "/api/v2/users/alice/personal_tokens", "/api/v2/users/6/tokens"} {
		if got := w.call(t, "alice", "POST", path, `{"scope": "read"}`); got.Code != http.StatusCreated {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
	}
}

func TestServe_OAuthEndpointsByDefault(t *testing.T) {
	w := newWorld(t)
	api, err := awxapi.New(w.svc, awxapi.Config{})
	if err != nil {
		t.Fatal(err)
	}
	w.api = api
	for _, path := range []string{"/api/o/token/", "/api/o/token"} {
		r := received(t, "POST", path)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := w.serve(r); got.Code != http.StatusBadRequest || !strings.Contains(got.Body.String(), "unsupported_grant_type") {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
	}
}

func TestServe_FormatAndAccept(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		path, accept string
		want         int
	}{
		{"/api/v2/tokens/", "application/json", 200},
		{"/api/v2/tokens/", "application/xml, */*;q=0.1", 200},
		{"/api/v2/tokens/", "text/html,application/xhtml+xml", 200},
		{"/api/v2/tokens/", "application/xml", 406},
		{"/api/v2/tokens/?format=json", "application/xml", 200},
		{"/api/v2/tokens/?format=yaml", "", 404},
	}
	for _, tt := range tests {
		r := received(t, "GET", tt.path)
		r.SetBasicAuth("admin", password)
		if tt.accept != "" {
			r.Header.Set("Accept", tt.accept)
		}
		if got := w.serve(r); got.Code != tt.want {
			t.Errorf("%s as %q: got %d", tt.path, tt.accept, got.Code)
		}
	}
}
