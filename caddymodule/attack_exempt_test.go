package caddymodule

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// A token is taken from the Authorization header and from nowhere else. In a URL it is
// refused, because AWX up to 24.6.1 would take it there, and it never gets into a log.
func TestAttackTokensElsewhere(t *testing.T) {
	log, access := filepath.Join(t.TempDir(), "log"), filepath.Join(t.TempDir(), "access")
	r := newAttackRig(t,
		instead(t, "log {\n\t\t\toutput discard", "log {\n\t\t\tlevel DEBUG\n\t\t\toutput file "+log),
		instead(t, "bind 127.0.0.1", "bind 127.0.0.1\nlog {\noutput file "+access+"\n}"))
	for _, test := range []struct {
		name, line, body string
		lines            []string
		status           int
	}{
		{"E6 in the query", "GET /api/v2/jobs/?access_token=" + r.write, "", nil, 401},
		{"E6 in the query of a write", "POST /api/v2/jobs/?a=b&access_token=" + r.write, "", nil, 401},
		{"E6 in the query, encoded", "GET /api/v2/jobs/?access%5Ftoken=" + r.write, "", nil, 401},
		{"E6 in the query beside the header", "GET /api/v2/jobs/?access_token=" + r.write, "", []string{authorization(r.write)}, 401},
		{"E6 in the query of the token API", "GET /api/v2/tokens/?access_token=" + r.write, "", nil, 401},
		{"E6 in a form", "POST /api/v2/jobs/", "access_token=" + r.write, []string{"Content-Type: application/x-www-form-urlencoded"}, 200},
		{"E6 in the protocol of a WebSocket", "GET /websocket/", "", []string{"Sec-WebSocket-Protocol: bearer, " + r.write}, 200},
		{"E6 in a cookie", "GET /api/v2/jobs/", "", []string{"Cookie: access_token=" + r.write}, 200},
		{"E6 in a field of another name", "GET /api/v2/jobs/", "", []string{"X-Access-Token: " + r.write}, 200},
	} {
		r.each(t, func(t *testing.T, at edge) {
			t.Run(test.name, func(t *testing.T) {
				lines := test.lines
				if test.body != "" {
					lines = append(lines, "Content-Length: "+strconv.Itoa(len(test.body)))
				}
				got, seen := r.one(t, at, test.line+" HTTP/1.1", test.body, lines...)
				if got.status != test.status || strings.Contains(got.body, r.write) {
					t.Errorf("got %+v", got)
				}
				if refused := test.status != http.StatusOK; refused != (len(seen) == 0) {
					t.Errorf("the upstream saw %d requests", len(seen))
				}
				for _, request := range seen {
					if request.Header.Get("X-Awxgate-User") != "" {
						t.Errorf("the token counted:\n%s", request.raw)
					}
				}
			})
		})
	}
	if got, _ := r.get(t, r.edges[0], "/api/v2/jobs/", authorization(r.read)); got.status != http.StatusOK {
		t.Fatalf("status %d", got.status)
	}
	for _, file := range []string{log, access} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), "/api/v2/jobs/") && file == access {
			t.Fatalf("%s was not written: %v", file, err)
		}
		for _, query := range []string{"access_token=" + r.write, "access%5Ftoken=" + r.write} {
			if strings.Contains(string(text), query) {
				t.Errorf("the token is in %s", filepath.Base(file))
			}
		}
	}
}

// Where a request seems to come from, or seemed to be about, decides nothing.
func TestAttackForwardingFields(t *testing.T) {
	r := newAttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for _, line := range []string{
			"X-Forwarded-For: 10.0.0.1", "X-Forwarded-For: 127.0.0.1, 10.0.0.1", "X-Real-IP: 10.0.0.1", "Forwarded: for=10.0.0.1;host=evil.example",
			"X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /evil", "X-Forwarded-Uri: /api/v2/ping/",
			"X-Forwarded-Method: GET", "X-Original-URL: /api/v2/ping/", "X-Original-URI: /api/v2/ping/", "X-Rewrite-URL: /api/v2/ping/", "X-Original-Method: GET",
		} {
			name := "E7 " + strings.SplitN(line, ":", 2)[0]
			t.Run(name, func(t *testing.T) {
				if got, seen := r.one(t, at, "POST /api/v2/jobs/ HTTP/1.1", "", line, authorization(r.read), "Content-Length: 0"); got.status != http.StatusForbidden || len(seen) != 0 {
					t.Errorf("a read token wrote: status %d, the upstream saw %d requests", got.status, len(seen))
				}
				if got, seen := r.get(t, at, "/api/v2/jobs/", line, authorization("bad")); got.status != http.StatusUnauthorized || len(seen) != 0 {
					t.Errorf("a bad token passed: status %d, the upstream saw %d requests", got.status, len(seen))
				}
				got, seen := r.get(t, at, "/api/v2/jobs/", line, authorization(r.read))
				if got.status != http.StatusOK || len(seen) != 1 {
					t.Fatalf("status %d, the upstream saw %d requests", got.status, len(seen))
				}
				for field, want := range map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "gate.example"} {
					if values := seen[0].Header[field]; len(values) != 1 || values[0] != want {
						t.Errorf("the upstream got %s: %q", field, values)
					}
				}
				for _, text := range []string{"10.0.0.1", "evil", "/ping/"} {
					if strings.Contains(seen[0].raw, text) {
						t.Errorf("the upstream saw:\n%s", seen[0].raw)
					}
				}
				if got, _ := r.get(t, at, "/api/v2/tokens/?page_size=1", line, authorization(r.read)); !strings.Contains(got.body, `"next":"/api/v2/tokens/?page=2`) {
					t.Errorf("the link to the next page: %s", got.body)
				}
			})
		}
	})
}

// A proxy that the operator trusts is believed, and nobody else: about the address that
// is noted with the token as well.
func TestAttackForwardedAddresses(t *testing.T) {
	for name, test := range map[string]struct{ trusted, upstream, noted string }{
		"E7 from a trusted proxy": {"trusted_proxies static 127.0.0.1/32", "10.0.0.1, 127.0.0.1", "10.0.0.1"},
		"E7 from anybody":         {"trusted_proxies static 192.0.2.0/24", "127.0.0.1", "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newAttackRig(t, instead(t, "auto_https off", "auto_https off\nservers {\n"+test.trusted+"\n}"))
			issued := r.token("read")
			_, seen := r.get(t, r.edges[0], "/api/v2/jobs/", authorization(issued.Access.Reveal()), "X-Forwarded-For: 10.0.0.1")
			if len(seen) != 1 || seen[0].Header.Get("X-Forwarded-For") != test.upstream {
				t.Fatalf("the upstream saw %+v", seen)
			}
			// Uses are written when the store is let go at the latest.
			stopCaddy(t)
			if err := r.load(r.caddyfile("")); err != nil {
				t.Fatal(err)
			}
			token, err := r.service(nil).Store().Token(t.Context(), issued.Token.ID)
			if err != nil || token.LastUsedFrom != test.noted {
				t.Errorf("noted %q, %v", token.LastUsedFrom, err)
			}
		})
	}
}

// Nothing but the one public path of the key is exempt from anything.
func TestAttackExemptions(t *testing.T) {
	r := newAttackRig(t, instead(t, "awxgate {\n\t\t\t\n\t\t}", "awxgate {\n\t\t\trequire\n\t\t}"))
	for _, test := range []struct {
		target string
		lines  []string
	}{
		{"/api/v2/jobs/", []string{"User-Agent: GoogleHC/1.0"}},
		{"/api/v2/jobs/", []string{"User-Agent: kube-probe/1.30"}},
		{"/api/v2/jobs/?x=/api/v2/ping/", nil},
		{"/api/v2/jobs/?x=/api/gateway/v1/jwt_key/", nil},
		{"/api/v2/jobs/%23/api/v2/ping/", nil},
		{"/api/v2/jobs/#/api/v2/ping/", nil},
		{"/api/v2/jobs/%3f/api/gateway/v1/jwt_key/", nil},
		{"/api/gateway/v1/jwt_key/../../../v2/jobs/", nil},
		{"/api/gateway/v1/jwt_key/x", nil},
		{"/static/../api/v2/jobs/", nil},
		{"/", nil},
	} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			got, seen := r.one(t, r.edges[0], method+" "+test.target+" HTTP/1.1", "", test.lines...)
			if got.status != http.StatusUnauthorized && got.status != http.StatusBadRequest || len(seen) != 0 {
				t.Errorf("E8 %s %s %q: status %d, the upstream saw %d requests", method, test.target, test.lines, got.status, len(seen))
			}
		}
	}
}

// No answer of ours contains a host that a client has named.
func TestAttackHosts(t *testing.T) {
	r := newAttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for _, target := range []string{
			"/api/v2/jobs/", "/api/v2/tokens/?page_size=1", "/api/", "/api/v2/", "/api/o/authorize/?response_type=code&client_id=nosuch", "/api/login/",
			"/api/v2/tokens", "/api/v2/nosuch/", "/api/v2/tokens/999/", "/api/v2/schema/",
		} {
			for name, request := range map[string]string{
				"E9 absolute form":  "GET http://evil.example" + target + " HTTP/1.1\r\nHost: gate.example\r\n",
				"E9 https":          "GET https://evil.example" + target + " HTTP/1.1\r\nHost: gate.example\r\n",
				"E9 Host":           "GET " + target + " HTTP/1.1\r\nHost: evil.example\r\n",
				"E9 upper case":     "GET " + target + " HTTP/1.1\r\nHost: EVIL.example.:80\r\n",
				"E9 user in host":   "GET http://admin:x@evil.example" + target + " HTTP/1.1\r\nHost: gate.example\r\n",
				"E9 forwarded host": "GET " + target + " HTTP/1.1\r\nHost: gate.example\r\nX-Forwarded-Host: evil.example\r\n",
			} {
				for _, credentials := range []string{authorization(r.read), "Accept: text/html"} {
					answers := r.send(t, at, request+credentials+"\r\nConnection: close\r\n\r\n")
					if len(answers) != 1 {
						t.Fatalf("%s %s: %d answers", name, target, len(answers))
					}
					for _, text := range append(headerTexts(answers[0].header), answers[0].body) {
						if strings.Contains(strings.ToLower(text), "evil") {
							t.Errorf("%s %s: the answer says %q", name, target, text)
						}
					}
					for _, seen := range r.raw.take() {
						if acts := seen.Header.Get("X-Awxgate-User"); (acts == "admin") != strings.HasPrefix(credentials, "Auth") || seen.target != target {
							t.Errorf("%s %s: the upstream saw:\n%s", name, target, seen.raw)
						}
					}
				}
			}
		}
		for name, lines := range map[string]string{
			"E9 two hosts":         "Host: gate.example\r\nHost: evil.example\r\n",
			"E9 no host":           "",
			"E9 host with a space": "Host: gate.example evil\r\n",
			"E9 host with a path":  "Host: gate.example/evil\r\n",
		} {
			answers := r.send(t, at, "GET /api/v2/jobs/ HTTP/1.1\r\n"+lines+authorization(r.read)+"\r\nConnection: close\r\n\r\n")
			if seen := r.raw.take(); len(seen) != 0 || len(answers) != 1 || answers[0].status != http.StatusBadRequest {
				t.Errorf("%s: %+v, the upstream saw %d requests", name, answers, len(seen))
			}
		}
	})
}

func headerTexts(header http.Header) (texts []string) {
	for _, values := range header {
		texts = append(texts, values...)
	}
	return texts
}

// A request that was sent before the handshake was complete may be a replay. Caddy
// serves HTTP/3 with early data; its state of the connection is all there is to see.
func TestAttackEarlyData(t *testing.T) {
	app := newTestApp(t, verifierFunc(nil))
	for name, handler := range map[string]caddyhttp.MiddlewareHandler{"awxgate_auth": &AuthHandler{app: app}, "awxgate_api": &APIHandler{app: app}} {
		for method, want := range map[string]int{"POST": 425, "DELETE": 425, "post": 425, "PURGE": 425, "GET": 200, "HEAD": 200} {
			r := httptest.NewRequestWithContext(t.Context(), method, "/api/v2/jobs/", nil)
			r.TLS = &tls.ConnectionState{HandshakeComplete: false}
			w := httptest.NewRecorder()
			passed := false
			next := caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error { passed = true; return nil })
			if err := handler.ServeHTTP(w, r, next); err != nil {
				t.Fatal(err)
			}
			if w.Code != want || passed != (want == http.StatusOK) {
				t.Errorf("E13 %s %s: status %d, passed on: %t", name, method, w.Code, passed)
			}
		}
	}
}

// We allow no other site anything, and a preflight has no identity.
func TestAttackCrossOrigin(t *testing.T) {
	r := newAttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for _, origin := range []string{"https://evil.example", "null", "https://gate.example.evil.example", "http://gate.example", "*"} {
			for _, path := range []string{"/api/v2/tokens/", "/api/o/token/", "/api/o/authorize/", "/api/v2/me/", "/api/login/", "/api/v2/jobs/"} {
				for _, method := range []string{"OPTIONS", "GET", "POST"} {
					lines := []string{"Origin: " + origin, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization", "Content-Length: 0"}
					got, seen := r.one(t, at, method+" "+path+" HTTP/1.1", "", lines...)
					for name := range got.header {
						if strings.HasPrefix(name, "Access-Control-Allow-") {
							t.Errorf("E15 %s %s from %s: %s: %s", method, path, origin, name, got.header.Get(name))
						}
					}
					for _, request := range seen {
						if path != "/api/v2/jobs/" || request.Header.Get("X-Awxgate-User") != "" {
							t.Errorf("E15 %s %s from %s: the upstream saw:\n%s", method, path, origin, request.raw)
						}
					}
				}
			}
		}
	})
}

// A configuration that cannot protect is refused; there is no open door meanwhile.
func TestAttackConfigurationsThatWouldFailOpen(t *testing.T) {
	data := t.TempDir()
	r := &rig{t: t, address: freeAddress(t), data: data, upstream: newRecorder(t), client: &http.Client{Timeout: patience}}
	garbage := filepath.Join(t.TempDir(), "key.pem")
	for file, content := range map[string]string{garbage: "garbage", garbage + "2": ""} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := r.caddyfile("")
	for name, config := range map[string]string{
		"E10 a key that is missing":            r.caddyfile("identity dab_jwt /nonexistent/key.pem"),
		"E10 a key that is garbage":            r.caddyfile("identity dab_jwt " + garbage),
		"E10 a key that is empty":              r.caddyfile("identity dab_jwt " + garbage + "2"),
		"E10 a key in an unset variable":       r.caddyfile("identity dab_jwt {env.AWXGATE_NO_SUCH_KEY}"),
		"E10 a directory without keys":         r.caddyfile("identity dab_jwt " + t.TempDir()),
		"E10 a store that cannot be reached":   strings.ReplaceAll(good, data, filepath.Join(data, "missing")),
		"E10 an unknown option":                r.caddyfile("reqire"),
		"E10 an unknown option of the site":    r.caddyfile("", "reqire"),
		"E10 an argument too many":             r.caddyfile("", "require yes"),
		"E10 an unknown identity":              r.caddyfile("identity nobody"),
		"E10 an unknown store":                 r.caddyfile("store nowhere"),
		"E10 an empty list":                    r.caddyfile("strip_headers"),
		"E10 an odd answer to ambiguous paths": r.caddyfile("ambiguous_paths maybe"),
		"E10 no app":                           "{\nadmin off\n}\nhttp://" + r.address + " {\nawxgate\nrespond open\n}",
	} {
		if err := r.load(config); err == nil {
			t.Errorf("%s was accepted", name)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.address+"/api/v2/jobs/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := r.client.Do(request); err == nil {
			_ = response.Body.Close()
			t.Errorf("%s: somebody answers, %s", name, response.Status)
		}
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("the upstream saw %d requests", n)
	}
}

// Until the store is there, everything is 503.
func TestAttackBeforeTheFirstStart(t *testing.T) {
	app := newTestApp(t, nil)
	for name, handler := range map[string]caddyhttp.MiddlewareHandler{"awxgate_auth": &AuthHandler{app: app}, "awxgate_api": &APIHandler{app: app}} {
		if answer, _, passed := serve(t, handler); answer.Code != http.StatusServiceUnavailable || passed {
			t.Errorf("E10 %s: status %d, passed on: %t", name, answer.Code, passed)
		}
	}
}
