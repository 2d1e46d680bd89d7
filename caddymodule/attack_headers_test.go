package caddymodule

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// claimable are fields by which somebody, somewhere, takes an identity, an address, a
// method or a path from a gateway.
var claimable = []string{
	"X-DAB-JW-TOKEN", "X-Trusted-Proxy", "X-ANSIBLE-SERVICE-AUTH", "Secret",
	"X-Awx-User", "X-Awxgate-User", "X-Awxgate-User-Id", "X-Awxgate-Superuser", "X-Awxgate-Scope", "X-Awxgate-Token-Id", "X-Awxgate-Application-Id",
	"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Remote-User", "Remote-User", "X-Auth-Request-User",
	"X-Envoy-External-Address", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP",
	"X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Server",
	"X-Original-URL", "X-Original-Method", "X-Rewrite-URL",
	"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "Proxy-Authorization",
}

// spellings are what WSGI, CGI and others fold into the same name.
func spellings(name string) []string {
	return []string{
		name, strings.ToLower(name), strings.ToUpper(name),
		strings.ReplaceAll(name, "-", "_"), strings.ReplaceAll(name, "-", "."), strings.Replace(name, "-", "_", 1),
		strings.ReplaceAll(strings.ToUpper(name), "-", "_"),
	}
}

func TestAttackClaimedIdentities(t *testing.T) {
	r := newAttackRig(t, instead(t, "linger", "strip_headers X-Site-User\nlinger"))
	r.each(t, func(t *testing.T, at edge) {
		for name, test := range map[string]struct {
			credentials string
			status      int
			acts        []string // X-Awxgate-User at the upstream; nil: it sees nothing
		}{
			"E1 with a token":     {authorization(r.read), 200, []string{"admin"}},
			"E1 without a token":  {"X-Nothing: here", 200, []string{""}},
			"E1 with a password":  {"Authorization: Basic eDp5", 200, []string{""}},
			"E1 with a bad token": {authorization("nosuchtoken"), 401, nil},
		} {
			t.Run(name, func(t *testing.T) {
				for _, method := range []string{"GET", "OPTIONS"} {
					for _, claim := range claimable {
						got, seen := r.one(t, at, method+" /api/v2/jobs/ HTTP/1.1", "", test.credentials, claim+": claimed")
						if got.status != test.status || len(seen) != len(test.acts) {
							t.Fatalf("%s: status %d, the upstream saw %d requests", claim, got.status, len(seen))
						}
						for i, request := range seen {
							if names := request.names("claimed"); names != nil || request.Header.Get("X-Awxgate-User") != test.acts[i] {
								t.Errorf("%s reached the upstream as %v:\n%s", claim, names, request.raw)
							}
						}
					}
				}
			})
		}
		t.Run("E2 look-alikes", func(t *testing.T) {
			for _, credentials := range []string{authorization(r.read), "X-Nothing: here"} {
				for _, claim := range append(claimable, "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Content-Type") {
					for _, name := range spellings(claim)[1:] {
						if !strings.ContainsAny(name, "_.") && !slices.Contains(claimable, claim) {
							continue // a spelling of what clients may send
						}
						got, seen := r.get(t, at, "/api/v2/jobs/", credentials, name+": claimed")
						if got.status != http.StatusOK || len(seen) != 1 || seen[0].names("claimed") != nil {
							t.Errorf("%s: status %d, the upstream saw %+v", name, got.status, seen)
						}
					}
				}
			}
		})
		t.Run("E1 in a trailer", func(t *testing.T) {
			for _, announce := range []string{"Trailer: X-Awxgate-User", "Trailer: X-DAB-JW-TOKEN, X-Awxgate-User", "X-Nothing: here"} {
				got, seen := r.one(t, at, "POST /api/v2/jobs/ HTTP/1.1", "2\r\nab\r\n0\r\nX-Awxgate-User: claimed\r\nX_DAB_JW_TOKEN: claimed\r\n\r\n",
					authorization(r.write), "Transfer-Encoding: chunked", "TE: trailers", announce)
				if got.status != http.StatusOK || len(seen) != 1 || seen[0].body != "ab" || strings.Contains(seen[0].raw, "claimed") {
					t.Errorf("%s: status %d, the upstream saw %+v", announce, got.status, seen)
				}
			}
		})
	})
	// What the operator lists counts for Caddy; an embedder has Names for it.
	t.Run("E1 in a header of the operator's list", func(t *testing.T) {
		for _, name := range spellings("X-Site-User") {
			if _, seen := r.get(t, r.edges[0], "/", name+": claimed"); len(seen) != 1 || seen[0].names("claimed") != nil {
				t.Errorf("%s reached the upstream", name)
			}
		}
	})
}

// CVE-2025-48865: a proxy removes what Connection names, also what it set itself.
func TestAttackHopByHop(t *testing.T) {
	r := newAttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for name, lines := range map[string][]string{
			"E3 identity":           {"Connection: close, X-Awxgate-User, X-Awxgate-User-Id, X-DAB-JW-TOKEN"},
			"E3 credentials":        {"Connection: close, Authorization, Cookie", "Cookie: csrftoken=c"},
			"E3 two fields":         {"Connection: close", "Connection: x-awxgate-user"},
			"E3 look-alike":         {"Connection: X_Awxgate_User, close"},
			"E3 Proxy-Connection":   {"Proxy-Connection: X-Awxgate-User", "Connection: close"},
			"E3 Keep-Alive":         {"Keep-Alive: X-Awxgate-User", "Connection: close, Keep-Alive"},
			"E3 trailer":            {"Connection: close, Trailer", "Trailer: X-Awxgate-User"},
			"E3 TE":                 {"Connection: close, TE", "TE: trailers, X-Awxgate-User"},
			"E3 empty options":      {"Connection: ,, close ,,X-Awxgate-User,"},
			"E3 tabs":               {"Connection: close,\tX-Awxgate-User\t"},
			"E3 X-Forwarded-For":    {"Connection: close, X-Forwarded-For, X-Forwarded-Host"},
			"E3 upgrade to nothing": {"Connection: close, Upgrade, X-Awxgate-User", "Upgrade: h2c, X-Awxgate-User"},
		} {
			t.Run(name, func(t *testing.T) {
				got, seen := r.get(t, at, "/api/v2/jobs/", append(lines, authorization(r.write))...)
				if got.status != http.StatusOK || len(seen) != 1 {
					t.Fatalf("status %d, the upstream saw %d requests", got.status, len(seen))
				}
				header := seen[0].Header
				if header.Get("X-Awxgate-User") != "admin" || header.Get("X-Awxgate-User-Id") != "1" || header.Get("X-Forwarded-For") != "127.0.0.1" {
					t.Errorf("the identity did not arrive:\n%s", seen[0].raw)
				}
				if strings.Contains(strings.Join(lines, ""), "csrftoken") && header.Get("Cookie") != "csrftoken=c" {
					t.Errorf("the cookie did not arrive:\n%s", seen[0].raw)
				}
				if strings.Contains(strings.ToLower(fmt.Sprint(header["Connection"], header["Trailer"], header["Te"])), "awxgate") {
					t.Errorf("the list arrived:\n%s", seen[0].raw)
				}
			})
		}
		t.Run("E3 upgrade to WebSocket", func(t *testing.T) {
			r.raw.answerBy(func(rawRequest) string {
				return "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
			})
			defer r.raw.answerBy(sayWhoActs)
			answers := r.send(t, at, "GET /websocket/ HTTP/1.1\r\nHost: gate\r\nConnection: Upgrade, X-Awxgate-User, close\r\nUpgrade: websocket\r\n"+
				"Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n"+authorization(r.read)+"\r\n\r\n")
			seen := r.raw.take()
			if len(answers) != 1 || len(seen) != 1 || seen[0].Header.Get("X-Awxgate-User") != "admin" || seen[0].Header.Get("Upgrade") != "websocket" {
				t.Errorf("%+v; the upstream saw %+v", answers, seen)
			}
		})
		t.Run("E14 upgrade to cleartext HTTP/2", func(t *testing.T) {
			got, seen := r.get(t, at, "/api/v2/jobs/", authorization(r.read), "Connection: close, Upgrade, HTTP2-Settings",
				"Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")
			if got.status != http.StatusOK || len(seen) != 1 || seen[0].Header.Get("Upgrade") != "" || seen[0].Header.Get("Http2-Settings") != "" {
				t.Errorf("status %d, the upstream saw %+v", got.status, seen)
			}
		})
	})
}

func TestAttackOddCredentials(t *testing.T) {
	r := newAttackRig(t)
	good := r.write
	for _, test := range []struct {
		name   string
		lines  []string
		status int // 0: 400 or 401
		acts   []string
	}{
		{"E4 good and bad", []string{authorization(good), authorization("bad")}, 0, nil},
		{"E4 bad and good", []string{authorization("bad"), authorization(good)}, 0, nil},
		{"E4 the same twice", []string{authorization(good), authorization(good)}, 0, nil},
		{"E4 Bearer and Basic", []string{authorization(good), "Authorization: Basic eDp5"}, 0, nil},
		{"E4 Basic and Bearer", []string{"Authorization: Basic eDp5", authorization(good)}, 0, nil},
		{"E4 a list", []string{authorization(good + ", Bearer " + good)}, 0, nil},
		{"E4 a list with Basic", []string{"Authorization: Basic eDp5, Bearer " + good}, 0, nil},
		{"E4 a folded line", []string{authorization(good + "\r\n continued")}, 0, nil},
		{"E4 a folded line of a token", []string{authorization(good[:10] + "\r\n\t" + good[10:])}, 0, nil},
		{"E4 a tab", []string{"Authorization: Bearer\t" + good}, 0, nil},
		{"E4 a tab before the scheme", []string{"Authorization: \u00a0Bearer " + good}, 0, nil},
		{"E4 NUL", []string{authorization(good + "\x00")}, 0, nil},
		{"E4 a control byte", []string{authorization(good + "\x01")}, 0, nil},
		{"E4 beyond ASCII", []string{authorization(good + "\x80")}, 0, nil},
		{"E4 quotes", []string{authorization(`"` + good + `"`)}, 0, nil},
		{"E4 empty", []string{"Authorization: Bearer "}, 0, nil},
		{"E4 the scheme alone", []string{"Authorization: Bearer"}, 0, nil},
		{"E4 a space before the colon", []string{"Authorization : Bearer " + good}, 0, nil},
		{"E4 no value at all is no token", []string{"Authorization:"}, 200, []string{""}},
		{"E4 two spaces, as in AWX", []string{"Authorization: Bearer  " + good}, 200, []string{"admin"}},
		{"E4 a trailing space is not of the value", []string{authorization(good + " ")}, 200, []string{"admin"}},
		{"E4 a line folded before the token is one space", []string{"Authorization: Bearer\r\n " + good}, 200, []string{"admin"}},
		{"E4 lower case", []string{"Authorization: bearer " + good}, 200, []string{"admin"}},
		{"E4 upper case", []string{"AUTHORIZATION: BEARER " + good}, 200, []string{"admin"}},
		{"E4 the scheme of old AWX is no bearer token", []string{"Authorization: Token " + good}, 200, []string{""}},
		{"E4 for a proxy", []string{"Proxy-Authorization: Bearer " + good}, 200, []string{""}},
		{"E5 a bad token and a session", []string{authorization("bad"), "Cookie: awx_sessionid=admins"}, 401, nil},
		{"E5 a good token and a session", []string{authorization(good), "Cookie: a=b; awx_sessionid=admins"}, 200, []string{"admin"}},
		{"E5 a password only", []string{"Authorization: Basic eDp5"}, 200, []string{""}},
		{"E5 a session only", []string{"Cookie: awx_sessionid=admins"}, 200, []string{""}},
	} {
		r.each(t, func(t *testing.T, at edge) {
			t.Run(test.name, func(t *testing.T) {
				got, seen := r.get(t, at, "/api/v2/jobs/", test.lines...)
				allowed := got.status == test.status || test.status == 0 && (got.status == 400 || got.status == 401)
				if !allowed || len(seen) != len(test.acts) {
					t.Fatalf("status %d, the upstream saw %d requests", got.status, len(seen))
				}
				for i, request := range seen {
					acts := request.Header.Get("X-Awxgate-User")
					if acts != test.acts[i] || acts != "" && (request.Header.Get("Authorization") != "" || strings.Contains(request.raw, "admins")) {
						t.Errorf("the upstream saw:\n%s", request.raw)
					}
					// A token of ours under another scheme goes where passwords go; AWX knows no such scheme.
					if strings.Contains(request.raw, good) && !strings.Contains(request.raw, "Authorization: Token ") {
						t.Errorf("the upstream saw the token:\n%s", request.raw)
					}
				}
			})
		})
	}
}
