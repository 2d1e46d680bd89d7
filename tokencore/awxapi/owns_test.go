package awxapi_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore/awxapi"
)

// received is a request as a server gets it, so that the path is parsed as it is on the wire.
func received(t testing.TB, method, target string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + target + " HTTP/1.1\r\nHost: awx.example\r\n\r\n")))
	if err != nil {
		t.Fatalf("%s: %v", target, err)
	}
	return r.WithContext(t.Context())
}

func TestOwns(t *testing.T) {
	embedded := newWorld(t).api
	remote := newWorld(t, func(c *awxapi.Config) { c.Accounts = nil }).api
	tests := []struct {
		path             string
		embedded, remote bool
	}{
		{"/", false, false},
		{"/api", true, true},
		{"/api/", true, true},
		{"/api/v2/", true, true},
		{"/api/o/token/", true, true},
		{"/api/o/nosuch", true, true},
		{"/api/v2/applications/1/", true, true},
		{"/api/v2/tokens", true, true},
		{"/api/v2/tokens/1/anything/", true, true},
		{"/api/v2/settings/authentication/", true, true},
		{"/api/v2/config/", true, true},
		{"/api/v2/config/attach/", false, false},
		{"/api/v2/pings/", false, false},
		{"/api/v2/tokensx/", false, false},
		{"/api/v2/jobs/", false, false},
		{"/api/v2/jobs/tokens/", false, false},
		{"/xapi/v2/tokens/", false, false},
		{"/api/v2/me/", true, false},
		{"/api/v2/users/1/", true, false},
		{"/api/v2/users/1/personal_tokens/", true, true},
		{"/api/v2/users/alice/tokens", true, true},
		{"/api/v2/users/1/teams/", true, false},
		{"/api/v2/organizations/1/applications/", true, true},
		{"/api/v2/organizations/1/users/", true, false},

		// AWX's API once more, under OPTIONAL_API_URLPATTERN_PREFIX
		{"/api/controller/v2/tokens/", true, true},
		{"/api/controller/v2/applications/1/", true, true},
		{"/api/controller/v2/users/1/personal_tokens/", true, true},
		{"/api/controller/v2/organizations/1/applications/", true, true},
		{"/api/controller/o/token/", true, true},
		{"/api/Controller/v2/%74okens", true, true},
		{"/api/controller/v2/jobs/", false, false},
		{"/api/gateway/v1/jwt_key/", false, false},

		// other spellings
		{"/api/v2/%74okens/", true, true},
		{"/api/v2/%2574okens/", true, true},
		{"/api/v2/%252574okens/", true, true},
		{"//api/v2/tokens/", true, true},
		{"/api//v2///tokens/", true, true},
		{"/api/v2/./tokens/", true, true},
		{"/api/v2/%2e/tokens/", true, true},
		{"/api/v2/jobs/../tokens/", true, true},
		{"/api/v2/jobs/%2e%2e/tokens/", true, true},
		{"/api/v2/jobs/..%2ftokens/", true, true},
		{"/api/v2/tokens/../jobs/", true, true},
		{"/../../api/v2/tokens/", true, true},
		{`/api\v2\tokens`, true, true},
		{"/api%5cv2%5ctokens", true, true},
		{"/api%2fv2%2ftokens", true, true},
		{"/api/v2/tokens;x=1/", true, true},
		{"/api;a/v2;b/tokens;c", true, true},
		{"/API/v2/Tokens/", true, true},
		{"/api/v2/tokens%00/", true, true},
		{"/api/v2/tokens%00x/", true, true},
		{"/api/v2/tokens%0a", true, true},
		{"/api/v2/%20tokens%20/", true, true},
		{"/api/v2/users/a%20b/tokens/", true, true},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			for _, method := range []string{"GET", "POST"} {
				if got := embedded.Owns(received(t, method, tt.path)); got != tt.embedded {
					t.Errorf("with accounts of our own: got %v", got)
				}
				if got := remote.Owns(received(t, method, tt.path)); got != tt.remote {
					t.Errorf("with a remote directory: got %v", got)
				}
			}
		})
	}
}

func TestOwns_PlainPathsAllocateNothing(t *testing.T) {
	api := newWorld(t).api
	for _, path := range []string{"/api/v2/tokens/1/", "/api/v2/job_templates/12/launch/", "/"} {
		r := received(t, "GET", path)
		if got := testing.AllocsPerRun(100, func() { api.Owns(r) }); got != 0 {
			t.Errorf("%s: %v allocations", path, got)
		}
	}
}

// Only the canonical spelling is served; every other one that is owned ends here.
func TestServe_OtherSpellingsAreNotFound(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{
		"/api/v2/%74okens/", "/api//v2/tokens/", "/api/v2/./tokens/", "/api/v2/jobs/../tokens/", "/api/v2/tokens;x/",
		"/API/v2/tokens/", "/api/v2/tokens%0a", "/api/v2/tokens//", "//api/v2/tokens/", "/api/v2/users/../tokens/",
		"/api/v2/users/%2e%2e/tokens/", "/api/v2/users/a%2fb/tokens/", "/api/v2/tokens/%31/x/", "/api%2fv2/tokens/",
	} {
		r := received(t, "GET", path)
		r.SetBasicAuth("admin", password)
		got := w.serve(r)
		if got.Code != http.StatusNotFound || !strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: got %d", path, got.Code)
		}
		if !w.api.Owns(received(t, "GET", path)) {
			t.Errorf("%s would reach the upstream", path)
		}
	}
}

func FuzzOwns(f *testing.F) {
	for _, seed := range []string{"/api/v2/tokens/", "/api/v2/users/1/tokens", "/%2e/api", "/a;b//..%2f"} {
		f.Add(seed)
	}
	api := newWorld(f).api
	f.Fuzz(func(t *testing.T, path string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://awx.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Path = path
		if !api.Owns(r) {
			r.URL.Path = "/" + path + "/"
			api.Owns(r) // whatever it is, it must not panic
			return
		}
		for _, same := range []string{strings.ToUpper(path), path + "/", "/" + path, strings.ReplaceAll(path, "/", `\`)} {
			r.URL.Path = same
			if !api.Owns(r) {
				t.Errorf("%q is owned, %q is not", path, same)
			}
		}
	})
}
