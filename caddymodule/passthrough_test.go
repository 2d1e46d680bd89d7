package caddymodule

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// wire is an upstream that keeps the bytes of each request and answers by given ones.
type wire struct {
	address string
	answers chan string
	got     chan string
}

func newWire(t *testing.T) *wire {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &wire{address: listener.Addr().String(), answers: make(chan string, 1), got: make(chan string, 1)}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			u.serve(connection)
		}
	}()
	return u
}

func (u *wire) serve(connection net.Conn) {
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(patience))
	var seen bytes.Buffer
	request, err := http.ReadRequest(bufio.NewReader(io.TeeReader(connection, &seen)))
	if err != nil {
		return
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return
	}
	u.got <- seen.String()
	_, _ = io.WriteString(connection, <-u.answers)
}

// answer sets the next answer, also where an earlier one was not asked for.
func (u *wire) answer(answer string) {
	select {
	case <-u.answers:
	default:
	}
	u.answers <- answer
}

func (u *wire) take(t *testing.T) string {
	t.Helper()
	select {
	case got := <-u.got:
		return got
	case <-time.After(patience):
		t.Fatal("the request did not reach the upstream")
		return ""
	}
}

// message takes a request or a response apart: its first line, its fields in order, their
// names in lower case, without those that are named, and its body.
func message(raw string, without ...string) (first string, fields []string, body string) {
	head, body, _ := strings.Cut(raw, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		if name = strings.ToLower(name); !slices.Contains(without, name) {
			fields = append(fields, name+": "+strings.TrimSpace(value))
		}
	}
	slices.Sort(fields)
	return lines[0], fields, body
}

// exchange sends bytes and returns those of the answer.
func (r *rig) exchange(request string) string {
	r.t.Helper()
	connection, err := new(net.Dialer).DialContext(r.t.Context(), "tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(connection, request); err != nil {
		r.t.Fatal(err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(answer)
}

// What the proxy says about itself and the client.
var ofTheProxy = []string{"via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "connection", "server", "date"}

// Whatever needs no token is none of our business: AWX gets the bytes that the client
// sent, and the client those of AWX.
func TestRequestsWithoutATokenPassUntouched(t *testing.T) {
	const (
		page    = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"
		session = "HTTP/1.1 302 Found\r\nLocation: /api/\r\nContent-Length: 0\r\nVary: Accept, Cookie\r\nX-API-Session-Cookie-Name: awx_sessionid\r\n" +
			"X-API-Node: awx-1\r\nX-API-Time: 0.025s\r\nSession-Timeout: 1800\r\nX-Frame-Options: DENY\r\n" +
			"Set-Cookie: csrftoken=c; expires=Thu, 25 Nov 2027 10:00:00 GMT; Max-Age=31449600; Path=/; SameSite=Lax; Secure\r\n" +
			"Set-Cookie: awx_sessionid=s; HttpOnly; Path=/; SameSite=Lax\r\nSet-Cookie: userLoggedIn=true; Path=/\r\n\r\n"
	)
	upstream := newWire(t)
	r := newRigBefore(t, "http://"+upstream.address)
	for name, test := range map[string]struct{ first, fields, body, answer string }{
		"the UI":           {first: "GET / HTTP/1.1", answer: page},
		"an asset":         {first: "GET /static/js/main.4f2e.js?v=1%202&x=%2F HTTP/1.1", fields: "If-None-Match: \"abc\"\r\n", answer: "HTTP/1.1 304 Not Modified\r\nETag: \"abc\"\r\n\r\n"},
		"single sign-on":   {first: "POST /sso/complete/saml/ HTTP/1.1", body: "SAMLResponse=PD94%2B&RelayState=", answer: session},
		"a named callback": {first: "POST /api/v2/job_templates/My%20JT++Default/callback/ HTTP/1.1", body: `{"host_config_key":"k"}`, answer: page},
		"a numbered one":   {first: "POST /api/v2/job_templates/7/callback/ HTTP/1.1", body: "host_config_key=k", answer: page},
		"a webhook": {
			first:  "POST /api/v2/job_templates/7/github/ HTTP/1.1",
			fields: "X-Hub-Signature-256: sha256=0badc0de\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 1-2-3\r\nContent-Type: application/json\r\n",
			body:   "{\n\t\"a\" : \"\\u00e9\x00\xff\" }\r\n", answer: "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
		},
		"a webhook of Bitbucket": {
			first:  "POST /api/v2/workflow_job_templates/My%2BFlow++Default/bitbucket_dc/ HTTP/1.1",
			fields: "X-Request-Id: delivery-1\r\nX-Hub-Signature: sha256=0\r\nX-Gitlab-Token: secret\r\n", body: "{}", answer: page,
		},
		"a write by session": {
			first: "PATCH /api/v2/jobs/7/ HTTP/1.1",
			fields: "Cookie: csrftoken=c; awx_sessionid=s; userLoggedIn=true\r\nX-CSRFToken: c\r\nOrigin: https://awx.example.com\r\n" +
				"Referer: https://awx.example.com/#/jobs\r\nX-WS-Session-Quiet: true\r\nX-API-Request-Id: 5\r\n",
			body: `{"name":"x"}`, answer: session,
		},
		"HTTP Basic":  {first: "GET /api/v2/jobs/ HTTP/1.1", fields: "Authorization: Basic YTpi\r\n", answer: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"api\"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"},
		"an odd path": {first: "GET /api/v2/job_templates/a%3Ab%20%C3%A9++x%2B/?name__in=a,b&q=%2F%C3%A9;r HTTP/1.1", answer: page},
	} {
		t.Run(name, func(t *testing.T) {
			upstream.answer(test.answer)
			fields := "Host: awx.example.com\r\nUser-Agent: test\r\nAccept-Encoding: gzip, br\r\nX-Dab-Jw-Token: claimed\r\n" + test.fields
			if test.body != "" {
				fields += "Content-Length: " + strconv.Itoa(len(test.body)) + "\r\n"
			}
			sent := test.first + "\r\n" + fields + "Connection: close\r\n\r\n" + test.body
			answer := r.exchange(sent)

			wantFirst, wantFields, wantBody := message(sent, append(ofTheProxy, "x-dab-jw-token")...)
			gotFirst, gotFields, gotBody := message(upstream.take(t), ofTheProxy...)
			if diff := cmp.Diff([]any{wantFirst, wantFields, wantBody}, []any{gotFirst, gotFields, gotBody}); diff != "" {
				t.Errorf("AWX got (-want +got):\n%s", diff)
			}
			wantFirst, wantFields, wantBody = message(test.answer, ofTheProxy...)
			gotFirst, gotFields, gotBody = message(answer, ofTheProxy...)
			if diff := cmp.Diff([]any{wantFirst, wantFields, wantBody}, []any{gotFirst, gotFields, gotBody}); diff != "" {
				t.Errorf("the client got (-want +got):\n%s", diff)
			}
		})
	}
}
