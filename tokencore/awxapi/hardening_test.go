package awxapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// A filter, a search or an order on a stored secret is an oracle: AWX let an auditor find
// tokens by binary search (awx#1354). Whatever the path, nothing may answer 200.
func TestHardening_NoFilterReachesASecret(t *testing.T) {
	w := newWorld(t)
	w.token(t, admin, w.application(t, "A", orgA).ID, "write")
	lookups := []string{
		"", "__exact", "__iexact", "__contains", "__icontains", "__startswith", "__istartswith", "__endswith",
		"__gt", "__gte", "__lt", "__lte", "__in", "__isnull", "__regex", "__iregex", "__int", "__search",
	}
	fields := map[string][]string{
		"tokens": {
			"token", "token_hash", "digest", "hint", "grant", "refresh_token__token", "user__password", "user__profile__ldap_dn",
			"application__client_secret", "application__client_id", "application__user__password", "pk__token",
			"user__oauth2accesstoken__token", "user__main_oauth2accesstoken__token",
		},
		"applications": {
			"client_secret", "client_id", "secret_digest", "user__password", "oauth2accesstoken__token",
			"o_auth2_access_token__token", "organization__admin_role__members__password", "organization__name__client_secret",
		},
	}
	for resource, names := range fields {
		for _, name := range names {
			for _, prefix := range []string{"", "or__", "not__", "or__not__", "chain__", "chain__not__"} {
				for _, lookup := range lookups {
					path := "/api/v2/" + resource + "/?" + prefix + name + lookup + "=a"
					if got := w.call(t, "admin", "GET", path, ""); got.Code != http.StatusForbidden && got.Code != http.StatusBadRequest {
						t.Errorf("%s: got %d", path, got.Code)
					}
				}
			}
			if got := w.call(t, "admin", "GET", "/api/v2/"+resource+"/?order_by=-"+name, ""); got.Code < http.StatusBadRequest {
				t.Errorf("order_by=%s on %s: got %d", name, resource, got.Code)
			}
		}
	}
}

func TestHardening_SearchDoesNotSeeSecrets(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	issued := w.token(t, admin, app.ID, "write")
	for _, secret := range []string{issued.Access.Reveal(), issued.Access.Hint(), issued.Token.Digest.String(), issued.Token.GrantID, app.ClientID} {
		for _, path := range []string{"/api/v2/tokens/?search=", "/api/v2/applications/?search=", "/api/v2/tokens/?application__search="} {
			if got := w.list(t, "admin", path+secret); *got.Count != 0 {
				t.Errorf("%s found something", path)
			}
		}
	}
}

func TestHardening_QueriesAreBounded(t *testing.T) {
	w := newWorld(t)
	for name, query := range map[string]string{
		"many filters":      strings.Repeat("name=a&", 101),
		"many search words": "search=" + strings.Repeat("a,", 101),
		"many ids":          "id__in=" + strings.Repeat("1,", 1000) + "1",
		"many orders":       "order_by=" + strings.Repeat("id,", 101),
		"a deep path":       "name" + strings.Repeat("__name", 50) + "=a",
		"a NUL":             "name=a%00b",
		"a NUL to search":   "search=%00",
	} {
		if got := w.call(t, "admin", "GET", "/api/v2/applications/?"+query, ""); got.Code != http.StatusBadRequest {
			t.Errorf("%s: got %d %.200s", name, got.Code, got.Body)
		}
	}
}

// A4: a body sets what is documented and nothing else, in whatever case its keys are.
func TestHardening_BodySetsOnlyWritableFields(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	personal := w.token(t, alice, 0, "read")
	before := personal.Token
	got := w.call(t, "alice", "PATCH", "/api/v2/tokens/"+itoa(before.ID)+"/", `{
		"id": 99, "user": 1, "token": "x", "token_hash": "x", "refresh_token": "x", "expires": "2099-01-01T00:00:00Z",
		"created": "2001-01-01T00:00:00Z", "last_used": "2001-01-01T00:00:00Z", "application": `+itoa(app.ID)+`,
		"SCOPE": "write", "ſcope": "write", "Description": "d", "is_superuser": true}`)
	if got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	after, err := w.store.Token(t.Context(), before.ID)
	if err != nil {
		t.Fatal(err)
	}
	before.Modified = after.Modified
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestHardening_Bodies(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name, body string
		want       int
	}{
		{"larger than the limit", `{"description":"` + strings.Repeat("a", 1<<20) + `"}`, 413},
		{"deep nesting", strings.Repeat(`{"a":`, 10_000), 400},
		{"deep arrays", `{"a":` + strings.Repeat(`[`, 10_000), 400},
		{"a huge number", `{"application":1e999999}`, 400},
		{"a long number", `{"application":` + strings.Repeat("9", 10_000) + `}`, 400},
		{"many keys", "{" + strings.Repeat(`"a":1,`, 100_000) + `"b":1}`, 201},
		{"invalid UTF-8", "{\"description\":\"\xc3\x28\"}", 400},
		{"a byte order mark", "\ufeff{}", 400},
		{"NUL in text", `{"description":"a\u0000b"}`, 400},
		{"lone surrogate", `{"description":"a\udc00"}`, 400},
		{"only white space", "   ", 400},
		{"two values", `{}{}`, 400},
		{"an array", `[]`, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := w.call(t, "admin", "POST", "/api/v2/tokens/", tt.body)
			if got.Code != tt.want {
				t.Errorf("got %d %.200s", got.Code, got.Body)
			}
		})
	}
}

func TestHardening_BrokenBodyIsNoEmptyBody(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/api/v2/tokens/", iotest.ErrReader(errBroken))
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth("admin", password)
	if got := w.serve(r); got.Code != http.StatusBadRequest {
		t.Errorf("got %d", got.Code)
	}
}

// A syntax error is answered with a position, not with the text, which may hold a password.
func TestHardening_ErrorsRepeatNoBody(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{"{\"password\":\"hunter2\xff\"}", `{"password":"hunter2"`, `{"password":"hunter2",}`, `["hunter2"]`} {
		if got := w.call(t, "admin", "POST", "/api/v2/tokens/", body); strings.Contains(got.Body.String(), "hunter2") {
			t.Errorf("got %s", got.Body)
		}
	}
}

// An application that moves between the check and the change takes the right with it.
func TestHardening_MoveNeedsTheRightOnBothOrganizations(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	path := "/api/v2/applications/" + itoa(app.ID) + "/"
	for user, want := range map[string]int{"orgadmin": 403, "orgadminB": 403, "admin": 200} {
		if got := w.call(t, user, "PATCH", path, `{"organization": 3}`); got.Code != want {
			t.Errorf("%s: got %d", user, got.Code)
		}
		if _, _, err := w.svc.UpdateApplication(t.Context(), tokencore.Actor{}, app.ID, func(a *tokencore.Application) error {
			a.OrganizationID = orgA
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// AWX lets anybody change an imported application that has no organization.
func TestHardening_ApplicationWithoutOrganizationIsTheSuperusers(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", 0)
	path := "/api/v2/applications/" + itoa(app.ID) + "/"
	for user, want := range map[string]int{"admin": 200, "auditor": 200, "orgadmin": 403, "orgmember": 403, "alice": 403} {
		if got := w.call(t, user, "GET", path, ""); got.Code != want {
			t.Errorf("GET by %s: got %d", user, got.Code)
		}
	}
	for _, body := range []string{`{"organization": 2}`, `{"name": "x"}`} {
		if got := w.call(t, "orgadmin", "PATCH", path, body); got.Code != http.StatusForbidden {
			t.Errorf("PATCH %s by orgadmin: got %d", body, got.Code)
		}
	}
	if got := w.call(t, "admin", "PATCH", path, `{"name": "x"}`); got.Body.String() != `{"organization":["This field cannot be blank."]}` {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	body := w.call(t, "admin", "GET", "/api/v2/applications/A++/", "").Body.String()
	for _, want := range []string{`"named_url":"/api/v2/applications/A++/"`, `"organization":null`, `"summary_fields":{"user_capabilities"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}
