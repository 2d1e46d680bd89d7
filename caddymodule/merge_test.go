package caddymodule

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/internal/awxstub"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/awx"
)

// stubDirectory is an AWX as the directory.
type stubDirectory struct{ address string }

func (d stubDirectory) Directory(tokencore.Store) (tokencore.Directory, error) {
	return awx.New(awx.Config{URL: d.address, Authorize: awx.Basic("admin", tokencore.NewSecret(adminPassword))})
}

func (stubDirectory) Bootstrap(context.Context, tokencore.Store) (FirstAccounts, error) {
	return FirstAccounts{}, nil
}

// as sends a request with a password and returns the status and the body.
func (r *awxRig) as(username, method, path, body string) (int, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.SetBasicAuth(username, adminPassword)
	request.Header.Set("Content-Type", "application/json")
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// newMergeRig is a Caddy before an AWX that knows admin and alice.
func newMergeRig(t *testing.T, directory bool) *awxRig {
	t.Helper()
	r := newAWXRig(t)
	r.awx = awxstub.New(nil, []awxstub.User{
		{ID: 1, AnsibleID: "11111111-8a52-4c1c-9f5e-2d6b8f6d1a11", Username: "admin", Password: adminPassword, IsSuperuser: true},
		{ID: 2, AnsibleID: "22222222-8a52-4c1c-9f5e-2d6b8f6d1a11", Username: "alice", Password: adminPassword},
	}, []awxstub.Organization{{ID: 1, Name: "Default", Members: []int64{1, 2}}})
	if err := r.awx.SetJWTKey(r.key); err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if strings.HasSuffix(request.URL.Path, "/roles/") { // which the directory asks for
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"count":0,"next":null,"previous":null,"results":[]}`)
			return
		}
		r.awx.ServeHTTP(w, request)
	}))
	t.Cleanup(upstream.Close)
	r.upstream.URL = upstream.URL
	if err := r.load(r.caddyfile("identity dab_jwt")); err != nil {
		t.Fatal(err)
	}
	if directory {
		r.useDirectory(stubDirectory{upstream.URL})
	}
	r.client.CloseIdleConnections() // they are to the server before
	r.upstream.Server = upstream
	return r
}

// useDirectory gives the running app another directory.
func (r *awxRig) useDirectory(directory DirectoryModule) {
	r.t.Helper()
	configured, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		r.t.Fatal(err)
	}
	app := configured.(*App)
	app.directory = directory
	g, err := newGate(app, app.core.opened.Load())
	if err != nil {
		r.t.Fatal(err)
	}
	app.gate.Store(g)
}

func (r *awxRig) wants(method, path string, header http.Header, status int, parts ...string) {
	r.t.Helper()
	got, _, body := r.do(method, path, header)
	for _, part := range parts {
		if !strings.Contains(body, part) {
			r.t.Errorf("%s %s: no %s in %s", method, path, part, body)
		}
	}
	if got != status {
		r.t.Errorf("%s %s: status %d, want %d: %s", method, path, got, status, body)
	}
}

// A client of AWX 24.6.1 sees one AWX: all that the one behind has, and the tokens.
func TestMerge_WithAWXAsTheDirectory(t *testing.T) {
	r := newMergeRig(t, true)
	status, body := r.as("admin", "POST", "/api/v2/tokens/", `{"scope":"write"}`)
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %s", status, body)
	}
	token := bearerHeader(made.Token)

	r.wants("GET", "/api/", nil, 200, `"available_versions":{"v2":"/api/v2/"},"oauth2":"/api/o/","custom_logo"`)
	r.wants("GET", "/api/v2/", nil, 200, `"/api/v2/credential_input_sources/","applications":"/api/v2/applications/","tokens":"/api/v2/tokens/","metrics":`)
	r.wants("GET", "/api/v2/me/", token, 200, `"username":"admin"`, `"tokens":"/api/v2/users/1/tokens/"`)
	r.wants("GET", "/api/v2/users/", token, 200, `"count":2`, `"personal_tokens":"/api/v2/users/2/personal_tokens/"`)
	r.wants("GET", "/api/v2/organizations/1/", token, 200, `"applications":"/api/v2/organizations/1/applications/"`)
	r.wants("GET", "/api/v2/config/", token, 200, `"version":"24.6.2"`)
	r.wants("GET", "/api/v2/users/1/personal_tokens/", token, 200, `"count":1`)
	r.wants("GET", "/api/v2/settings/authentication/", nil, 401)
	if sent := r.awx.Take(); len(sent) == 0 || sent[len(sent)-1].Header.Get("Accept-Encoding") != "identity" {
		t.Errorf("AWX was not asked for a readable answer: %v", sent)
	}

	for i := range 30 {
		r.awx.Record(awxstub.Entry{ID: int64(i + 1), Time: time.Now().Add(time.Duration(i-15) * time.Hour), ActorID: 1})
	}
	ids := map[int64]bool{}
	for path := "/api/v2/activity_stream/?page_size=4&order_by=-timestamp"; path != ""; {
		_, _, body := r.do("GET", path, token)
		var page struct {
			Count   int
			Next    string
			Results []struct{ ID int64 }
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil || page.Count != 31 {
			t.Fatalf("%s: %v %s", path, err, body)
		}
		for _, row := range page.Results {
			ids[row.ID] = true
		}
		path = page.Next
	}
	if len(ids) != 31 || !ids[1_000_000_000_001] {
		t.Errorf("the stream has %v", ids)
	}
	for _, sent := range r.awx.Take() {
		if sent.Username != "admin" || sent.Header.Get("Authorization") != "" && sent.Path == "/api/v2/activity_stream/" {
			t.Errorf("AWX was asked by %q: %s %v", sent.Username, sent.Path, sent.Header)
		}
	}
	r.wants("GET", "/api/v2/activity_stream/1000000000001/", token, 200, `"object1":"o_auth2_access_token"`)

	const both = `{"LOGIN_REDIRECT_OVERRIDE":"/x","ALLOW_OAUTH2_FOR_EXTERNAL_USERS":true}`
	if status, body := r.as("alice", "PATCH", "/api/v2/settings/all/", both); status != http.StatusForbidden {
		t.Errorf("alice: %d %s", status, body)
	}
	if status, body := r.as("admin", "PATCH", "/api/v2/settings/all/", both); status != 200 || !strings.Contains(body, `"ALLOW_OAUTH2_FOR_EXTERNAL_USERS":true,"LOGIN_REDIRECT_OVERRIDE":"/x"`) {
		t.Errorf("admin: %d %s", status, body)
	}
	if got := r.awx.Setting("LOGIN_REDIRECT_OVERRIDE"); got != `"/x"` {
		t.Errorf("AWX has %s", got)
	}

	r.upstream.Close()
	r.wants("GET", "/api/v2/", nil, http.StatusBadGateway)
	r.wants("GET", "/api/v2/activity_stream/", nil, http.StatusBadGateway)
}

// With accounts here, AWX's documents are merged for whom AWX knows, too, and others are
// served by us alone.
func TestMerge_WithAccountsOfOurOwn(t *testing.T) {
	r := newMergeRig(t, false)
	token := bearerHeader(r.token("write").Access.Reveal())
	r.wants("GET", "/api/v2/", token, 200, `"metrics":"/api/v2/metrics/"`, `"tokens":"/api/v2/tokens/"`)
	r.wants("GET", "/api/v2/config/", token, 200, `"version":"24.6.2"`)
	r.wants("GET", "/api/v2/settings/authentication/", token, 200, `"OAUTH2_PROVIDER":{`, `"SESSION_COOKIE_AGE":1800`)
	r.wants("GET", "/api/v2/users/", token, 200, `"count":1`)
	r.wants("GET", "/api/v2/schema/", nil, 200, `"openapi"`)

	r.post("/api/v2/users/", "admin", "application/json", `{"username":"here","password":"`+adminPassword+`","is_superuser":true}`, nil)
	for _, path := range []string{"/api/v2/", "/api/v2/config/", "/api/v2/settings/", "/api/v2/settings/authentication/"} {
		if status, body := r.as("here", "GET", path, ""); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
