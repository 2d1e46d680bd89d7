package awxapi_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestChangeUser(t *testing.T) {
	for name, test := range map[string]struct {
		as, method, path, body string
		status                 int
		want                   string // part of the answer
	}{
		"a superuser may everything":          {"admin", "PATCH", "/api/v2/users/6/", `{"username":"al","is_superuser":true,"is_system_auditor":true}`, 200, `"username":"al"`},
		"by name":                             {"admin", "PATCH", "/api/v2/users/alice/", `{"first_name":"A"}`, 200, `"first_name":"A"`},
		"nothing to change":                   {"admin", "PATCH", "/api/v2/users/6/", `{}`, 200, `"username":"alice"`},
		"PUT needs the name":                  {"admin", "PUT", "/api/v2/users/6/", `{"email":"a@example.com"}`, 400, `{"username":["This field is required."]}`},
		"PUT with the name":                   {"admin", "PUT", "/api/v2/users/6/", `{"username":"alice","email":""}`, 200, `"email":""`},
		"the own name is not taken":           {"admin", "PATCH", "/api/v2/users/6/", `{"username":"alice"}`, 200, ``},
		"another's name is":                   {"admin", "PATCH", "/api/v2/users/6/", `{"username":"admin"}`, 400, `{"username":["A user with that username already exists."]}`},
		"nobody":                              {"admin", "PATCH", "/api/v2/users/999/", `{}`, 404, `{"detail":"No User matches the given query."}`},
		"oneself":                             {"alice", "PATCH", "/api/v2/users/6/", `{"email":"new@example.com","password":"new"}`, 200, `"email":"new@example.com"`},
		"oneself, the whole form again":       {"alice", "PUT", "/api/v2/users/6/", `{"username":"alice","is_superuser":false,"is_system_auditor":false}`, 200, ``},
		"oneself to superuser":                {"alice", "PATCH", "/api/v2/users/6/", `{"is_superuser":true}`, 403, `{"detail":"You do not have permission to perform this action."}`},
		"oneself to superuser, spelled":       {"alice", "PATCH", "/api/v2/users/6/", `{"is_superuser":"on"}`, 403, ``},
		"oneself to auditor":                  {"alice", "PATCH", "/api/v2/users/6/", `{"is_system_auditor":1}`, 403, `{"detail":"Cannot change is_system_auditor."}`},
		"oneself to another name":             {"alice", "PATCH", "/api/v2/users/6/", `{"username":"root"}`, 403, `{"detail":"Cannot change username."}`},
		"an auditor drops the flag":           {"auditor", "PATCH", "/api/v2/users/2/", `{"is_system_auditor":false}`, 403, `{"detail":"Cannot change is_system_auditor."}`},
		"an auditor, another":                 {"auditor", "PATCH", "/api/v2/users/6/", `{}`, 403, ``},
		"an admin's member":                   {"orgadmin", "PATCH", "/api/v2/users/4/", `{"username":"renamed","password":"x"}`, 200, `"username":"renamed"`},
		"an admin's member to superuser":      {"orgadmin", "PATCH", "/api/v2/users/4/", `{"is_superuser":true}`, 403, ``},
		"an admin's member to system auditor": {"orgadmin", "PATCH", "/api/v2/users/4/", `{"is_system_auditor":true}`, 403, ``},
		"an admin and another's member":       {"orgadminB", "PATCH", "/api/v2/users/4/", `{"password":"x"}`, 403, ``},
		"an admin and who only audits":        {"orgadmin", "PATCH", "/api/v2/users/5/", `{"password":"x"}`, 403, ``},
		"an admin and who is nowhere":         {"orgadmin", "PATCH", "/api/v2/users/6/", `{"password":"x"}`, 403, ``},
		"an admin and a superuser":            {"orgadmin", "PATCH", "/api/v2/users/1/", `{"password":"x"}`, 403, ``},
		"an admin and a system auditor":       {"orgadmin", "PATCH", "/api/v2/users/2/", `{"password":"x"}`, 403, ``},
		"a member and the admin":              {"orgmember", "PATCH", "/api/v2/users/3/", `{"password":"x"}`, 403, ``},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.call(t, test.as, test.method, test.path, test.body)
			if got.Code != test.status || !strings.Contains(got.Body.String(), test.want) {
				t.Errorf("got %d %s\nwant %d %s", got.Code, got.Body, test.status, test.want)
			}
		})
	}
}

// An admin of one organization must not get at a user of another by a detour: whoever
// may attach a user may afterwards set that user's password.
func TestChangeUser_OfTwoOrganizationsTakesTheAdminOfBoth(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "admin", "POST", "/api/v2/organizations/3/users/", `{"id":4}`); got.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	for _, by := range []string{"orgadmin", "orgadminB"} {
		if got := w.call(t, by, "PATCH", "/api/v2/users/4/", `{"password":"x"}`); got.Code != http.StatusForbidden {
			t.Errorf("%s: got %d %s", by, got.Code, got.Body)
		}
	}
	if got := w.call(t, "admin", "POST", "/api/v2/organizations/3/admins/", `{"id":3}`); got.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.call(t, "orgadmin", "PATCH", "/api/v2/users/4/", `{"password":"x"}`); got.Code != http.StatusOK {
		t.Errorf("admin of both: got %d %s", got.Code, got.Body)
	}
}

func TestChangeUser_PasswordIsHashedOrLeftAlone(t *testing.T) {
	w := newWorld(t)
	for _, step := range []struct{ body, want string }{
		{`{"password":"$encrypted$"}`, "x"},
		{`{"email":"x@example.com"}`, "x"},
		{`{"password":"new"}`, "hash"},
	} {
		if got := w.call(t, "alice", "PATCH", "/api/v2/users/6/", step.body); got.Code != http.StatusOK {
			t.Fatalf("%s: got %d %s", step.body, got.Code, got.Body)
		}
		if u, err := w.store.User(t.Context(), alice); err != nil || u.PasswordHash != step.want {
			t.Errorf("%s: stored %q, %v, want %q", step.body, u.PasswordHash, err, step.want)
		}
	}
}

func TestDeleteUser(t *testing.T) {
	const refused = `{"detail":"You do not have permission to perform this action."}`
	for name, test := range map[string]struct {
		as, path string
		status   int
		want     string
	}{
		"a superuser":                    {"admin", "/api/v2/users/alice/", 204, ""},
		"a superuser, oneself":           {"admin", "/api/v2/users/1/", 403, `{"detail":"Cannot delete user."}`},
		"nobody":                         {"admin", "/api/v2/users/99/", 404, `{"detail":"No User matches the given query."}`},
		"oneself":                        {"alice", "/api/v2/users/6/", 403, refused},
		"a system auditor":               {"auditor", "/api/v2/users/6/", 403, refused},
		"an admin and the member":        {"orgadmin", "/api/v2/users/4/", 204, ""},
		"an admin and another's member":  {"orgadminB", "/api/v2/users/4/", 403, refused},
		"an admin and a superuser":       {"orgadmin", "/api/v2/users/1/", 403, refused},
		"an admin and who is nowhere":    {"orgadmin", "/api/v2/users/6/", 403, refused},
		"a number that no database has":  {"admin", "/api/v2/users/99999999999999999999/", 404, `{"detail":"No User matches the given query."}`},
		"a name that stands for no user": {"admin", "/api/v2/users/nosuch/", 404, `{"detail":"No User matches the given query."}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.call(t, test.as, "DELETE", test.path, "")
			if got.Code != test.status || got.Body.String() != test.want {
				t.Errorf("got %d %s\nwant %d %s", got.Code, got.Body, test.status, test.want)
			}
		})
	}
}

func TestDeleteUser_EndsTheUsersTokens(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, alice, 0, "write")
	if got := w.callWith(t, token.Access, "GET", "/api/v2/me/", ""); got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.call(t, "admin", "DELETE", "/api/v2/users/6/", ""); got.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.callWith(t, token.Access, "GET", "/api/v2/me/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}
