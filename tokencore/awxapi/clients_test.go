package awxapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// The tests named TestClient_… are what real clients do, request by request: the `awx`
// command line, the awx.awx collection, goawx with the Terraform provider on it, curl, and
// any OAuth2 library. They speak to a real HTTP server over a new installation.

// newSite starts an installation and returns its address.
func newSite(t *testing.T) (*world, string) {
	t.Helper()
	w := newInstallation(t, memory.New())
	server := httptest.NewServer(w.api)
	t.Cleanup(server.Close)
	return w, server.URL
}

// client is somebody's program.
type client struct {
	t    *testing.T
	base string
	http *http.Client

	username, password string // HTTP Basic, if set
	token              string // Bearer, if set
	header             http.Header
}

func newClient(t *testing.T, base string) *client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, base: base, http: &http.Client{Jar: jar}, header: http.Header{}}
}

// reply is an answer that has been read.
type reply struct {
	*http.Response
	text   string
	object map[string]any // of a JSON object
}

// call sends a request and fails unless the answer has that status. A body is url.Values
// for a form, or whatever encodes to JSON, or nil.
func (c *client) call(want int, method, path string, body any) reply {
	c.t.Helper()
	var reader io.Reader
	contentType := ""
	switch body := body.(type) {
	case nil:
	case url.Values:
		reader, contentType = strings.NewReader(body.Encode()), "application/x-www-form-urlencoded"
	default:
		text, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		reader, contentType = bytes.NewReader(text), "application/json"
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header = c.header.Clone()
	if contentType != "" && request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", contentType)
	}
	switch {
	case c.token != "":
		request.Header.Set("Authorization", "Bearer "+c.token)
	case c.username != "":
		request.SetBasicAuth(c.username, c.password)
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if response.StatusCode != want {
		c.t.Fatalf("%s %s: got %d, want %d: %s", method, path, response.StatusCode, want, text)
	}
	r := reply{Response: response, text: string(text)}
	_ = json.Unmarshal(text, &r.object)
	return r
}

// as returns the same program with a token.
func (c *client) as(token string) *client {
	other := *c
	other.token, other.username = token, ""
	return &other
}

// string, id and first read members that a client depends on.
func (r reply) string(t *testing.T, name string) string {
	t.Helper()
	text, ok := r.object[name].(string)
	if !ok || text == "" {
		t.Fatalf("no text %q in %s", name, r.text)
	}
	return text
}

func (r reply) id(t *testing.T) string {
	t.Helper()
	id, ok := r.object["id"].(float64)
	if !ok || id < 1 {
		t.Fatalf("no id in %s", r.text)
	}
	return itoa(int64(id))
}

// results are the rows of a list, whose count must be that of the rows.
func (r reply) results(t *testing.T) []map[string]any {
	t.Helper()
	var list struct {
		Count   int
		Results []map[string]any
	}
	if err := json.Unmarshal([]byte(r.text), &list); err != nil || list.Count != len(list.Results) {
		t.Fatalf("not a whole list: %v %s", err, r.text)
	}
	return list.Results
}

// oauthApplication makes an application with a callback and returns it with its secret.
func oauthApplication(t *testing.T, w *world, clientType tokencore.ClientType, grant tokencore.GrantType) (tokencore.Application, string) {
	t.Helper()
	app, secret, err := w.svc.CreateApplication(t.Context(), tokencore.Actor{}, tokencore.Application{
		Name: "client of " + t.Name(), OrganizationID: orgDefault, ClientType: clientType, GrantType: grant,
		RedirectURIs: "https://client.example/callback",
	})
	if err != nil {
		t.Fatal(err)
	}
	return app, secret.Reveal()
}
