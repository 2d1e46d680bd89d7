package caddymodule

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/awxstub"
)

// directoryRig is a gateway whose directory is a stand-in for AWX.
type directoryRig struct {
	*awxRig
}

const (
	directoryAdmin = iota + 1
	directoryAuditor
	directoryOrgAdmin
	directoryMember
	directoryAlice
)

// newDirectoryRig starts it; options go into the block of the directory.
func newDirectoryRig(t *testing.T, options ...string) *directoryRig {
	t.Helper()
	user := func(id int64, name string) awxstub.User {
		return awxstub.User{
			ID: id, AnsibleID: fmt.Sprintf("%08d-8a52-4c1c-9f5e-2d6b8f6d1a11", id), Username: name, Password: adminPassword,
			FirstName: "First", LastName: "Last", Email: name + "@example.org",
			IsSuperuser: id == directoryAdmin, IsSystemAuditor: id == directoryAuditor,
		}
	}
	r := &directoryRig{&awxRig{
		rig: &rig{t: t, address: freeAddress(t), data: t.TempDir(), upstream: newRecorder(t)},
		awx: awxstub.New(nil, []awxstub.User{
			user(directoryAdmin, "admin"), user(directoryAuditor, "auditor"), user(directoryOrgAdmin, "orgadmin"),
			user(directoryMember, "member"), user(directoryAlice, "alice"),
		}, []awxstub.Organization{
			{ID: 1, AnsibleID: "10000001-8a52-4c1c-9f5e-2d6b8f6d1a11", Name: "Default"},
			{ID: 2, AnsibleID: "10000002-8a52-4c1c-9f5e-2d6b8f6d1a11", Name: "org A", Admins: []int64{directoryOrgAdmin}, Members: []int64{directoryMember}},
		}),
	}}
	r.client = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(r.client.CloseIdleConnections)
	awx := httptest.NewServer(r.awx)
	t.Cleanup(awx.Close)
	r.upstream.URL = awx.URL
	r.start(options...)
	t.Cleanup(func() { stopCaddy(t) })
	status, _, key := r.do(http.MethodGet, publicKeyPath, nil)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, key)
	}
	if err := r.awx.SetJWTKey(key); err != nil {
		t.Fatal(err)
	}
	return r
}

// start loads a configuration with these options.
func (r *directoryRig) start(options ...string) {
	r.t.Helper()
	if err := r.load(r.directoryCaddyfile(options...)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *directoryRig) directoryCaddyfile(options ...string) string {
	_, port, _ := net.SplitHostPort(r.address)
	return fmt.Sprintf(`{
		admin off
		persist_config off
		auto_https off
		storage file_system %q
		log {
			output discard
		}
		awxgate {
			store sqlite %q
			directory awx %s {
				%s
			}
			identity dab_jwt
			linger 10ms
		}
	}
	http://:%s {
		bind 127.0.0.1
		awxgate
		respond /who "{http.auth.user.id} {http.auth.user.is_superuser}"
		awxgate_upstream %s
	}`, caddyStorage, r.data, r.upstream.URL, strings.Join(options, "\n"), port, r.upstream.URL)
}

// call sends a request with a credential and returns the status and the body.
func (r *directoryRig) call(method, path string, header http.Header, body string) (status int, answer string) {
	r.t.Helper()
	status, _, answer = r.send(method, path, header, body)
	return status, answer
}

// send tries again if a reload resets the connection, see rig.ask.
func (r *directoryRig) send(method, path string, header http.Header, body string) (status int, received http.Header, answer string) {
	r.t.Helper()
	var err error
	for range 10 {
		if status, received, answer, err = r.sendOnce(method, path, header, body); err == nil {
			return status, received, answer
		}
	}
	r.t.Fatal(err)
	return 0, nil, ""
}

func (r *directoryRig) sendOnce(method, path string, header http.Header, body string) (status int, received http.Header, answer string, err error) {
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, "", err
	}
	request.Header = header.Clone()
	if request.Header == nil {
		request.Header = http.Header{}
	}
	if body != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := r.client.Do(request)
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return response.StatusCode, response.Header, string(content), err
}

func basicHeader(username, password string) http.Header {
	request := &http.Request{Header: http.Header{}}
	request.SetBasicAuth(username, password)
	return request.Header
}

// personalToken makes one by password.
func (r *directoryRig) personalToken(username string) string {
	r.t.Helper()
	return r.tokenBy(basicHeader(username, adminPassword), "/api/v2/tokens/", `{"scope":"write"}`)
}

// tokenBy makes a token that must be made.
func (r *directoryRig) tokenBy(header http.Header, path, body string) string {
	r.t.Helper()
	status, answer := r.call(http.MethodPost, path, header, body)
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != http.StatusCreated || made.Token == "" {
		r.t.Fatalf("%s: status %d, %s", path, status, answer)
	}
	return made.Token
}

// application makes one and returns its ids.
func (r *directoryRig) application(username, fields string) (id int64, clientID string) {
	r.t.Helper()
	status, answer := r.call(http.MethodPost, "/api/v2/applications/", basicHeader(username, adminPassword), fields)
	var made struct {
		ID       int64
		ClientID string `json:"client_id"`
	}
	if err := json.Unmarshal([]byte(answer), &made); err != nil || status != http.StatusCreated {
		r.t.Fatalf("status %d, %s", status, answer)
	}
	return made.ID, made.ClientID
}

// grant asks the token endpoint.
func (r *directoryRig) grant(form url.Values) (status int, answer map[string]any) {
	r.t.Helper()
	status, body := r.call(http.MethodPost, "/api/o/token/", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, form.Encode())
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		r.t.Fatalf("status %d, %s: %v", status, body, err)
	}
	return status, answer
}

// whoIs returns what AWX's /api/v2/me/ says to a token: the status and the name.
func (r *directoryRig) whoIs(token string) string {
	r.t.Helper()
	status, body := r.call(http.MethodGet, "/api/v2/me/", bearerHeader(token), "")
	var page struct{ Results []struct{ Username string } }
	if json.Unmarshal([]byte(body), &page) == nil && len(page.Results) == 1 {
		return fmt.Sprintf("%d %s", status, page.Results[0].Username)
	}
	return strconv.Itoa(status)
}

type awxUser = awxstub.User

// changeUser changes a user in AWX; nil deletes the user.
func (r *directoryRig) changeUser(name string, edit func(*awxUser)) {
	r.t.Helper()
	found := r.awx.Change(name, func(u *awxUser) bool {
		if edit != nil {
			edit(u)
		}
		return edit != nil
	})
	if !found {
		r.t.Fatalf("there is no %s", name)
	}
}

// eventually waits for an answer.
func (r *directoryRig) eventually(want string, ask func() string) {
	r.t.Helper()
	got := ask()
	for deadline := time.Now().Add(patience); got != want; got = ask() {
		if time.Now().After(deadline) {
			r.t.Fatalf("got %q to the end, want %q", got, want)
		}
	}
}

// countOf returns "/" and the count of a list; nothing for anything else.
func countOf(body string) string {
	var page struct{ Count *int }
	if json.Unmarshal([]byte(body), &page) != nil || page.Count == nil {
		return ""
	}
	return fmt.Sprint("/", *page.Count)
}

// ownerOf returns whose token it is to the gateway, without asking AWX in that one's name:
// the status and the name.
func (r *directoryRig) ownerOf(token string) string {
	r.t.Helper()
	status, body := r.call(http.MethodGet, "/who", bearerHeader(token), "")
	if status != http.StatusOK {
		return strconv.Itoa(status)
	}
	return fmt.Sprintf("%d %s", status, body)
}
