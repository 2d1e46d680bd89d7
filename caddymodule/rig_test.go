package caddymodule

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
)

const (
	adminPassword = "correct horse battery staple"
	patience      = 20 * time.Second // for what should take milliseconds
)

// caddyStorage is where Caddy keeps what is not ours, instead of in the home directory.
var caddyStorage string

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "awxgate-test-")
	if err != nil {
		panic(err)
	}
	caddyStorage = directory
	code := pgtest.Run(m)
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

// rig is a Caddy in this process, with a recording upstream behind it. There can be
// one at a time.
type rig struct {
	t        *testing.T
	address  string
	data     string
	store    string // what follows the option "store"; empty: SQLite in data
	upstream *recorder
	client   *http.Client
}

// newRig starts Caddy over an empty data directory. Site options go into the awxgate
// directive's block.
func newRig(t *testing.T, siteOptions ...string) *rig {
	t.Helper()
	return newRigOn(t, "", t.TempDir(), "", siteOptions...)
}

// newRigBefore is newRig with another upstream than the recorder.
func newRigBefore(t *testing.T, upstream string, siteOptions ...string) *rig {
	t.Helper()
	return newRigOn(t, "", t.TempDir(), upstream, siteOptions...)
}

// newRigOn starts Caddy over a store; empty: SQLite in data. An empty upstream is the recorder.
func newRigOn(t *testing.T, store, data, upstream string, siteOptions ...string) *rig {
	t.Helper()
	r := &rig{t: t, address: freeAddress(t), data: data, store: store, upstream: newRecorder(t)}
	if upstream != "" {
		r.upstream.URL = upstream
	}
	r.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience}
	t.Cleanup(r.client.CloseIdleConnections)
	if err := r.load(r.caddyfile("", siteOptions...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopCaddy(t) })
	return r
}

// caddyfile is the rig's configuration, with further options of the app and the site.
func (r *rig) caddyfile(appOptions string, siteOptions ...string) string {
	_, port, _ := net.SplitHostPort(r.address)
	store := cmp.Or(r.store, fmt.Sprintf("sqlite %q", r.data))
	return fmt.Sprintf(`{
		admin off
		persist_config off
		auto_https off
		storage file_system %q
		log {
			output discard
		}
		awxgate {
			store %s
			directory local {
				admin_password %q
			}
			linger 10ms
			%s
		}
	}
	http://:%s {
		bind 127.0.0.1
		awxgate {
			%s
		}
		awxgate_upstream %s
	}`, caddyStorage, store, adminPassword, appOptions, port, strings.Join(siteOptions, "\n"), r.upstream.URL)
}

func (r *rig) load(caddyfile string) error {
	config, err := adapt(caddyfile)
	if err != nil {
		return err
	}
	return caddy.Load(config, true)
}

func adapt(caddyfile string) ([]byte, error) {
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	return config, err
}

// service works on the store that the running Caddy has open.
func (r *rig) service(now func() time.Time) *tokencore.Service {
	r.t.Helper()
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		r.t.Fatal(err)
	}
	store := app.(*App).core.opened.Load().store
	service, err := tokencore.New(store, local.New(store, local.Config{}), tokencore.Config{Now: now})
	if err != nil {
		r.t.Fatal(err)
	}
	return service
}

// token makes a personal token of admin.
func (r *rig) token(scope string) tokencore.Issued {
	r.t.Helper()
	issued, err := r.service(nil).Issue(r.t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: 1, Scope: scope})
	if err != nil {
		r.t.Fatal(err)
	}
	return issued
}

// tokenOfAlice makes a personal token of a new user alice.
func (r *rig) tokenOfAlice() string {
	r.t.Helper()
	service := r.service(nil)
	alice, err := service.CreateUser(r.t.Context(), tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true})
	if err != nil {
		r.t.Fatal(err)
	}
	issued, err := service.Issue(r.t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: alice.ID})
	if err != nil {
		r.t.Fatal(err)
	}
	return issued.Access.Reveal()
}

// expiredToken makes one that lived for a second, an hour ago.
func (r *rig) expiredToken() string {
	r.t.Helper()
	ctx := r.t.Context()
	service := r.service(func() time.Time { return time.Now().Add(-time.Hour) })
	change := func(value json.RawMessage) {
		err := service.ChangeSettings(ctx, tokencore.Actor{}, map[string]json.RawMessage{tokencore.SettingOAuth2Provider: value})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	change(json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":1}`))
	issued, err := service.Issue(ctx, tokencore.Actor{}, tokencore.TokenRequest{UserID: 1})
	if err != nil {
		r.t.Fatal(err)
	}
	change(nil)
	return issued.Access.Reveal()
}

// do sends a request and returns the status, the header and the body.
func (r *rig) do(method, path string, header http.Header) (int, http.Header, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header = header
	response, err := r.client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

// raw sends bytes that no HTTP client would send, and returns the status line.
func (r *rig) raw(lines ...string) string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	connection, err := new(net.Dialer).DialContext(ctx, "tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(connection, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		r.t.Fatal(err)
	}
	answer := make([]byte, 64)
	n, err := io.ReadAtLeast(connection, answer, len("HTTP/1.1 200"))
	if err != nil {
		r.t.Fatal(err)
	}
	line, _, _ := bytes.Cut(answer[:n], []byte("\r\n"))
	return string(line)
}

func bearerHeader(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// recorder is an upstream that keeps what it is sent.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
}

func newRecorder(t *testing.T) *recorder {
	t.Helper()
	u := new(recorder)
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		u.mu.Lock()
		u.requests = append(u.requests, r)
		u.mu.Unlock()
		_, _ = io.WriteString(w, "upstream "+r.Header.Get("X-Awxgate-User"))
	}))
	t.Cleanup(u.Close)
	return u
}

// take returns what was received since the last call.
func (u *recorder) take() []*http.Request {
	u.mu.Lock()
	defer u.mu.Unlock()
	requests := u.requests
	u.requests = nil
	return requests
}
