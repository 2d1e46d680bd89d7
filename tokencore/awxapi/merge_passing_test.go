package awxapi_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore/awxapi"
)

// Whatever cannot be completed reaches the client as AWX sent it.
func TestMerge_PassesWhatItCannotRead(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(`{"ping":"/api/v2/ping/"}`))
	_ = z.Close()
	huge := `{"ping":"` + strings.Repeat("x", 9<<20) + `"}`
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
	}{
		"401":          {401, http.Header{"Content-Type": {"application/json"}, "Www-Authenticate": {"Basic realm=api"}}, `{"detail":"no"}`},
		"403":          {403, http.Header{"Content-Type": {"application/json"}}, `{"detail":"no"}`},
		"500":          {500, http.Header{"Content-Type": {"text/html"}}, "Server Error (500)"},
		"503":          {503, http.Header{"Content-Type": {"application/json"}, "Retry-After": {"7"}}, `{}`},
		"redirect":     {301, http.Header{"Location": {"/api/v2/"}}, ""},
		"not modified": {304, http.Header{"Etag": {`"x"`}}, ""},
		"HTML":         {200, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, "<html>"},
		"gzip":         {200, http.Header{"Content-Type": {"application/json"}, "Content-Encoding": {"gzip"}}, zipped.String()},
		"huge":         {200, http.Header{"Content-Type": {"application/json"}}, huge},
		"a list":       {200, http.Header{"Content-Type": {"application/json"}, "Etag": {`"x"`}}, `["ping"]`},
		"two values":   {200, http.Header{"Content-Type": {"application/json"}}, `{} {}`},
		"cut off":      {200, http.Header{"Content-Type": {"application/json"}}, `{"ping":`},
		"empty":        {200, http.Header{"Content-Type": {"application/json"}}, ``},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withRemote)
			got := w.merged(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				maps.Copy(rw.Header(), test.header)
				rw.WriteHeader(http.StatusEarlyHints) // is not the answer
				rw.WriteHeader(test.status)
				for part := range slices.Chunk([]byte(test.body), 1<<20) {
					_, _ = rw.Write(part)
				}
				_ = http.NewResponseController(rw).Flush()
			}), asked(t, "admin", "GET", "/api/v2/", ""))
			if got.Code != test.status || got.Body.String() != test.body {
				t.Errorf("%d, %d bytes", got.Code, got.Body.Len())
			}
			if diff := cmp.Diff(test.header, got.Header()); diff != "" {
				t.Errorf("header (-AWX +got):\n%s", diff)
			}
		})
	}
}

func TestMerge_AsksForWhatItCanRead(t *testing.T) {
	r := asked(t, "alice", "HEAD", "/api/v2?format=json", "")
	for _, field := range []string{"If-None-Match", "If-Modified-Since", "Range", "If-Range", "Cookie", "Accept-Encoding"} {
		r.Header.Set(field, "x")
	}
	before := r.Header.Clone()
	var sent *http.Request
	newWorld(t, withRemote).merged(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sent = r.Clone(r.Context())
		clear(r.Header) // as a handler on the way that takes the credentials out
	}), r)
	want := http.Header{"Accept-Encoding": {"identity"}, "Cookie": {"x"}, "Authorization": before["Authorization"]}
	if diff := cmp.Diff(want, sent.Header); diff != "" || sent.Method != http.MethodGet || sent.URL.String() != "/api/v2/?format=json" {
		t.Errorf("%s %s\n%s", sent.Method, sent.URL, diff)
	}
	if diff := cmp.Diff(before, r.Header); diff != "" {
		t.Errorf("the client's own header:\n%s", diff)
	}
}

func TestMerge_ChangedDocumentHasNoETag(t *testing.T) {
	got := newWorld(t, withRemote).merged(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for field, value := range map[string]string{
			"Content-Type": "application/json", "Etag": `"x"`, "Last-Modified": "x", "Content-Digest": "x", "Set-Cookie": "csrftoken=x", "Content-Length": "2",
		} {
			w.Header().Set(field, value)
		}
		_, _ = w.Write([]byte("{}"))
	}), asked(t, "", "GET", "/api/", ""))
	want := http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"csrftoken=x"}, "Content-Length": {"20"}}
	if diff := cmp.Diff(want, got.Header()); diff != "" || got.Body.String() != `{"oauth2":"/api/o/"}` {
		t.Errorf("%s\n%s", got.Body, diff)
	}
}

func TestMerge_CompletesUsersAndOrganizationsWhereverTheyAreListed(t *testing.T) {
	w := newWorld(t, withRemote)
	const (
		user      = `{"id":6,"type":"user","related":{"access_list":"x"},"n":1.10}`
		userFull  = `{"id":6,"type":"user","related":{"access_list":"x","tokens":"/api/v2/users/6/tokens/","authorized_tokens":"/api/v2/users/6/authorized_tokens/","personal_tokens":"/api/v2/users/6/personal_tokens/"},"n":1.10}`
		org       = `{"related":{"new":1,"credentials":"x","old":2},"id":2,"type":"organization"}`
		orgFull   = `{"related":{"new":1,"credentials":"x","applications":"/api/v2/organizations/2/applications/","old":2},"id":2,"type":"organization"}`
		unrelated = `{"id":1,"type":"team","related":{"a":"b"}},{"type":"user","id":1},{"type":"user","id":"x","related":{}},7,null`
	)
	for path, body := range map[string][2]string{
		"/api/v2/users/6/":                        {user, userFull},
		"/api/v2/users/alice":                     {user, userFull},
		"/api/v2/organizations/orgA%20B/":         {org, orgFull},
		"/api/v2/teams/1/users/":                  {`{"count":1e2,"results":[` + user + "," + org + "," + unrelated + `]}`, `{"count":1e2,"results":[` + userFull + "," + orgFull + "," + unrelated + `]}`},
		"/api/v2/organizations/2/admins/":         {`{"results":[` + user + `]}`, `{"results":[` + userFull + `]}`},
		"/api/v2/job_templates/2/access_list/":    {`{"results":[` + user + `]}`, `{"results":[` + userFull + `]}`},
		"/api/v2/users/6/admin_of_organizations/": {`{"results":[` + org + `]}`, `{"results":[` + orgFull + `]}`},
		"/api/v2/projects/1/users/":               {`{"results": [ ` + unrelated + ` ] }`, `{"results": [ ` + unrelated + ` ] }`},
	} {
		if got := w.merged(t, answers(200, "application/json", body[0]), asked(t, "admin", "GET", path, "")).Body.String(); got != body[1] {
			t.Errorf("%s:\n got %s\nwant %s", path, got, body[1])
		}
	}
}

func TestMerges_CanonicalSpellingsOnly(t *testing.T) {
	w := newWorld(t, withRemote)
	for _, path := range []string{"//api/v2/", "/api//v2/", "/api/v2/./", "/api/%762/", "/API/v2/", "/api/v2/users//", "/api/v2/users/../users/", "/api/v2/users/%2e%2e/"} {
		if w.api.Merges(received(t, "GET", path)) {
			t.Errorf("%s is merged", path)
		}
	}
	for _, path := range []string{"/api/v2/jobs/", "/api/v2/ping/", "/api/v2/settings/ui/", "/api/login/", "/api/v2/users/1/teams/"} {
		if w.api.Merges(received(t, "GET", path)) {
			t.Errorf("%s is AWX's alone", path)
		}
	}
}

// Without an AWX that describes itself, what we serve is described.
func TestMerge_SchemaIsAWXsIfItHasOne(t *testing.T) {
	w := newWorld(t, withRemote)
	for status, want := range map[int]string{200: "AWX's", 404: `"openapi":"3.1.`, 401: `"openapi":"3.1.`} {
		got := w.merged(t, answers(status, "application/json", `{"title":"AWX's"}`), asked(t, "", "GET", "/api/v2/schema/", ""))
		if got.Code != 200 || !strings.Contains(got.Body.String(), want) {
			t.Errorf("%d: %d %.80s", status, got.Code, got.Body)
		}
	}
}

// What is put in is all that changes, whatever AWX's document looks like.
func FuzzMerge(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"oauth2":1}`, `{"a":1e400,"\u0061":[ 1 , 2.50 ],"description":"\ud800"}`, `{"available_versions":{},"x":null}`,
		`{"results":[{"type":"user","id":1,"related":{}}]}`, `{"a":1,"a":2} x`, `[1]`, "\xef\xbb\xbf{}",
	} {
		f.Add(seed)
	}
	w := newWorld(f, func(c *awxapi.Config) { c.Accounts = nil })
	f.Fuzz(func(t *testing.T, body string) {
		for path, ours := range map[string]string{"/api/": "oauth2", "/api/v2/me/": ""} {
			got := w.merged(t, answers(200, "application/json", body), asked(t, "", "GET", path, "")).Body.Bytes()
			var before, after map[string]json.RawMessage
			if json.Unmarshal([]byte(body), &before) != nil || before == nil {
				if string(got) != body {
					t.Fatalf("%q became %q", body, got)
				}
				continue
			}
			if err := json.Unmarshal(got, &after); err != nil {
				t.Fatalf("%q became %q: %v", body, got, err)
			}
			if utf8.ValidString(body) {
				delete(before, ours)
				delete(after, ours)
				delete(before, "results")
				delete(after, "results")
				delete(before, "related")
				delete(after, "related")
				if diff := cmp.Diff(before, after); diff != "" {
					t.Fatalf("%q became %q:\n%s", body, got, diff)
				}
			}
		}
	})
}
