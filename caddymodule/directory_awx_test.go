package caddymodule

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDirectoryAWX_TokensOfEveryKindActAsTheirUser(t *testing.T) {
	r := newDirectoryRig(t)
	application, clientID := r.application("orgadmin", `{"name":"ci","organization":2,"client_type":"public","authorization_grant_type":"password"}`)
	for _, name := range []string{"admin", "member"} {
		status, granted := r.grant(url.Values{
			"grant_type": {"password"}, "username": {name}, "password": {adminPassword}, "scope": {"write"}, "client_id": {clientID},
		})
		if status != http.StatusOK {
			t.Fatalf("%s: password grant: %d %v", name, status, granted)
		}
		for kind, token := range map[string]string{
			"personal":       r.personalToken(name),
			"application":    r.tokenBy(basicHeader(name, adminPassword), "/api/v2/tokens/", fmt.Sprintf(`{"scope":"write","application":%d}`, application)),
			"password grant": granted["access_token"].(string),
		} {
			if got, want := r.whoIs(token), "200 "+name; got != want {
				t.Errorf("%s of %s: got %q", kind, name, got)
			}
			before, _ := r.awx.User(name)
			if before.Email != name+"@example.org" || before.FirstName != "First" || before.FromJWT || before.IsSuperuser != (name == "admin") {
				t.Errorf("AWX's record was changed: %+v", before)
			}
		}
	}
}

func TestDirectoryAWX_AWXDecidesAboutPasswords(t *testing.T) {
	r := newDirectoryRig(t)
	_, clientID := r.application("admin", `{"name":"ci","organization":1,"client_type":"public","authorization_grant_type":"password"}`)
	form := func(name, password string) url.Values {
		return url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}, "client_id": {clientID}}
	}
	disable := func(disabled bool) {
		if u, _ := r.awx.User("alice"); u.Disabled != disabled {
			r.changeUser("alice", func(u *awxUser) { u.Disabled = disabled })
		}
	}
	for _, test := range []struct {
		what, name, password string
		disabled, down       bool
		grant                string
		basic                int
	}{
		{"good", "alice", adminPassword, false, false, "200 <nil>", 201},
		{"wrong", "alice", "wrong", false, false, "400 invalid_grant", 401},
		{"of nobody", "nobody", adminPassword, false, false, "400 invalid_grant", 401},
		{"of a disabled user", "alice", adminPassword, true, false, "400 invalid_grant", 401},
		{"while AWX is down", "alice", adminPassword, false, true, "503 temporarily_unavailable", 503},
	} {
		disable(test.disabled)
		r.awx.SetDown(test.down)
		status, answer := r.grant(form(test.name, test.password))
		if got := fmt.Sprint(status, " ", answer["error"]); got != test.grant {
			t.Errorf("%s: the password grant says %s", test.what, got)
		}
		if got, body := r.call(http.MethodPost, "/api/v2/tokens/", basicHeader(test.name, test.password), `{"scope":"read"}`); got != test.basic {
			t.Errorf("%s: Basic gets %d %s", test.what, got, body)
		}
		r.awx.SetDown(false)
	}
}

func TestDirectoryAWX_TheLookUpAccountIsNobodyElses(t *testing.T) {
	r := newDirectoryRig(t)
	r.personalToken("alice")
	var own []string
	for _, request := range r.awx.Take() {
		if strings.HasPrefix(request.Username, "awxgate-") && request.Method != http.MethodGet {
			t.Errorf("it sent %s %s", request.Method, request.Path)
		}
		if strings.HasPrefix(request.Username, "awxgate-") && (len(own) == 0 || own[0] != request.Username) {
			own = append(own, request.Username)
		}
	}
	if len(own) != 1 {
		t.Fatalf("AWX was asked by %q", own)
	}
	account, _ := r.awx.User(own[0])
	if !account.FromJWT || !account.IsSuperuser || account.Password != "" {
		t.Errorf("got %+v", account)
	}
	// Another start, even without the old key, is the same account.
	r.start("ttl 6s")
	r.personalToken("alice")
	for _, request := range r.awx.Take() {
		if strings.HasPrefix(request.Username, "awxgate-") && request.Username != own[0] {
			t.Errorf("AWX was asked by %q, too", request.Username)
		}
	}
}

func TestDirectoryAWX_LooksUpWithAPasswordIfToldTo(t *testing.T) {
	r := newDirectoryRig(t, fmt.Sprintf("lookup_basic auditor %q", adminPassword))
	token := r.personalToken("alice")
	if got := r.whoIs(token); got != "200 alice" {
		t.Errorf("got %q", got)
	}
	for _, request := range r.awx.Take() {
		if strings.HasPrefix(request.Username, "awxgate-") {
			t.Errorf("AWX was asked by %q", request.Username)
		}
	}
}

func TestDirectoryAWX_RightsAreThoseOfAWX(t *testing.T) {
	r := newDirectoryRig(t)
	application, _ := r.application("admin", `{"name":"of A","organization":2,"client_type":"public","authorization_grant_type":"password"}`)
	r.application("admin", `{"name":"of Default","organization":1,"client_type":"public","authorization_grant_type":"password"}`)
	for _, name := range []string{"admin", "member"} {
		r.tokenBy(basicHeader(name, adminPassword), fmt.Sprintf("/api/v2/applications/%d/tokens/", application), `{}`)
		r.personalToken(name)
	}
	got := make(map[string]string)
	for _, name := range []string{"admin", "auditor", "orgadmin", "member", "alice"} {
		var line []string
		for _, path := range []string{
			"/api/v2/applications/", "/api/v2/tokens/", "/api/v2/organizations/2/applications/", "/api/v2/users/4/tokens/",
			"/api/v2/users/member/personal_tokens/", "/api/v2/applications/of%20A++org%20A/", "/api/v2/organizations/org%20A/applications/",
		} {
			status, body := r.call(http.MethodGet, path, basicHeader(name, adminPassword), "")
			line = append(line, fmt.Sprint(status, countOf(body)))
		}
		status, _ := r.call(http.MethodPost, "/api/v2/organizations/2/applications/", basicHeader(name, adminPassword),
			fmt.Sprintf(`{"name":%q,"client_type":"public","authorization_grant_type":"password"}`, "by "+name))
		got[name] = strings.Join(append(line, strconv.Itoa(status)), " ")
	}
	want := map[string]string{
		"admin":    "200/2 200/4 200/1 200/2 200/1 200 200/1 201",
		"auditor":  "200/3 200/4 200/2 200/2 200/0 200 200/2 403",
		"orgadmin": "200/2 200/2 200/2 200/1 200/0 200 200/2 201",
		"member":   "200/3 200/2 200/3 200/2 200/1 200 200/3 403",
		"alice":    "200/0 200/0 403 403 403 403 403 403",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, body := r.call(http.MethodGet, fmt.Sprintf("/api/v2/applications/%d/", application), basicHeader("member", adminPassword), "")
	if !strings.Contains(body, `"organization":{"id":2,"name":"org A"`) || !strings.Contains(body, "/api/v2/applications/of A++org A/") {
		t.Errorf("got %s", body)
	}
	_, body = r.call(http.MethodGet, "/api/v2/tokens/", basicHeader("member", adminPassword), "")
	if !strings.Contains(body, `"user":{"id":4,"username":"member","first_name":"First","last_name":"Last"}`) {
		t.Errorf("got %s", body)
	}
}

// The store does not know names, so it would find nothing, and say so.
func TestDirectoryAWX_FiltersOnAccountsAreRefused(t *testing.T) {
	r := newDirectoryRig(t)
	r.personalToken("alice")
	for path, want := range map[string]string{
		"/api/v2/tokens/?user=5": "200/1", "/api/v2/tokens/?user__id=5": "200/1", "/api/v2/tokens/?user__in=4,5": "200/1",
		"/api/v2/tokens/?user__username=alice": "400", "/api/v2/tokens/?or__user__username__icontains=a": "400",
		"/api/v2/tokens/?user__search=alice": "400", "/api/v2/tokens/?application__organization__name=org%20A": "400",
		"/api/v2/applications/?organization__name=org%20A": "400", "/api/v2/applications/?organization=2": "200/0",
		"/api/v2/applications/?organization__admin_role__members=3": "400",
		"/api/v2/applications/?order_by=organization__name":         "200/0",
	} {
		status, body := r.call(http.MethodGet, path, basicHeader("admin", adminPassword), "")
		if got := fmt.Sprint(status, countOf(body)); got != want {
			t.Errorf("%s: got %s %s", path, got, body)
		}
	}
}
