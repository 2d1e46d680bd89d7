package awxapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

const notAllowed = `{"detail":"You do not have permission to perform this action."}`

func TestOrganizations(t *testing.T) {
	const taken = `{"name":["Organization with this Name already exists."]}`
	for name, test := range map[string]struct {
		as, method, path, body string
		status                 int
		want                   string // part of the answer
	}{
		"create":                        {"admin", "POST", "/api/v2/organizations/", `{"name":" new ","max_hosts":"5"}`, 201, `"name":"new","description":"","max_hosts":5,"custom_virtualenv":null,"default_environment":null}`},
		"create without a name":         {"admin", "POST", "/api/v2/organizations/", `{}`, 400, `{"name":["This field is required."]}`},
		"create with a blank name":      {"admin", "POST", "/api/v2/organizations/", `{"name":" "}`, 400, `{"name":["This field may not be blank."]}`},
		"create with no name":           {"admin", "POST", "/api/v2/organizations/", `{"name":null}`, 400, `{"name":["This field may not be null."]}`},
		"create with a taken name":      {"admin", "POST", "/api/v2/organizations/", `{"name":"orgA"}`, 400, taken},
		"create with a long name":       {"admin", "POST", "/api/v2/organizations/", `{"name":"` + strings.Repeat("x", 513) + `"}`, 400, `{"name":["Ensure this field has no more than 512 characters."]}`},
		"create with negative hosts":    {"admin", "POST", "/api/v2/organizations/", `{"name":"x","max_hosts":-1}`, 400, `{"max_hosts":["Ensure this value is greater than or equal to 0."]}`},
		"create with too many hosts":    {"admin", "POST", "/api/v2/organizations/", `{"name":"x","max_hosts":2147483648}`, 400, `{"max_hosts":["Ensure this value is less than or equal to 2147483647."]}`},
		"create with an environment":    {"admin", "POST", "/api/v2/organizations/", `{"name":"x","default_environment":7}`, 400, `{"default_environment":["Invalid pk \"7\" - object does not exist."]}`},
		"create as admin of another":    {"orgadmin", "POST", "/api/v2/organizations/", `{"name":"x"}`, 403, notAllowed},
		"create as system auditor":      {"auditor", "POST", "/api/v2/organizations/", `{}`, 403, notAllowed},
		"read as member":                {"orgmember", "GET", "/api/v2/organizations/2/", ``, 200, `"user_capabilities":{"edit":false,"delete":false},"related_field_counts":{"users":1,"admins":1,"inventories":0,"teams":0,"projects":0,"job_templates":0,"hosts":0}`},
		"read as auditor":               {"orgauditor", "GET", "/api/v2/organizations/2/", ``, 200, `"edit":false`},
		"read as admin":                 {"orgadmin", "GET", "/api/v2/organizations/orgA/", ``, 200, `"user_capabilities":{"edit":true,"delete":true}`},
		"read as somebody else":         {"alice", "GET", "/api/v2/organizations/2/", ``, 403, notAllowed},
		"read what is not there":        {"alice", "GET", "/api/v2/organizations/99/", ``, 404, `{"detail":"No Organization matches the given query."}`},
		"change as admin":               {"orgadmin", "PATCH", "/api/v2/organizations/2/", `{"description":"d"}`, 200, `"description":"d"`},
		"change hosts as admin":         {"orgadmin", "PATCH", "/api/v2/organizations/2/", `{"max_hosts":7}`, 400, `{"__all__":["Cannot change max_hosts."]}`},
		"send the same hosts as admin":  {"orgadmin", "PATCH", "/api/v2/organizations/2/", `{"max_hosts":0}`, 200, ``},
		"change as member":              {"orgmember", "PATCH", "/api/v2/organizations/2/", `{"description":"d"}`, 403, notAllowed},
		"change another's":              {"orgadminB", "PATCH", "/api/v2/organizations/2/", `{"description":"d"}`, 403, notAllowed},
		"rename to the same":            {"admin", "PATCH", "/api/v2/organizations/2/", `{"name":"orgA"}`, 200, ``},
		"rename to another's":           {"admin", "PATCH", "/api/v2/organizations/2/", `{"name":"orgB"}`, 400, taken},
		"PUT without a name":            {"admin", "PUT", "/api/v2/organizations/2/", `{}`, 400, `{"name":["This field is required."]}`},
		"PUT":                           {"admin", "PUT", "/api/v2/organizations/2/", `{"name":"renamed","description":null}`, 200, `"name":"renamed","description":""`},
		"delete as admin":               {"orgadmin", "DELETE", "/api/v2/organizations/2/", ``, 204, ``},
		"delete as member":              {"orgmember", "DELETE", "/api/v2/organizations/2/", ``, 403, notAllowed},
		"delete as system auditor":      {"auditor", "DELETE", "/api/v2/organizations/2/", ``, 403, notAllowed},
		"delete what is not there":      {"admin", "DELETE", "/api/v2/organizations/99/", ``, 404, ``},
		"list by name":                  {"admin", "GET", "/api/v2/organizations/?name=orgB", ``, 200, `{"count":1,`},
		"list by id or name":            {"admin", "GET", "/api/v2/organizations/?or__id=1&or__name=1", ``, 200, `{"count":1,`},
		"list where somebody belongs":   {"admin", "GET", "/api/v2/users/4/organizations/", ``, 200, `{"count":1,`},
		"an admin belongs nowhere":      {"admin", "GET", "/api/v2/users/3/organizations/", ``, 200, `{"count":0,`},
		"list where somebody is admin":  {"admin", "GET", "/api/v2/users/orgadmin/admin_of_organizations/", ``, 200, `{"count":1,`},
		"list of whom one may not see":  {"alice", "GET", "/api/v2/users/4/organizations/", ``, 403, notAllowed},
		"list is ordered by name":       {"admin", "GET", "/api/v2/organizations/?page_size=1&page=2", ``, 200, `"name":"orgA"`},
		"no POST to somebody's list":    {"admin", "POST", "/api/v2/users/4/organizations/", `{}`, 405, ``},
		"no such column":                {"admin", "GET", "/api/v2/organizations/?nosuch=1", ``, 400, `{"detail":"Organization has no field named 'nosuch'"}`},
		"the creator is told":           {"admin", "GET", "/api/v2/organizations/2/", ``, 200, `"created_by":{"id":1,"username":"admin","first_name":"","last_name":""}`},
		"the escaped name finds it too": {"admin", "GET", "/api/v2/organizations/org%41/", ``, 200, `"name":"orgA"`},
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

func TestOrganizations_RoleIDsAreStableAndDistinct(t *testing.T) {
	w := newWorld(t)
	seen := map[any]string{}
	for _, path := range []string{"/api/v2/organizations/1/", "/api/v2/organizations/2/", "/api/v2/organizations/3/"} {
		body := w.call(t, "admin", "GET", path, "").Body
		again := w.call(t, "admin", "GET", path, "").Body
		if diff := cmp.Diff(member(t, body.Bytes(), "summary_fields", "object_roles"), member(t, again.Bytes(), "summary_fields", "object_roles")); diff != "" {
			t.Error(diff)
		}
		roles, _ := member(t, body.Bytes(), "summary_fields", "object_roles").(map[string]any)
		for key := range roles {
			id := member(t, body.Bytes(), "summary_fields", "object_roles", key, "id")
			if other, taken := seen[id]; taken {
				t.Errorf("%s %s and %s are both %v", path, key, other, id)
			}
			seen[id] = path + key
		}
	}
	if len(seen) != 3*13 {
		t.Errorf("%d roles, want 13 of each organization", len(seen))
	}
}

func TestDeleteOrganization_EndsTheTokensOfItsApplications(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app", orgA)
	token, personal := w.token(t, alice, app.ID, "read"), w.token(t, alice, 0, "read")
	if got := w.call(t, "orgadmin", "DELETE", "/api/v2/organizations/2/", ""); got.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.callWith(t, token.Access, "GET", "/api/v2/me/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("application token: got %d", got.Code)
	}
	if got := w.callWith(t, personal.Access, "GET", "/api/v2/me/", ""); got.Code != http.StatusOK {
		t.Errorf("personal token: got %d", got.Code)
	}
}

func TestHolders(t *testing.T) {
	const users = "/api/v2/organizations/2/users/"
	for name, test := range map[string]struct {
		as, path, body string
		status         int
		want           string // part of the answer
	}{
		"attach":                              {"admin", users, `{"id":6}`, 204, ``},
		"attach twice":                        {"admin", users, `{"id":4}`, 204, ``},
		"attach nobody":                       {"admin", users, `{"id":99}`, 400, `{"detail":"User matching query does not exist."}`},
		"attach too large an id":              {"admin", users, `{"id":99999999999999999999}`, 400, `{"detail":"User matching query does not exist."}`},
		"attach a text":                       {"admin", users, `{"id":"6"}`, 400, `{"msg":"\"id\" field must be an integer."}`},
		"attach a fraction":                   {"admin", users, `{"id":6.5}`, 400, `{"msg":"\"id\" field must be an integer."}`},
		"attach true":                         {"admin", users, `{"id":true}`, 400, `{"msg":"\"id\" field must be an integer."}`},
		"attach to nothing":                   {"admin", "/api/v2/organizations/99/users/", `{"id":6}`, 404, `{"detail":"No Organization matches the given query."}`},
		"detach":                              {"admin", users, `{"id":4,"disassociate":true}`, 204, ``},
		"detach whoever is not there":         {"admin", users, `{"id":6,"disassociate":true}`, 204, ``},
		"detach nobody in particular":         {"admin", users, `{"disassociate":true}`, 400, `{"msg":"\"id\" is required to disassociate"}`},
		"create":                              {"admin", users, `{"username":"new","password":"x"}`, 201, `"username":"new"`},
		"create without a name":               {"admin", users, `{}`, 400, `{"username":["This field is required."],"password":["Password required for new User."]}`},
		"an admin creates":                    {"orgadmin", users, `{"username":"new","password":"x"}`, 201, `"user_capabilities":{"edit":true,"delete":true}`},
		"an admin creates an admin":           {"orgadmin", "/api/v2/organizations/2/admins/", `{"username":"new","password":"x"}`, 201, ``},
		"an admin creates a superuser":        {"orgadmin", users, `{"username":"new","password":"x","is_superuser":true}`, 403, notAllowed},
		"an admin creates a system auditor":   {"orgadmin", users, `{"username":"new","password":"x","is_system_auditor":true}`, 403, notAllowed},
		"an admin attaches who is nowhere":    {"orgadmin", users, `{"id":6}`, 204, ``},
		"an admin attaches another's admin":   {"orgadmin", users, `{"id":8}`, 403, notAllowed},
		"an admin attaches a superuser":       {"orgadmin", users, `{"id":1}`, 403, notAllowed},
		"an admin attaches a system auditor":  {"orgadmin", "/api/v2/organizations/2/admins/", `{"id":2}`, 403, notAllowed},
		"an admin makes the auditor a member": {"orgadmin", users, `{"id":5}`, 204, ``},
		"an admin lets another's admin audit": {"orgadmin", "/api/v2/organizations/2/auditors/", `{"id":8}`, 204, ``},
		"an admin of another organization":    {"orgadminB", users, `{"id":6}`, 403, notAllowed},
		"an admin's foreign creation":         {"orgadmin", "/api/v2/organizations/3/users/", `{"username":"new","password":"x"}`, 403, notAllowed},
		"a member":                            {"orgmember", users, `{"id":6}`, 403, notAllowed},
		"a member creates":                    {"orgmember", users, `{}`, 403, notAllowed},
		"a member becomes admin":              {"orgmember", "/api/v2/organizations/2/admins/", `{"id":4}`, 403, notAllowed},
		"a system auditor":                    {"auditor", users, `{"id":6}`, 403, notAllowed},
		"somebody":                            {"alice", users, `{"id":6}`, 403, notAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.call(t, test.as, "POST", test.path, test.body)
			if got.Code != test.status || !strings.Contains(got.Body.String(), test.want) {
				t.Errorf("got %d %s\nwant %d %s", got.Code, got.Body, test.status, test.want)
			}
			if _, count, err := w.store.Users(t.Context(), tokencore.Query{}); err != nil || (count > len(userNames)) != (test.status == 201) {
				t.Errorf("%d users, %v", count, err)
			}
		})
	}
}

func TestHolders_AttachAndDetachShowInTheLists(t *testing.T) {
	w := newWorld(t)
	for _, step := range []struct {
		path, body string
		want       []string
	}{
		{"/api/v2/organizations/2/users/", `{"id":6}`, []string{"alice", "orgmember"}},
		{"/api/v2/organizations/2/users/", `{"id":4,"disassociate":false}`, []string{"alice"}},
		{"/api/v2/organizations/orgA/admins/", `{"id":6}`, []string{"alice", "orgadmin"}},
		{"/api/v2/organizations/2/auditors/", `{"id":6}`, []string{"alice", "orgauditor"}},
		{"/api/v2/organizations/2/users/", `{"username":"new","password":"x"}`, []string{"alice", "new"}},
	} {
		if got := w.call(t, "admin", "POST", step.path, step.body); got.Code >= http.StatusBadRequest {
			t.Fatalf("%s %s: got %d %s", step.path, step.body, got.Code, got.Body)
		}
		if diff := cmp.Diff(step.want, usernames(t, w.call(t, "admin", "GET", step.path, "").Body.Bytes())); diff != "" {
			t.Errorf("%s after %s\n%s", step.path, step.body, diff)
		}
	}
}

func TestHolders_OrganizationsMayBeKeptFromManagingAccounts(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "admin", "PATCH", "/api/v2/settings/system/", `{"MANAGE_ORGANIZATION_AUTH":false}`); got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	for name, request := range map[string][3]string{
		"attach":         {"POST", "/api/v2/organizations/2/users/", `{"id":6}`},
		"attach auditor": {"POST", "/api/v2/organizations/2/auditors/", `{"id":6}`},
		"create":         {"POST", "/api/v2/organizations/2/users/", `{"username":"new","password":"x"}`},
		"edit":           {"PATCH", "/api/v2/users/4/", `{"email":"x@example.com"}`},
		"edit oneself":   {"PATCH", "/api/v2/users/3/", `{"email":"x@example.com"}`},
		"delete":         {"DELETE", "/api/v2/users/4/", ``},
	} {
		if got := w.call(t, "orgadmin", request[0], request[1], request[2]); got.Code != http.StatusForbidden {
			t.Errorf("%s: got %d %s", name, got.Code, got.Body)
		}
		if got := w.call(t, "admin", "GET", "/api/v2/users/4/", ""); got.Code != http.StatusOK {
			t.Fatalf("%s: the member is gone", name)
		}
	}
}
