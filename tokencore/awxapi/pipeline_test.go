package awxapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/bearer"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

func TestNew_WithoutServiceIsAnError(t *testing.T) {
	if _, err := awxapi.New(nil, awxapi.Config{}); err == nil {
		t.Error("got no error")
	}
}

// Each request has two faults; AWX's order says which one is answered.
func TestPipeline_FirstFaultDecides(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	read := w.token(t, admin, 0, "read").Access
	tests := []struct {
		name         string
		method, path string
		contentType  string
		body         string
		credentials  string // "", "read" or a user
		want         int
	}{
		{"unknown path before bad content type", "POST", "/api/v2/nosuch/", "text/plain", "x", "", 404},
		{"content type before missing credentials", "POST", "/api/v2/tokens/", "text/plain", "x", "", 415},
		{"malformed JSON before missing credentials", "POST", "/api/v2/tokens/", "application/json", "{", "", 400},
		{"missing credentials before missing object", "GET", "/api/v2/applications/999/", "", "", "", 401},
		{"missing credentials before method", "PUT", "/api/v2/tokens/", "", "", "", 401},
		{"scope before method", "PUT", "/api/v2/tokens/", "", "", "read", 403},
		{"scope before missing object", "DELETE", "/api/v2/tokens/999/", "", "", "read", 403},
		{"scope before field errors", "POST", "/api/v2/tokens/", "application/json", `{"scope":"x"}`, "read", 403},
		{"method before missing object", "POST", "/api/v2/tokens/999/", "", "", "admin", 405},
		{"missing object before permission", "DELETE", "/api/v2/tokens/999/", "", "", "alice", 404},
		{"permission before field errors", "PATCH", "/api/v2/applications/{A}/", "application/json", `{"client_type":"x"}`, "alice", 403},
		{"bad filter before missing object", "GET", "/api/v2/tokens/1/?nosuch=1", "", "", "admin", 400},
		{"bad page after permission", "GET", "/api/v2/applications/{A}/tokens/?page=0", "", "", "alice", 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := strings.ReplaceAll(tt.path, "{A}", itoa(app.ID))
			r := httptest.NewRequestWithContext(t.Context(), tt.method, path, strings.NewReader(tt.body))
			if tt.contentType != "" {
				r.Header.Set("Content-Type", tt.contentType)
			}
			switch tt.credentials {
			case "":
			case "read":
				r.Header.Set("Authorization", "Bearer "+read.Reveal())
			default:
				r.SetBasicAuth(tt.credentials, password)
			}
			if got := w.serve(r); got.Code != tt.want {
				t.Errorf("got %d, want %d: %s", got.Code, tt.want, got.Body)
			}
		})
	}
}

func TestScope_ReadTokenReadsOnly(t *testing.T) {
	w := newWorld(t)
	read, write := w.token(t, admin, 0, "read"), w.token(t, admin, 0, "write")
	own := "/api/v2/tokens/" + itoa(read.Token.ID) + "/"
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		for _, token := range []tokencore.Issued{read, write} {
			if got := w.callWith(t, token.Access, method, own, ""); got.Code != http.StatusOK {
				t.Errorf("%s with scope %q: got %d", method, token.Token.Scope, got.Code)
			}
		}
	}
	for _, method := range []string{"PATCH", "PUT", "DELETE", "POST", "TRACE", "get", "FOO"} {
		if got := w.callWith(t, read.Access, method, own, ""); got.Code != http.StatusForbidden {
			t.Errorf("%s with a read token: got %d", method, got.Code)
		}
	}
	if got := w.callWith(t, read.Access, "PATCH", own, `{"scope":"write"}`); got.Code != http.StatusForbidden {
		t.Errorf("a read token widened itself: %d", got.Code)
	}
	if got := w.callWith(t, write.Access, "DELETE", "/api/v2/tokens/"+itoa(write.Token.ID)+"/", ""); got.Code != http.StatusNoContent {
		t.Errorf("a write token deletes itself: got %d", got.Code)
	}
	if got := w.callWith(t, write.Access, "GET", own, ""); got.Code != http.StatusUnauthorized {
		t.Errorf("a deleted token: got %d", got.Code)
	}
}

func TestScope_ReadTokenShowsNoCapabilities(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	got := w.callWith(t, w.token(t, admin, 0, "read").Access, "GET", "/api/v2/applications/"+itoa(app.ID)+"/", "")
	if !strings.Contains(got.Body.String(), `"user_capabilities":{"edit":false,"delete":false}`) {
		t.Error(got.Body)
	}
}

func TestAuthenticate_BadBearerDecidesAlone(t *testing.T) {
	w := newWorld(t)
	refresh := w.token(t, admin, w.application(t, "A", orgA).ID, "write").Refresh
	tests := []struct {
		name   string
		values []string
	}{
		{"unknown", []string{"Bearer nosuchtoken"}},
		{"a refresh token", []string{"Bearer " + refresh.Reveal()}},
		{"with Basic behind it", []string{"Bearer nosuchtoken", "Basic YWRtaW46cGFzc3dvcmQ="}},
		{"with Basic before it", []string{"Basic YWRtaW46cGFzc3dvcmQ=", "Bearer nosuchtoken"}},
		{"with two tokens", []string{"Bearer a", "Bearer b"}},
		{"without a token", []string{"Bearer"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v2/tokens/", nil)
			r.Header["Authorization"] = tt.values
			r.AddCookie(&http.Cookie{Name: "awx_sessionid", Value: "x"})
			got := w.serve(r)
			if got.Code != http.StatusUnauthorized || got.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("got %d %v", got.Code, got.Header())
			}
		})
	}
}

func TestAuthenticate_BasicNeedsTheSetting(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "inactive", "GET", "/api/v2/tokens/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("a disabled user: got %d", got.Code)
	}
	err := w.svc.ChangeSettings(t.Context(), tokencore.Actor{}, settingsJSON(tokencore.SettingBasicAuth, "false"))
	if err != nil {
		t.Fatal(err)
	}
	if got := w.call(t, "admin", "GET", "/api/v2/tokens/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("switched off: got %d", got.Code)
	}
}

func TestAuthenticate_AcceptedTokensAreReported(t *testing.T) {
	var used []int64
	w := newWorld(t, func(c *awxapi.Config) {
		c.Used = func(p *tokencore.Principal, _ *http.Request) { used = append(used, p.TokenID) }
	})
	good := w.token(t, alice, 0, "read")
	w.callWith(t, good.Access, "GET", "/api/v2/tokens/", "")
	w.callWith(t, tokencore.NewSecret("nosuchtoken"), "GET", "/api/v2/tokens/", "")
	if diff := cmp.Diff([]int64{good.Token.ID}, used); diff != "" {
		t.Error(diff)
	}
}

// A store that cannot answer must never look like a wrong password, a missing
// token or an empty list.
func TestOutage_IsNever401Or404(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, admin, 0, "write").Access
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/api/", "/api/v2/tokens/", "/api/v2/tokens/1/", "/api/v2/applications/a++b/", "/api/v2/users/admin/personal_tokens/",
	} {
		if path != "/api/" {
			checkOutage(t, "bearer "+path, w.callWith(t, token, "GET", path, ""))
		}
		checkOutage(t, "basic "+path, w.call(t, "admin", "GET", path, ""))
	}
}

func checkOutage(t *testing.T, name string, got *httptest.ResponseRecorder) {
	t.Helper()
	if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" || !strings.HasPrefix(got.Body.String(), `{"detail":`) {
		t.Errorf("%s: got %d %s", name, got.Code, got.Body)
	}
}

// The directory may fail while the store answers.
func TestOutage_OfTheDirectory(t *testing.T) {
	store := memory.New()
	svc, err := tokencore.New(store, brokenDirectory{}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	api, err := awxapi.New(svc, awxapi.Config{OAuth: oauthStub{}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: store, svc: svc, api: api}
	checkOutage(t, "basic", w.call(t, "admin", "GET", "/api/v2/tokens/", ""))
}

type brokenDirectory struct{}

var errBroken = errors.New("connection refused")

func (brokenDirectory) User(context.Context, int64) (tokencore.User, error) {
	return tokencore.User{}, errBroken
}

func (brokenDirectory) UserByName(context.Context, string) (tokencore.User, error) {
	return tokencore.User{}, errBroken
}

func (brokenDirectory) Authenticate(context.Context, string, tokencore.Secret) (tokencore.User, error) {
	return tokencore.User{}, errBroken
}

func (brokenDirectory) Organization(context.Context, int64) (tokencore.Organization, error) {
	return tokencore.Organization{}, errBroken
}

func (brokenDirectory) Roles(context.Context, int64) (tokencore.Roles, error) {
	return tokencore.Roles{}, errBroken
}

func TestWriteAuthError(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		want   int
		header string
	}{
		{"no credentials", bearer.ErrNone, 401, "WWW-Authenticate"},
		{"malformed token", bearer.ErrMalformed, 401, "WWW-Authenticate"},
		{"invalid token", tokencore.ErrInvalidToken, 401, "WWW-Authenticate"},
		{"wrong password", tokencore.ErrBadCredentials, 401, "WWW-Authenticate"},
		{"scope", tokencore.ErrScope, 403, "X-API-Product-Name"},
		{"outage", tokencore.ErrUnavailable, 503, "Retry-After"},
		{"outage while looking at a bad token", errors.Join(tokencore.ErrInvalidToken, tokencore.ErrUnavailable), 503, "Retry-After"},
		{"anything else", errBroken, 503, "Retry-After"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := httptest.NewRecorder()
			awxapi.WriteAuthError(got, httptest.NewRequestWithContext(t.Context(), "GET", "/api/v2/jobs/", nil), tt.err)
			if got.Code != tt.want || got.Header().Get(tt.header) == "" || !strings.HasPrefix(got.Body.String(), `{"detail":`) {
				t.Errorf("got %d %v %s", got.Code, got.Header(), got.Body)
			}
			if strings.Contains(got.Body.String(), "refused") {
				t.Errorf("the cause is none of the client's business: %s", got.Body)
			}
		})
	}
}

var _ tokencore.Directory = brokenDirectory{}
