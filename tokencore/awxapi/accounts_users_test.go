package awxapi_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
)

// member reads one value of a JSON answer; more keys go deeper.
func member(t *testing.T, body []byte, keys ...string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	for _, key := range keys {
		if list, isList := value.([]any); isList {
			at, err := strconv.Atoi(key)
			if err != nil || at >= len(list) {
				t.Fatalf("no %q in %s", key, body)
			}
			value = list[at]
			continue
		}
		object, isObject := value.(map[string]any)
		if !isObject {
			t.Fatalf("no %q in %s", key, body)
		}
		value = object[key]
	}
	return value
}

// usernames reads a list of users.
func usernames(t *testing.T, body []byte) []string {
	t.Helper()
	names := []string{}
	results, _ := member(t, body, "results").([]any)
	for i := range results {
		name, _ := member(t, body, "results", strconv.Itoa(i), "username").(string)
		names = append(names, name)
	}
	return names
}

func TestCreateUser_Validation(t *testing.T) {
	const (
		required  = `["This field is required."]`
		blank     = `["This field may not be blank."]`
		null      = `["This field may not be null."]`
		needed    = `["Password required for new User."]`
		character = `["Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters."]`
		long      = `["Ensure this field has no more than 150 characters."]`
	)
	w := newWorld(t)
	for name, test := range map[string]struct{ body, want string }{
		"nothing":                  {`{}`, `{"username":` + required + `,"password":` + needed + `}`},
		"no password":              {`{"username":"x"}`, `{"password":` + needed + `}`},
		"blank username":           {`{"username":"","password":"x"}`, `{"username":` + blank + `}`},
		"null username":            {`{"username":null,"password":"x"}`, `{"username":` + null + `}`},
		"blank password":           {`{"username":"x","password":""}`, `{"password":` + blank + `}`},
		"white password":           {`{"username":"x","password":"  "}`, `{"password":` + blank + `}`},
		"null password":            {`{"username":"x","password":null}`, `{"password":` + null + `}`},
		"a list is no password":    {`{"username":"x","password":["y"]}`, `{"password":["Not a valid string."]}`},
		"taken":                    {`{"username":"alice","password":"x"}`, `{"username":["A user with that username already exists."]}`},
		"taken but for a blank":    {`{"username":" alice ","password":"x"}`, `{"username":["A user with that username already exists."]}`},
		"space within":             {`{"username":"a b","password":"x"}`, `{"username":` + character + `}`},
		"slash":                    {`{"username":"a/b","password":"x"}`, `{"username":` + character + `}`},
		"line feed at the end":     {`{"username":"a\nb","password":"x"}`, `{"username":` + character + `}`},
		"too long":                 {`{"username":"` + strings.Repeat("a", 151) + `","password":"x"}`, `{"username":` + long + `}`},
		"no email":                 {`{"username":"x","password":"x","email":"nope"}`, `{"email":["Enter a valid email address."]}`},
		"email without a dot":      {`{"username":"x","password":"x","email":"a@b"}`, `{"email":["Enter a valid email address."]}`},
		"no boolean":               {`{"username":"x","password":"x","is_superuser":"perhaps"}`, `{"is_superuser":["Must be a valid boolean."]}`},
		"errors in AWX's order":    {`{"is_system_auditor":[],"email":"x","first_name":{"a":1}}`, `{"username":` + required + `,"first_name":["Not a valid string."],"email":["Enter a valid email address."],"is_system_auditor":["Must be a valid boolean."],"password":` + needed + `}`},
		"null":                     {`null`, `{"__all__":["This field may not be null."]}`},
		"NUL in the password":      {`{"username":"x","password":"a\u0000b"}`, `{"password":["Null characters are not allowed."]}`},
		"half a pair in the name":  {`{"username":"x","password":"x","last_name":"\ud800"}`, `{"last_name":["Surrogate characters are not allowed: U+D800."]}`},
		"digits that nobody typed": {`{"username":{"$ne":null},"password":"x"}`, `{"username":["Not a valid string."]}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.call(t, "admin", "POST", "/api/v2/users/", test.body)
			if got.Code != http.StatusBadRequest || got.Body.String() != test.want {
				t.Errorf("got %d %s\nwant 400 %s", got.Code, got.Body, test.want)
			}
		})
	}
	if _, count, err := w.store.Users(t.Context(), tokencore.Query{}); err != nil || count != len(userNames) {
		t.Errorf("%d users, %v", count, err)
	}
}

func TestCreateUser_StoresAHashAndShowsNoPassword(t *testing.T) {
	w := newWorld(t)
	got := w.call(t, "admin", "POST", "/api/v2/users/", `{"username":"b@b.c+d","password":"open sesame","email":"b@example.com","is_system_auditor":"yes"}`)
	if got.Code != http.StatusCreated || got.Header().Get("Location") != "/api/v2/users/9/" {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if strings.Contains(got.Body.String(), "sesame") || member(t, got.Body.Bytes(), "password") != "$encrypted$" {
		t.Errorf("got %s", got.Body)
	}
	if url := member(t, got.Body.Bytes(), "related", "named_url"); url != "/api/v2/users/b%40b.c[+]d/" {
		t.Errorf("named_url is %v", url)
	}
	u, err := w.store.UserByName(t.Context(), "b@b.c+d")
	if err != nil || u.PasswordHash != "hash" || !u.IsActive || !u.IsSystemAuditor || u.IsSuperuser {
		t.Errorf("stored %+v, %v", u, err)
	}
}

func TestCreateUser_WithTheStandInHasNoPassword(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "admin", "POST", "/api/v2/users/", `{"username":"bob","password":"$encrypted$"}`); got.Code != http.StatusCreated {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if u, err := w.store.UserByName(t.Context(), "bob"); err != nil || u.PasswordHash != "" {
		t.Errorf("stored %q, %v", u.PasswordHash, err)
	}
}

func TestCreateUser_IsForSuperusers(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		user, body string
		want       int
	}{
		"superuser":                        {"admin", `{"username":"x1","password":"x"}`, 201},
		"system auditor":                   {"auditor", `{"username":"x2","password":"x"}`, 403},
		"admin of an organization":         {"orgadmin", `{"username":"x3","password":"x"}`, 403},
		"admin, to learn about the fields": {"orgadmin", `{}`, 400},
		"member":                           {"orgmember", `{}`, 403},
		"nobody in particular":             {"alice", `{}`, 403},
		"nobody":                           {"", `{}`, 401},
	} {
		t.Run(name, func(t *testing.T) {
			if got := w.call(t, test.user, "POST", "/api/v2/users/", test.body); got.Code != test.want {
				t.Errorf("got %d %s, want %d", got.Code, got.Body, test.want)
			}
		})
	}
}

func TestPasswordRules(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "admin", "PATCH", "/api/v2/settings/authentication/",
		`{"LOCAL_PASSWORD_MIN_LENGTH":6,"LOCAL_PASSWORD_MIN_DIGITS":2,"LOCAL_PASSWORD_MIN_UPPER":1,"LOCAL_PASSWORD_MIN_SPECIAL":1}`); got.Code != 200 {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	for name, test := range map[string]struct{ password, want string }{
		"too short":           {"aA1!", "Password must be at least 6 characters long."},
		"too few digits":      {"abcDEF1!", "Password must contain at least 2 digits."},
		"no upper case":       {"abcdef12!", "Password must contain at least 1 uppercase characters."},
		"nothing special":     {"abcDEF12", "Password must contain at least 1 special characters."},
		"letters, not bytes":  {"ÄÖ1!2", "Password must be at least 6 characters long."},
		"as the rules demand": {"abcDEF12!", ""},
		"the stand-in passes": {"$encrypted$", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.call(t, "admin", "PATCH", "/api/v2/users/alice/", `{"password":"`+test.password+`"}`)
			if test.want == "" {
				if got.Code != http.StatusOK {
					t.Errorf("got %d %s", got.Code, got.Body)
				}
				return
			}
			if got.Code != http.StatusBadRequest || member(t, got.Body.Bytes(), "password", "0") != test.want {
				t.Errorf("got %d %s", got.Code, got.Body)
			}
		})
	}
}

func TestListUsers(t *testing.T) {
	for name, test := range map[string]struct {
		as, query string
		want      []string
	}{
		"by name":                   {"admin", "", []string{"admin", "alice", "auditor", "inactive", "orgadmin", "orgadminB", "orgauditor", "orgmember"}},
		"one by exact name":         {"admin", "?username=alice", []string{"alice"}},
		"one by id":                 {"admin", "?id=6", []string{"alice"}},
		"id or name":                {"admin", "?or__id=3&or__username=alice", []string{"alice", "orgadmin"}},
		"superusers":                {"admin", "?is_superuser=true", []string{"admin"}},
		"search":                    {"admin", "?search=orgadmin", []string{"orgadmin", "orgadminB"}},
		"the other way round":       {"admin", "?order_by=-username&page_size=2", []string{"orgmember", "orgauditor"}},
		"second page":               {"admin", "?page=2&page_size=3", []string{"inactive", "orgadmin", "orgadminB"}},
		"a member, and who is with": {"orgmember", "", []string{"admin", "orgmember"}},
		"somebody without company":  {"alice", "", []string{"admin", "alice"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.call(t, test.as, "GET", "/api/v2/users/"+test.query, "")
			if got.Code != http.StatusOK {
				t.Fatalf("got %d %s", got.Code, got.Body)
			}
			if diff := cmp.Diff(test.want, usernames(t, got.Body.Bytes())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// AWX's switch is about who lists and reads; it gives no right to change anybody.
func TestListUsers_OrganizationsMayBeKeptToTheirMembers(t *testing.T) {
	w := newWorld(t)
	everybody := usernames(t, w.call(t, "admin", "GET", "/api/v2/users/", "").Body.Bytes())
	own := map[string][]string{
		"orgadmin":   {"admin", "orgadmin", "orgmember"},
		"orgauditor": {"admin", "orgauditor", "orgmember"},
		"orgadminB":  {"admin", "orgadminB"},
		"auditor":    everybody,
		"admin":      everybody,
	}
	for who, want := range own {
		if diff := cmp.Diff(everybody, usernames(t, w.call(t, who, "GET", "/api/v2/users/", "").Body.Bytes())); diff != "" {
			t.Errorf("%s, by default\n%s", who, diff)
		}
		w.call(t, "admin", "PATCH", systemSettings, `{"ORG_ADMINS_CAN_SEE_ALL_USERS":false}`)
		if diff := cmp.Diff(want, usernames(t, w.call(t, who, "GET", "/api/v2/users/", "").Body.Bytes())); diff != "" {
			t.Errorf("%s, kept to the members\n%s", who, diff)
		}
		alice := http.StatusForbidden
		if len(want) == len(everybody) {
			alice = http.StatusOK
		}
		for _, path := range []string{"/api/v2/users/6/", "/api/v2/users/6/tokens/", "/api/v2/users/6/activity_stream/"} {
			if got := w.call(t, who, "GET", path, ""); got.Code != alice {
				t.Errorf("%s %s: got %d, want %d", who, path, got.Code, alice)
			}
		}
		w.call(t, "admin", "DELETE", systemSettings, "")
	}
}

func TestListUsers_SecretsCannotBeAskedFor(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]int{
		"?password=x": 403, "?password__startswith=pbkdf2": 403, "?order_by=password": 403,
		"?nosuch=1": 400, "?organization=1": 400,
	} {
		if got := w.call(t, "admin", "GET", "/api/v2/users/"+query, ""); got.Code != want {
			t.Errorf("%s: got %d %s, want %d", query, got.Code, got.Body, want)
		}
	}
}

func TestUsers_AReadTokenHasNoCapabilities(t *testing.T) {
	w := newWorld(t)
	for scope, want := range map[string]bool{"read": false, "write": true} {
		token := w.token(t, admin, 0, scope)
		got := w.callWith(t, token.Access, "GET", "/api/v2/users/6/", "")
		if edit := member(t, got.Body.Bytes(), "summary_fields", "user_capabilities", "edit"); edit != want {
			t.Errorf("%s: edit is %v", scope, edit)
		}
	}
}

func TestUsers_WithARemoteDirectoryOnlyTheirTokensAreServed(t *testing.T) {
	w := newWorld(t, func(c *awxapi.Config) { c.Accounts = nil })
	for path, want := range map[string]int{
		"/api/v2/users/6/tokens/": 200, "/api/v2/users/6/applications/": 200, "/api/v2/me/": 404,
		"/api/v2/users/": 404, "/api/v2/users/6/": 404, "/api/v2/organizations/": 404, "/api/v2/organizations/2/users/": 404,
	} {
		if got := w.call(t, "admin", "GET", path, ""); got.Code != want {
			t.Errorf("%s: got %d, want %d", path, got.Code, want)
		}
	}
}
