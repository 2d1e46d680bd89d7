package caddymodule

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/internal/awxstub"
)

// awxRig is a rig with a stand-in for AWX behind it that has the gateway's key.
type awxRig struct {
	*rig
	awx *awxstub.Stub
	key string
}

func newAWXRig(t *testing.T) *awxRig {
	t.Helper()
	r := &awxRig{
		rig: &rig{t: t, address: freeAddress(t), data: t.TempDir(), upstream: newRecorder(t), client: &http.Client{Timeout: patience}},
		awx: awxstub.New(nil, nil, nil),
	}
	awx := httptest.NewServer(r.awx)
	t.Cleanup(awx.Close)
	r.upstream.URL = awx.URL
	if err := r.load(r.caddyfile("identity dab_jwt")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopCaddy(t) })
	status, _, key := r.do(http.MethodGet, publicKeyPath, nil)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, key)
	}
	if err := r.awx.SetJWTKey(key); err != nil {
		t.Fatal(err)
	}
	r.key = key
	return r
}

// post sends a body with a password and decodes the answer, if somebody wants it.
func (r *awxRig) post(path, username, contentType, body string, answer any) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, "http://"+r.address+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.SetBasicAuth(username, adminPassword)
	request.Header.Set("Content-Type", contentType)
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		r.t.Fatalf("%s: status %d, %s, %v", path, response.StatusCode, content, err)
	}
	if answer == nil {
		return
	}
	if err := json.Unmarshal(content, answer); err != nil {
		r.t.Fatal(err)
	}
}

// tokensOf makes a token of each kind.
func (r *awxRig) tokensOf(username string, application int64, clientID string) map[string]string {
	r.t.Helper()
	var personal, ofApplication struct{ Token string }
	r.post("/api/v2/tokens/", username, "application/json", `{"scope":"write"}`, &personal)
	r.post("/api/v2/tokens/", username, "application/json", fmt.Sprintf(`{"scope":"write","application":%d}`, application), &ofApplication)
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, "http://"+r.address+"/api/o/token/",
		strings.NewReader(url.Values{
			"grant_type": {"password"}, "username": {username}, "password": {adminPassword}, "scope": {"write"}, "client_id": {clientID},
		}.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&granted); err != nil || granted.Token == "" {
		r.t.Fatalf("password grant: status %d, %v", response.StatusCode, err)
	}
	return map[string]string{"personal": personal.Token, "application": ofApplication.Token, "password grant": granted.Token}
}

// newAlice makes a user who is nobody special, and an application, and returns the
// application's ids.
func (r *awxRig) newAlice() (application int64, clientID string) {
	r.t.Helper()
	var user struct{ ID int64 }
	r.post("/api/v2/users/", "admin", "application/json",
		fmt.Sprintf(`{"username":"alice","password":%q,"first_name":"Ålice","email":"alice@example.org"}`, adminPassword), &user)
	r.post("/api/v2/organizations/1/users/", "admin", "application/json", fmt.Sprintf(`{"id":%d}`, user.ID), nil)
	var app struct {
		ID       int64
		ClientID string `json:"client_id"`
	}
	r.post("/api/v2/applications/", "admin", "application/json",
		`{"name":"ci","organization":1,"client_type":"public","authorization_grant_type":"password"}`, &app)
	return app.ID, app.ClientID
}
