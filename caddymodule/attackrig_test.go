package caddymodule

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore/bearer"
)

// The attack_*_test.go files try what was a hole in gateways of others, over raw
// sockets. The names of the cases begin with the ids of the table in docs/security.md.

// attackRig is one upstream that records bytes, behind two edges: Caddy with the modules
// of this package, and net/http with the middleware of tokencore/bearer, where none of
// Caddy's own filters help.
type attackRig struct {
	*rig
	raw   *rawUpstream
	edges []edge
	// Tokens of admin, who is a superuser.
	read, write string
}

type edge struct{ name, address string }

// newAttackRig starts both edges; the Caddyfile may be adjusted.
func newAttackRig(t *testing.T, adjust ...func(caddyfile string) string) *attackRig {
	t.Helper()
	r := &attackRig{raw: newRawUpstream(t)}
	r.rig = &rig{t: t, address: freeAddress(t), data: t.TempDir(), upstream: new(recorder), client: &http.Client{Timeout: patience}}
	r.upstream.Server = &httptest.Server{URL: "http://" + r.raw.listener.Addr().String()} // only its address is used
	config := r.caddyfile("")
	for _, f := range adjust {
		config = f(config)
	}
	if err := r.load(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := caddy.Stop(); err != nil {
			t.Error(err)
		}
	})
	r.read, r.write = r.token("read").Access.Reveal(), r.token("write").Access.Reveal()
	r.edges = []edge{{"Caddy", r.address}, {"net/http", r.serveLibrary()}}
	return r
}

// instead replaces a part of the Caddyfile that must be there.
func instead(t *testing.T, of, by string) func(string) string {
	return func(caddyfile string) string {
		if !strings.Contains(caddyfile, of) {
			t.Fatalf("%q is not in %s", of, caddyfile)
		}
		return strings.Replace(caddyfile, of, by, 1)
	}
}

// each runs a test against both edges.
func (r *attackRig) each(t *testing.T, test func(t *testing.T, at edge)) {
	for _, at := range r.edges {
		t.Run(at.name, func(t *testing.T) { test(t, at) })
	}
}

// serveLibrary starts what an embedder would write, without Caddy.
func (r *attackRig) serveLibrary() (address string) {
	r.t.Helper()
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		r.t.Fatal(err)
	}
	gate, identity := app.(*App).gate.Load(), app.(*App).identity
	target, err := url.Parse(r.upstream.URL)
	if err != nil {
		r.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.SetXForwarded()
		p.Out.Host = p.In.Host
		if principal, ok := bearer.FromContext(p.In.Context()); ok {
			if err := identity.Apply(p.Out, principal); err != nil {
				r.t.Error(err)
			}
		}
	}}
	hygiene := bearer.NewHygiene(bearer.HygieneConfig{Names: identity.Headers()})
	open, guarded := hygiene.Handler(proxy), bearer.Require(gate.verifier, bearer.WithHygiene(hygiene))(proxy)
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if gate.api.Owns(request) {
			gate.api.ServeHTTP(w, request)
			return
		}
		if _, err := bearer.Parse(request.Header); errors.Is(err, bearer.ErrNone) {
			open.ServeHTTP(w, request)
			return
		}
		guarded.ServeHTTP(w, request)
	}), Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	listener, err := new(net.ListenConfig).Listen(r.t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	r.t.Cleanup(func() { _ = server.Close(); <-served })
	return listener.Addr().String()
}

// answer is what came back: the status, or 0 if the connection was closed without one.
type answer struct {
	status int
	header http.Header
	body   string
}

// send writes bytes on a connection of its own and reads answers until it is closed. The
// last request among the bytes should ask for that.
func (r *attackRig) send(t *testing.T, at edge, request string) []answer {
	t.Helper()
	connection, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", at.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(connection, request) // an answer may come, and the connection close, before the end
	var answers []answer
	for reader := bufio.NewReader(connection); ; {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				t.Errorf("no end of the answers to %q", request)
			}
			return answers
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		for name, values := range response.Trailer {
			response.Header["Trailer "+name] = values
		}
		answers = append(answers, answer{response.StatusCode, response.Header, string(body)})
	}
}

// get sends a GET with more header lines, and returns the answer and what the upstream saw.
func (r *attackRig) get(t *testing.T, at edge, target string, lines ...string) (answer, []rawRequest) {
	t.Helper()
	return r.one(t, at, "GET "+target+" HTTP/1.1", "", lines...)
}

// one sends one request that closes the connection.
func (r *attackRig) one(t *testing.T, at edge, requestLine, body string, lines ...string) (answer, []rawRequest) {
	t.Helper()
	head := append([]string{requestLine, "Host: gate.example"}, lines...)
	if !strings.Contains(strings.ToLower(strings.Join(lines, "\n")), "connection: ") {
		head = append(head, "Connection: close")
	}
	answers := r.send(t, at, strings.Join(head, "\r\n")+"\r\n\r\n"+body)
	if len(answers) == 0 {
		return answer{}, r.raw.take()
	}
	return answers[len(answers)-1], r.raw.take()
}

func authorization(token string) string { return "Authorization: Bearer " + token }

// rawRequest is what the upstream was sent.
type rawRequest struct {
	raw    string // all bytes
	target string
	*http.Request
	body string
}

// names returns the names of the fields that hold a text, in the header or the trailer.
func (r rawRequest) names(text string) (found []string) {
	for _, header := range []http.Header{r.Header, r.Trailer} {
		for name, values := range header {
			if strings.Contains(strings.Join(values, "\n"), text) {
				found = append(found, name)
			}
		}
	}
	return found
}

// rawUpstream plays AWX: it keeps the bytes of each request, and answers with the bytes
// that respond returns.
type rawUpstream struct {
	t        *testing.T
	listener net.Listener
	wait     sync.WaitGroup

	mu          sync.Mutex
	requests    []rawRequest
	connections map[net.Conn]bool
	respond     func(rawRequest) string
}

func newRawUpstream(t *testing.T) *rawUpstream {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &rawUpstream{t: t, listener: listener, connections: make(map[net.Conn]bool), respond: sayWhoActs}
	u.wait.Go(u.accept)
	t.Cleanup(u.close)
	return u
}

func (u *rawUpstream) close() {
	_ = u.listener.Close()
	u.mu.Lock()
	for connection := range u.connections {
		_ = connection.Close()
	}
	u.mu.Unlock()
	u.wait.Wait()
}

func (u *rawUpstream) accept() {
	for {
		connection, err := u.listener.Accept()
		if err != nil {
			return
		}
		u.mu.Lock()
		u.connections[connection] = true
		u.mu.Unlock()
		u.wait.Go(func() {
			u.serve(connection)
			_ = connection.Close()
			u.mu.Lock()
			delete(u.connections, connection)
			u.mu.Unlock()
		})
	}
}

func (u *rawUpstream) serve(connection net.Conn) {
	var raw bytes.Buffer
	reader := bufio.NewReader(io.TeeReader(connection, &raw))
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			if raw.Len() > 0 {
				u.keep(rawRequest{raw: raw.String(), Request: new(http.Request)}) // not HTTP, and yet it came here
			}
			return
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return // a request that breaks off is none
		}
		got := rawRequest{raw: raw.String(), target: request.RequestURI, Request: request, body: string(body)}
		raw.Reset()
		if _, err := io.WriteString(connection, u.keep(got)(got)); err != nil {
			return
		}
	}
}

func (u *rawUpstream) keep(request rawRequest) (respond func(rawRequest) string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests = append(u.requests, request)
	return u.respond
}

// take returns what was received since the last call.
func (u *rawUpstream) take() []rawRequest {
	u.mu.Lock()
	defer u.mu.Unlock()
	requests := u.requests
	u.requests = nil
	return requests
}

func (u *rawUpstream) answerBy(respond func(rawRequest) string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.respond = respond
}

func sayWhoActs(r rawRequest) string {
	body := "upstream " + r.Header.Get("X-Awxgate-User")
	if r.Method == http.MethodHead {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", len(body))
	}
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
}
