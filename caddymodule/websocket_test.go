package caddymodule

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

const webSocketPath = "/websocket/"

// dial opens a WebSocket, or returns the status with which it was refused. It dials again
// when a reload has reset the connection; see ask.
func (r *awxRig) dial(path string, header http.Header) (*websocket.Conn, int) {
	r.t.Helper()
	var connection *websocket.Conn
	var answer *http.Response
	var err error
	for range 10 {
		connection, answer, err = websocket.DefaultDialer.DialContext(r.t.Context(), "ws://"+r.address+path, header)
		if answer != nil {
			break
		}
	}
	if answer == nil {
		r.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if err != nil {
		return nil, answer.StatusCode
	}
	r.t.Cleanup(func() { _ = connection.Close() })
	_ = connection.SetReadDeadline(time.Now().Add(patience))
	return connection, answer.StatusCode
}

// open opens a WebSocket with a token and reads AWX's greeting.
func (r *awxRig) open(token string) *websocket.Conn {
	r.t.Helper()
	connection, status := r.dial(webSocketPath, bearerHeader(token))
	if connection == nil {
		r.t.Fatalf("status %d", status)
	}
	if got := r.receive(connection); got["accept"] != true {
		r.t.Fatalf("AWX said %v", got)
	}
	return connection
}

func (r *awxRig) receive(connection *websocket.Conn) (message map[string]any) {
	r.t.Helper()
	if err := connection.ReadJSON(&message); err != nil {
		r.t.Fatal(err)
	}
	return message
}

// echoes sends a message and returns what comes back.
func (r *awxRig) echoes(connection *websocket.Conn, xrfToken string) map[string]any {
	r.t.Helper()
	if err := connection.WriteJSON(map[string]any{"groups": []string{"jobs"}, "xrftoken": xrfToken}); err != nil {
		r.t.Fatal(err)
	}
	return r.receive(connection)
}

// wantClosed waits until neither the client nor AWX has the connection any more.
func (r *awxRig) wantClosed(connection *websocket.Conn) (after time.Duration) {
	r.t.Helper()
	start := time.Now()
	if _, _, err := connection.ReadMessage(); err == nil {
		r.t.Fatal("a message came instead of the end")
	} else if timeout, ok := err.(net.Error); ok && timeout.Timeout() { //nolint:errorlint // as the library returns it
		r.t.Fatal("the client's side was not closed")
	}
	after = time.Since(start)
	r.wantOpen(0)
	return after
}

// wantOpen waits until AWX has so many connections.
func (r *awxRig) wantOpen(want int) {
	r.t.Helper()
	for deadline := time.Now().Add(patience); r.awx.OpenWebSockets() != want; {
		if time.Now().After(deadline) {
			r.t.Fatalf("AWX has %d connections, want %d", r.awx.OpenWebSockets(), want)
		}
		<-time.After(time.Millisecond)
	}
}

func TestWebSocketOpensAsTheUserOfTheToken(t *testing.T) {
	r := newAWXRig(t)
	application, clientID := r.newAlice()
	for kind, token := range r.tokensOf("alice", application, clientID) {
		for _, path := range []string{"/websocket/", "/api/websocket/", "/api/controller/v2/websocket/"} {
			connection, status := r.dial(path, bearerHeader(token))
			if connection == nil {
				t.Fatalf("%s at %s: status %d", kind, path, status)
			}
			r.receive(connection)
			if got := r.awx.Take(); len(got) != 1 || got[0].Username != "alice" || got[0].Header.Get("Authorization") != "" {
				t.Errorf("%s at %s: AWX saw %+v", kind, path, got)
			}
			if got := r.echoes(connection, givenCSRFToken); got["error"] != nil {
				t.Errorf("%s at %s: AWX refused the message: %v", kind, path, got)
			}
			_ = connection.Close()
			r.wantOpen(0)
		}
	}
}

func TestWebSocketWithAReadToken(t *testing.T) {
	r := newAWXRig(t)
	connection := r.open(r.token("read").Access.Reveal())
	if got := r.echoes(connection, givenCSRFToken); got["error"] != nil {
		t.Errorf("got %v", got)
	}
}

func TestWebSocketKeepsTheClientsCSRFToken(t *testing.T) {
	r := newAWXRig(t)
	header := bearerHeader(r.token("read").Access.Reveal())
	header.Set("Cookie", "csrftoken=mine; awx_sessionid=stolen")
	connection, _ := r.dial(webSocketPath, header)
	r.receive(connection)
	if got := r.echoes(connection, "mine"); got["error"] != nil {
		t.Errorf("got %v", got)
	}
	if got := r.echoes(connection, givenCSRFToken); got["error"] == nil {
		t.Error("AWX took another token than the cookie's")
	}
	if cookie := r.awx.Take()[0].Header.Get("Cookie"); cookie != "csrftoken=mine" {
		t.Errorf("AWX got the cookie %q", cookie)
	}
}

func TestWebSocketIsRefusedBeforeItOpens(t *testing.T) {
	r := newAWXRig(t)
	revoked := r.token("write")
	if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, revoked.Token.ID); err != nil {
		t.Fatal(err)
	}
	session := http.Header{"Cookie": {"awx_sessionid=" + r.awx.NewSession("bob")}}
	with := func(base http.Header, name, value string) http.Header {
		base = base.Clone()
		base.Set(name, value)
		return base
	}
	for _, test := range []struct {
		name    string
		header  http.Header
		want    int
		reached bool
	}{
		{"an unknown token", bearerHeader("nosuch"), http.StatusUnauthorized, false},
		{"an unknown token and a session", with(session, "Authorization", "Bearer nosuch"), http.StatusUnauthorized, false},
		{"a revoked token", bearerHeader(revoked.Access.Reveal()), http.StatusUnauthorized, false},
		{"an expired token", bearerHeader(r.expiredToken()), http.StatusUnauthorized, false},
		{"nothing, as AWX decides", nil, http.StatusForbidden, true},
		{"a session from another site", with(session, "Origin", "https://evil.example"), http.StatusForbidden, false},
		{"a session from nowhere", with(session, "Origin", "null"), http.StatusForbidden, false},
		{"a session from a similar site", with(session, "Origin", "http://"+r.address+".evil.example"), http.StatusForbidden, false},
		{"a session from the same site", with(session, "Origin", "http://"+r.address), http.StatusSwitchingProtocols, true},
		{"a session, and no browser", session, http.StatusSwitchingProtocols, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r.awx.Take()
			if _, got := r.dial(webSocketPath, test.header); got != test.want {
				t.Errorf("status %d, want %d", got, test.want)
			}
			if reached := len(r.awx.Take()) > 0; reached != test.reached {
				t.Errorf("AWX was asked: %v", reached)
			}
		})
	}
}

func TestTrustedOriginsMayOpenWebSockets(t *testing.T) {
	r := newAWXRig(t)
	if err := r.load(r.caddyfile("identity dab_jwt", "trusted_origins https://awx.example.com")); err != nil {
		t.Fatal(err)
	}
	for origin, want := range map[string]int{
		"https://awx.example.com":      http.StatusSwitchingProtocols,
		"https://evil.example":         http.StatusForbidden,
		"http://awx.example.com":       http.StatusForbidden,
		"https://awx.example.com.evil": http.StatusForbidden,
	} {
		header := http.Header{"Cookie": {"awx_sessionid=" + r.awx.NewSession("bob")}, "Origin": {origin}}
		if _, got := r.dial(webSocketPath, header); got != want {
			t.Errorf("%s: status %d", origin, got)
		}
	}
}

func TestWebSocketEndsWithItsToken(t *testing.T) {
	r := newAWXRig(t)
	application, clientID := r.newAlice()
	service, ctx := r.service(nil), t.Context()
	alice, err := service.Directory().UserByName(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	revoke := func(token string) error {
		live, err := service.Verify(ctx, tokencore.NewSecret(token).Digest(tokencore.KindAccess))
		if err != nil {
			return err
		}
		return service.RevokeToken(ctx, tokencore.Actor{}, live.TokenID)
	}
	setActive := func(active bool) error {
		_, err := service.UpdateUser(ctx, tokencore.Actor{}, alice.ID, func(u *tokencore.User) error {
			u.IsActive = active
			return nil
		})
		return err
	}
	other, err := sqlite.Open(ctx, r.data+"/"+defaultDatabaseFile, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	for _, test := range []struct {
		name string
		kind string
		end  func(token string) error
	}{
		{"a personal token is revoked", "personal", revoke},
		{"a token of an application is revoked", "application", revoke},
		{"a token of a password grant is revoked", "password grant", revoke},
		{"another process revokes", "personal", func(string) error {
			elsewhere, err := tokencore.New(other, local.New(other, local.Config{}), tokencore.Config{})
			if err != nil {
				return err
			}
			_, err = elsewhere.RevokeTokens(ctx, tokencore.Actor{}, tokencore.Revocation{UserID: alice.ID})
			return err
		}},
		{"the user is disabled", "personal", func(string) error {
			return setActive(false)
		}},
		{"the application is deleted", "application", func(string) error {
			return service.DeleteApplication(ctx, tokencore.Actor{}, application)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := setActive(true); err != nil {
				t.Fatal(err)
			}
			token := r.tokensOf("alice", application, clientID)[test.kind]
			connection := r.open(token)
			if got := r.echoes(connection, givenCSRFToken); got["error"] != nil {
				t.Fatalf("got %v", got)
			}
			if err := test.end(token); err != nil {
				t.Fatal(err)
			}
			t.Logf("closed after %v", r.wantClosed(connection))
		})
	}
}

func TestWebSocketEndsWhenItsTokenExpires(t *testing.T) {
	r := newAWXRig(t)
	change := func(value json.RawMessage) {
		err := r.service(nil).ChangeSettings(t.Context(), tokencore.Actor{}, map[string]json.RawMessage{tokencore.SettingOAuth2Provider: value})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":2}`))
	issued := r.token("write")
	change(nil)
	connection := r.open(issued.Access.Reveal())
	r.wantClosed(connection)
	late := time.Since(issued.Token.Expires)
	t.Logf("closed %v after the expiry", late)
	if late < 0 {
		t.Errorf("closed %v too early", -late)
	}
}

// What an authenticated connection carries is never taken for another request.
func TestNothingOnAWebSocketIsARequest(t *testing.T) {
	r := newAWXRig(t)
	connection, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(patience))
	_, _ = fmt.Fprintf(connection, "GET /websocket/ HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nGET /api/v2/jobs/ HTTP/1.1\r\nHost: %s\r\n\r\n",
		r.address, r.token("write").Access.Reveal(), r.address)
	answer, err := io.ReadAll(connection)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 101 ") || strings.Count(string(answer), "HTTP/1.1") != 1 {
		t.Errorf("got %q, %v", answer, err)
	}
	if got := r.awx.Take(); len(got) != 1 {
		t.Errorf("AWX saw %+v", got)
	}
}

func TestRelayOfAWXIsNobodys(t *testing.T) {
	r := newAWXRig(t)
	for _, credentials := range []string{"X-Nothing: here", "Authorization: Bearer " + r.token("write").Access.Reveal(), "Secret: HMAC-SHA256 1:2"} {
		for _, path := range []string{
			"/websocket/relay/", "/websocket/relay", "//websocket//relay/", "/WebSocket/Relay/", "/websocket/%72elay/", "/websocket%2frelay/",
			"/x/../websocket/relay/", "/websocket/./relay/", "/websocket/x/%2e%2e/relay/", "/websocket/relay;x/", "/websocket%5crelay/", "/websocket/%2572elay/",
		} {
			line := r.raw("GET "+path+" HTTP/1.1", "Host: "+r.address, credentials, "Connection: Upgrade", "Upgrade: websocket",
				"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
			if !strings.HasPrefix(line, "HTTP/1.1 404") {
				t.Errorf("%s with %s: %s", path, credentials, line)
			}
		}
	}
	if got := r.awx.Take(); len(got) != 0 {
		t.Errorf("AWX saw %+v", got)
	}
}

func TestOtherUpgradesAreNotPassedOn(t *testing.T) {
	r := newRig(t)
	for _, upgrade := range []string{"h2c", "websocket, h2c", "TLS/1.0", "h2c\r\nUpgrade: websocket"} {
		line := r.raw("GET /api/v2/jobs/ HTTP/1.1", "Host: "+r.address, "Connection: Upgrade, HTTP2-Settings", "Upgrade: "+upgrade, "HTTP2-Settings: AAMAAABkAAQAAP__")
		received := r.upstream.take()
		if len(received) != 1 || !strings.HasPrefix(line, "HTTP/1.1 200") {
			t.Fatalf("%s: %s, upstream saw %d requests", upgrade, line, len(received))
		}
		for _, name := range []string{"Upgrade", "Connection", "Http2-Settings"} {
			if got := received[0].Header.Get(name); got != "" {
				t.Errorf("%s: the upstream got %s: %s", upgrade, name, got)
			}
		}
	}
}

// By default Caddy closes connections of a configuration that goes; with a delay they
// live on, and end with their token all the same.
func TestWebSocketsAcrossAReload(t *testing.T) {
	for name, delay := range map[string]string{"closed": "", "kept": "{\nstream_close_delay 5m\n}"} {
		t.Run(name, func(t *testing.T) {
			r := newAWXRig(t)
			config := func(entries int) string {
				return strings.Replace(r.caddyfile(fmt.Sprintf("identity dab_jwt\nstrip_headers X-%d", entries)), r.upstream.URL, r.upstream.URL+" "+delay, 1)
			}
			if err := r.load(config(1)); err != nil {
				t.Fatal(err)
			}
			issued := r.token("write")
			connection := r.open(issued.Access.Reveal())
			if err := r.load(config(2)); err != nil {
				t.Fatal(err)
			}
			if delay != "" {
				if got := r.echoes(connection, givenCSRFToken); got["error"] != nil {
					t.Fatalf("got %v", got)
				}
				if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, issued.Token.ID); err != nil {
					t.Fatal(err)
				}
			}
			r.wantClosed(connection)
		})
	}
}

func TestManyWebSocketsLeakNothing(t *testing.T) {
	const connections = 200
	warm := newAWXRig(t)
	warm.open(warm.token("write").Access.Reveal())
	stopCaddy(t)
	ignore := goleak.IgnoreCurrent()
	t.Run("open and close", func(t *testing.T) {
		r := newAWXRig(t)
		var open []*websocket.Conn
		token := ""
		for n := range connections {
			if n%2 == 0 {
				token = r.token("read").Access.Reveal()
			}
			open = append(open, r.open(token))
		}
		r.wantOpen(connections)
		app, err := caddy.ActiveContext().AppIfConfigured(appName)
		if err != nil {
			t.Fatal(err)
		}
		core := app.(*App).core
		if held := core.stats().WebSockets.Held; held != connections {
			t.Errorf("%d are held", held)
		}
		for _, connection := range open[:connections/2] {
			_ = connection.Close()
		}
		r.wantOpen(connections / 2)
		if _, err := r.service(nil).RevokeTokens(t.Context(), tokencore.Actor{}, tokencore.Revocation{}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		r.wantOpen(0)
		t.Logf("%d closed after %v", connections/2, time.Since(start))
		for deadline := time.Now().Add(patience); core.stats().WebSockets.Held != 0; <-time.After(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%+v", core.stats().WebSockets)
			}
		}
		stopCaddy(t)
	})
	goleak.VerifyNone(t, ignore, goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh"))
}
