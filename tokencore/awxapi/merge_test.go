package awxapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore/awxapi"
)

// withRemote is an API whose users live in an AWX.
func withRemote(c *awxapi.Config) { c.Accounts = nil }

// merged sends a request to the API with an AWX behind.
func (w *world) merged(t testing.TB, upstream http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	response := httptest.NewRecorder()
	if w.api.Owns(r) || !w.api.Merges(r) {
		t.Fatalf("%s %s is not merged", r.Method, r.URL)
	}
	w.api.ServeMerged(response, r, upstream)
	return response
}

// asked makes a request of a user.
func asked(t testing.TB, user, method, path, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	return r
}

// answers is an AWX that has one answer.
func answers(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("X-API-Node", "awx-1")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// recordedCase is the first case of that label and path whose answer was kept whole.
func recordedCase(t *testing.T, file, label, path string) recorded {
	t.Helper()
	for _, c := range readRecording(t, file) {
		if c.label == label && c.path == path && !c.cut {
			return c
		}
	}
	t.Fatalf("no case %q in %s", label, file)
	return recorded{}
}

// An AWX without tokens lacks some members; with them put back in, the document is the
// recorded one, byte for byte.
func TestMerge_RestoresWhatAWX2461Showed(t *testing.T) {
	const related = `"tokens":"/api/v2/users/1/tokens/","authorized_tokens":"/api/v2/users/1/authorized_tokens/","personal_tokens":"/api/v2/users/1/personal_tokens/"`
	for _, test := range []struct {
		file, label, path string
		lacks             []string
	}{
		{"01-roots.http", "anon /api/", "/api/", []string{`"oauth2":"/api/o/",`}},
		{"01-roots.http", "format=json", "/api/?format=json", []string{`"oauth2":"/api/o/",`}},
		{"01-roots.http", "anon /api/v2/", "/api/v2/", []string{`"applications":"/api/v2/applications/",`, `"tokens":"/api/v2/tokens/",`}},
		{"01-roots.http", "me admin", "/api/v2/me/", []string{"," + related}},
		{"00-fixtures.http", "create org", "/api/v2/organizations/", []string{`"applications":"/api/v2/organizations/2/applications/",`}},
		{"00-fixtures.http", "user", "/api/v2/users/", []string{"," + strings.ReplaceAll(related, "/1/", "/2/")}},
		{"11-settings.http", "get authentication", "/api/v2/settings/authentication/", []string{
			`"OAUTH2_PROVIDER":{"ACCESS_TOKEN_EXPIRE_SECONDS":31536000000,"AUTHORIZATION_CODE_EXPIRE_SECONDS":600,"REFRESH_TOKEN_EXPIRE_SECONDS":2628000},`,
			`"ALLOW_OAUTH2_FOR_EXTERNAL_USERS":false,`,
		}},
	} {
		t.Run(test.path, func(t *testing.T) {
			c := recordedCase(t, test.file, test.label, test.path)
			want, sent := c.answer, c.answer
			for _, part := range test.lacks {
				if !strings.Contains(sent, part) {
					t.Fatalf("%s is not in the recording", part)
				}
				sent = strings.Replace(sent, part, "", 1)
			}
			w := newWorld(t, withRemote)
			for _, upstream := range []string{sent, want} { // an AWX up to 24.6.1 has them itself
				got := w.merged(t, answers(c.status, "application/json", upstream), asked(t, "admin", c.method, test.path, ""))
				if got.Code != c.status || got.Body.String() != want {
					t.Errorf("got  %s\nwant %s", got.Body, want)
				}
				if length := got.Header().Get("Content-Length"); length != itoa(int64(len(want))) {
					t.Errorf("Content-Length %s, want %d", length, len(want))
				}
				if got.Header().Get("X-Api-Node") != "awx-1" {
					t.Errorf("header %v", got.Header())
				}
			}
			head := w.merged(t, answers(200, "application/json", sent), asked(t, "admin", "HEAD", test.path, ""))
			if head.Body.Len() != 0 || head.Header().Get("Content-Length") != itoa(int64(len(want))) {
				t.Errorf("HEAD: %v, %d bytes", head.Header(), head.Body.Len())
			}
		})
	}
}
