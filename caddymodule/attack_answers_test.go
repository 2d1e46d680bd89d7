package caddymodule

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// What an upstream lets slip about identities ends at the gateway.
func TestAttackAnswersThatTellIdentities(t *testing.T) {
	r := newAttackRig(t)
	const claims = "X-Dab-Jw-Token: leaked\r\nX-Awxgate-User: leaked\r\nX_Awxgate_User: leaked\r\nx-trusted-proxy: leaked\r\nX-Other: kept\r\n"
	for name, upstream := range map[string]string{
		"E18 in the header":             "HTTP/1.1 200 OK\r\n" + claims + "Content-Length: 4\r\n\r\nbody",
		"E18 of an error":               "HTTP/1.1 500 Oops\r\n" + claims + "Content-Length: 4\r\n\r\nbody",
		"E18 of a redirect":             "HTTP/1.1 302 Found\r\nLocation: /x\r\n" + claims + "Content-Length: 0\r\n\r\n",
		"E18 without a body":            "HTTP/1.1 204 No Content\r\n" + claims + "\r\n",
		"E18 in an informational one":   "HTTP/1.1 103 Early Hints\r\n" + claims + "\r\nHTTP/1.1 200 OK\r\nX-Other: kept\r\nContent-Length: 4\r\n\r\nbody",
		"E18 in an announced trailer":   "HTTP/1.1 200 OK\r\nX-Other: kept\r\nTrailer: X-Awxgate-User, X-Dab-Jw-Token\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n" + claims + "\r\n",
		"E18 in an unannounced trailer": "HTTP/1.1 200 OK\r\nX-Other: kept\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n" + claims + "\r\n",
	} {
		r.raw.answerBy(func(rawRequest) string { return upstream })
		r.each(t, func(t *testing.T, at edge) {
			t.Run(name, func(t *testing.T) {
				for _, credentials := range []string{authorization(r.write), "X-Nothing: here"} {
					answers := r.send(t, at, "GET /api/v2/jobs/ HTTP/1.1\r\nHost: gate.example\r\nTE: trailers\r\nConnection: close\r\n"+credentials+"\r\n\r\n")
					if n := len(answers); n == 0 || answers[n-1].header.Get("X-Other") != "kept" {
						t.Errorf("got %+v", answers)
					}
					for _, got := range answers {
						if text := strings.Join(headerTexts(got.header), " "); strings.Contains(text, "leaked") {
							t.Errorf("the client sees %+v", got.header)
						}
					}
				}
			})
		})
	}
}

// A 401 of AWX's is not about the token, a session is not for a script, and an identity
// that has expired is not the client's affair.
func TestAttackAnswersAboutTheIdentity(t *testing.T) {
	r := newAttackRig(t)
	for _, test := range []struct {
		name        string
		upstream    string
		credentials string
		status      int
		mark        string
		field, want string
	}{
		{
			"E18 AWX's 401 to a live token", "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"awx\"",
			authorization(r.read), 401, "401", "WWW-Authenticate", `Basic realm="awx"`,
		},
		{
			"E18 AWX's 401 to a password", "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"awx\"",
			"Authorization: Basic eDp5", 401, "", "WWW-Authenticate", `Basic realm="awx"`,
		},
		{"E18 our 401 to a bad token", "200 OK", authorization("bad"), 401, "", "Retry-After", ""},
		{"E18 AWX's 498", "498 Invalid Token", authorization(r.read), 503, "498", "Retry-After", "5"},
		{"E18 a session for a token", "200 OK\r\nSet-Cookie: awx_sessionid=s; Path=/; HttpOnly", authorization(r.read), 200, "", "Set-Cookie", ""},
		{"E18 a session for a login", "200 OK\r\nSet-Cookie: awx_sessionid=s", "X-Nothing: here", 200, "", "Set-Cookie", "awx_sessionid=s"},
		{"E18 another cookie", "200 OK\r\nSet-Cookie: csrftoken=c", authorization(r.read), 200, "", "Set-Cookie", "csrftoken=c"},
		{"E18 a mark of somebody else's", "200 OK\r\nX-Awxgate-Upstream: 401", authorization(r.read), 200, "", "Retry-After", ""},
	} {
		r.raw.answerBy(func(rawRequest) string { return "HTTP/1.1 " + test.upstream + "\r\nContent-Length: 4\r\n\r\nbody" })
		r.each(t, func(t *testing.T, at edge) {
			t.Run(test.name, func(t *testing.T) {
				got, _ := r.get(t, at, "/api/v2/jobs/", test.credentials)
				field := test.field
				if got.status != test.status || got.header.Get("X-Awxgate-Upstream") != test.mark || got.header.Get(field) != test.want {
					t.Errorf("got %d %v", got.status, got.header)
				}
			})
		})
	}
}

// Streams are streamed, whatever stands between.
func TestAttackAnswersThatNeverEndArriveAtOnce(t *testing.T) {
	r := newAttackRig(t)
	r.raw.answerBy(func(rawRequest) string {
		return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Dab-Jw-Token: leaked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
	})
	r.each(t, func(t *testing.T, at edge) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+at.address+"/api/v2/jobs/", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header = bearerHeader(r.read)
		response, err := r.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		first := make([]byte, len("first"))
		if n, err := response.Body.Read(first); string(first[:n]) != "first" || response.Header.Get("X-Dab-Jw-Token") != "" {
			t.Errorf("E18: got %q, %v with %v", first[:n], err, response.Header)
		}
	})
}

// Caddy #7859 and others: what belongs to one request turned up in another.
func TestAttackCrossedIdentities(t *testing.T) {
	const clients, rounds = 200, 4
	r := newAttackRig(t)
	service := r.service(nil)
	alice, err := service.CreateUser(t.Context(), tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := service.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: alice.ID})
	if err != nil {
		t.Fatal(err)
	}
	questions := []struct{ method, token, want string }{
		{"POST", issued.Access.Reveal(), "200 upstream alice"},
		{"POST", r.write, "200 upstream admin"},
		{"GET", r.read, "200 upstream admin"},
		{"POST", r.read, "403 "},
		{"GET", "", "200 upstream "},
		{"GET", "nosuchtokennosuchtokennosuchtok", "401 "},
	}
	r.each(t, func(t *testing.T, at edge) {
		var wait sync.WaitGroup
		for n := range clients {
			wait.Go(func() {
				client := &http.Client{Transport: new(http.Transport), Timeout: patience} // a connection of its own, kept alive
				defer client.CloseIdleConnections()
				for round := range rounds {
					q := questions[(n+round)%len(questions)]
					got, err := ask(client, q.method, at.address, q.token)
					if err != nil || !strings.HasPrefix(got, q.want) || strings.HasSuffix(q.want, " ") && (strings.Contains(got, "admin") || strings.Contains(got, "alice")) {
						t.Errorf("E16 %s with %.5s…: got %q, %v", q.method, q.token, got, err)
					}
					for _, other := range questions {
						if other.token != "" && strings.Contains(got, other.token) {
							t.Errorf("E16 an answer contains a token: %s", got)
						}
					}
				}
			})
		}
		wait.Wait()
		owners := map[string]int{}
		for _, seen := range r.raw.take() {
			owners[fmt.Sprint(seen.Header.Get("X-Awxgate-User"), " ", seen.Header.Get("X-Awxgate-User-Id"))]++
			if seen.Method == http.MethodPost && seen.Header.Get("X-Awxgate-Scope") != "write" {
				t.Errorf("E16 a write of %q with scope %q", seen.Header.Get("X-Awxgate-User"), seen.Header.Get("X-Awxgate-Scope"))
			}
		}
		if len(owners) != 3 || owners["admin 1"] == 0 || owners[fmt.Sprint("alice ", alice.ID)] == 0 || owners[" "] == 0 {
			t.Errorf("E16 the upstream saw requests of %v", owners)
		}
	})
}

// ask returns the status and the body.
func ask(client *http.Client, method, address, token string) (string, error) {
	request, err := http.NewRequest(method, "http://"+address+"/api/v2/jobs/", nil)
	if err != nil {
		return "", err
	}
	if token != "" {
		request.Header = bearerHeader(token)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return fmt.Sprintf("%d %s", response.StatusCode, body), err
}
