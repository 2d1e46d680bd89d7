package caddymodule

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

func TestAttackReadTokensThatWrite(t *testing.T) {
	r := newAttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for _, test := range []struct {
			name, line string
			lines      []string
			status     int
		}{
			{"M1 POST", "POST /api/v2/jobs/", nil, 403},
			{"M1 PUT", "PUT /api/v2/jobs/", nil, 403},
			{"M1 PATCH", "PATCH /api/v2/jobs/", nil, 403},
			{"M1 DELETE", "DELETE /api/v2/jobs/", nil, 403},
			{"M1 lower case", "post /api/v2/jobs/", nil, 403},
			{"M1 title case", "Post /api/v2/jobs/", nil, 403},
			{"M1 mixed case", "PoSt /api/v2/jobs/", nil, 403},
			{"M1 get in lower case", "get /api/v2/jobs/", nil, 403},
			{"M1 PROPFIND", "PROPFIND /api/v2/jobs/", nil, 403},
			{"M1 LINK", "LINK /api/v2/jobs/", nil, 403},
			{"M1 PURGE", "PURGE /api/v2/jobs/", nil, 403},
			{"M1 QUERY", "QUERY /api/v2/jobs/", nil, 403},
			{"M1 PRI", "PRI /api/v2/jobs/", nil, 403},
			{"M1 punctuation", "GET! /api/v2/jobs/", nil, 403},
			{"M1 two spaces", "GET  /api/v2/jobs/", nil, 400},
			{"M1 a tab", "GET\t/api/v2/jobs/", nil, 400},
			{"M1 no method", " /api/v2/jobs/", nil, 400},
			{"M1 beyond ASCII", "P\u00d6ST /api/v2/jobs/", nil, 400},
			{"M3 TRACE", "TRACE /api/v2/jobs/", nil, 405},
			{"M3 trace", "trace /api/v2/jobs/", nil, 405},
			{"M3 CONNECT to a path", "CONNECT /api/v2/jobs/", nil, 405},
			{"M3 CONNECT to a host", "CONNECT evil.example:443", nil, 405},
			{"M3 CoNnEcT", "CoNnEcT /api/v2/jobs/", nil, 405},
			{"M2 POST as GET", "POST /api/v2/jobs/", []string{"X-HTTP-Method-Override: GET"}, 403},
		} {
			t.Run(test.name, func(t *testing.T) {
				for _, credentials := range []string{authorization(r.read), authorization("bad")} {
					status := test.status
					if status == http.StatusForbidden && credentials != authorization(r.read) {
						status = http.StatusUnauthorized
					}
					got, seen := r.one(t, at, test.line+" HTTP/1.1", "", append(test.lines, credentials, "Content-Length: 0")...)
					if got.status != status || len(seen) != 0 {
						t.Errorf("status %d, the upstream saw %d requests", got.status, len(seen))
					}
				}
			})
		}
		t.Run("M2 override", func(t *testing.T) {
			for _, name := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "X-Original-Method", "X_HTTP_Method_Override", "X-Forwarded-Method"} {
				got, seen := r.get(t, at, "/api/v2/jobs/?_method=DELETE", authorization(r.read), name+": DELETE")
				if got.status != http.StatusOK || len(seen) != 1 || seen[0].Method != http.MethodGet || seen[0].names("DELETE") != nil {
					t.Errorf("%s: status %d, the upstream saw %+v", name, got.status, seen)
				}
			}
			body := "_method=GET"
			got, seen := r.one(t, at, "POST /api/v2/jobs/ HTTP/1.1", body, authorization(r.read),
				"Content-Type: application/x-www-form-urlencoded", fmt.Sprintf("Content-Length: %d", len(body)))
			if got.status != http.StatusForbidden || len(seen) != 0 {
				t.Errorf("status %d, the upstream saw %d requests", got.status, len(seen))
			}
		})
		t.Run("M3 without a token", func(t *testing.T) {
			for _, line := range []string{"TRACE /api/v2/jobs/", "CONNECT evil.example:443", "trace /", "TRACE /static/"} {
				got, seen := r.one(t, at, line+" HTTP/1.1", "")
				if got.status != http.StatusMethodNotAllowed || got.header.Get("Allow") == "" || len(seen) != 0 {
					t.Errorf("%s: status %d, the upstream saw %d requests", line, got.status, len(seen))
				}
			}
		})
	})
}

// HEAD and OPTIONS are asked the same questions as GET, and change nothing.
func TestAttackHeadAndOptions(t *testing.T) {
	r := newAttackRig(t, instead(t, "awxgate {\n\t\t\t\n\t\t}", "awxgate {\n\t\t\trequire\n\t\t}"))
	at := r.edges[0]
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		for _, path := range []string{"/api/v2/jobs/", "/api/v2/tokens/", "/api/v2/me/", "/api/v2/users/1/", "/api/v2/settings/authentication/"} {
			for credentials, want := range map[string]int{"X-Nothing: here": 401, authorization("bad"): 401, authorization(r.read): 200} {
				got, _ := r.one(t, at, method+" "+path+" HTTP/1.1", "", credentials)
				if got.status != want || method == http.MethodHead && got.body != "" {
					t.Errorf("M4 %s %s with %.20s: status %d, body %q", method, path, credentials, got.status, got.body)
				}
			}
		}
	}
	app := r.publicApplication(t)
	target := "/api/o/authorize/?response_type=code&client_id=" + app + "&redirect_uri=https://app.example/cb&state=12345678" +
		"&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&allow=Authorize"
	for _, method := range []string{"HEAD", "OPTIONS", "GET", "PUT", "head"} {
		for _, credentials := range []string{authorization(r.write), "Authorization: Basic " + basic("admin", adminPassword)} {
			got, seen := r.one(t, at, method+" "+target+" HTTP/1.1", "", credentials)
			if location := got.header.Get("Location"); strings.Contains(location, "code=") || strings.Contains(got.body, "?code=") || len(seen) != 0 {
				t.Errorf("M4 %s made a code: status %d, %s", method, got.status, location)
			}
		}
	}
}

func (r *attackRig) publicApplication(t *testing.T) (clientID string) {
	t.Helper()
	body := `{"name":"app","organization":1,"client_type":"public","authorization_grant_type":"authorization-code","redirect_uris":"https://app.example/cb"}`
	got, _ := r.one(t, r.edges[0], "POST /api/v2/applications/ HTTP/1.1", body, authorization(r.write),
		"Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
	var app struct {
		ClientID string `json:"client_id"`
	}
	if err := json.Unmarshal([]byte(got.body), &app); err != nil || app.ClientID == "" {
		t.Fatalf("status %d: %s, %v", got.status, got.body, err)
	}
	return app.ClientID
}

func basic(username, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(username, password)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}

// DAB issue 998: requests widened the scope of the token that they came with.
func TestAttackUseLeavesTokensAsTheyAre(t *testing.T) {
	const rounds = 250
	r := newAttackRig(t)
	service := r.service(nil)
	all := tokencore.Query{Limit: 100}
	before, _, err := service.Store().Tokens(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	_, events, err := service.Store().Activities(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for n := range rounds {
		method, token := []string{"GET", "POST", "DELETE", "OPTIONS"}[n%4], []string{r.read, r.write}[n/4%2]
		r.one(t, r.edges[n/8%2], method+" /api/v2/jobs/ HTTP/1.1", "", authorization(token), "Content-Length: 0")
	}
	after, _, err := service.Store().Tokens(t.Context(), all)
	if err != nil || len(before) != len(after) {
		t.Fatalf("%d tokens became %d: %v", len(before), len(after), err)
	}
	for i := range after {
		if before[i].Scope != after[i].Scope || !before[i].Expires.Equal(after[i].Expires) || before[i].Digest != after[i].Digest {
			t.Errorf("M5 %+v became %+v", before[i], after[i])
		}
	}
	if _, now, err := service.Store().Activities(t.Context(), all); err != nil || now != events {
		t.Errorf("M5 %d entries of activity became %d: %v", events, now, err)
	}
}

// A scope is read, write or both, and nothing that a client's library makes of it.
func TestAttackScopes(t *testing.T) {
	r := newAttackRig(t)
	for scope, want := range map[string]int{
		"read": 201, "write": 201, "read write": 201, "write read": 201, " read\t": 201,
		"": 400, " ": 400, "read read": 400, "READ": 400, "*": 400, "read.write": 400, "read,write": 400, "read.*": 400, "write.read": 400,
		"read\u00a0write x": 400, "admin": 400, "openid": 400, strings.Repeat("read ", 2000): 400,
	} {
		body, err := json.Marshal(map[string]string{"scope": scope})
		if err != nil {
			t.Fatal(err)
		}
		got, _ := r.one(t, r.edges[0], "POST /api/v2/tokens/ HTTP/1.1", string(body), authorization(r.write),
			"Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
		if got.status != want || want == http.StatusBadRequest && !strings.HasPrefix(got.body, `{"scope":["`) {
			t.Errorf("M7 %.20q: status %d, %s", scope, got.status, got.body)
		}
	}
}
