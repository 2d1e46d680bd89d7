package awxapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// awxRoots is how every `awx` command begins: the versions, then the resources, whose
// names become sub-commands.
func awxRoots(t *testing.T, c *client) {
	t.Helper()
	versions, _ := c.call(200, "GET", "/api/", nil).object["available_versions"].(map[string]any)
	v2, _ := versions["v2"].(string)
	if !strings.HasPrefix(v2, "/api/") {
		t.Fatalf("available_versions: %v", versions)
	}
	resources := c.call(200, "GET", v2, nil).object
	for _, name := range []string{"applications", "tokens", "users", "organizations", "settings", "me", "ping", "activity_stream"} {
		if path, _ := resources[name].(string); !strings.HasPrefix(path, "/api/v2/") {
			t.Errorf("no %s among the resources: %v", name, resources)
		}
	}
}

func TestClient_AwxLoginMakesPersonalToken(t *testing.T) {
	_, base := newSite(t)
	c := newClient(t, base)
	awxRoots(t, c)
	c.username, c.password = "admin", password
	token := c.call(201, "POST", "/api/v2/users/admin/personal_tokens/", map[string]any{
		"description": "AWX CLI", "application": nil, "scope": "write",
	}).string(t, "token")
	if me := newClient(t, base).as(token).call(200, "GET", "/api/v2/me/", nil).results(t); me[0]["username"] != "admin" {
		t.Errorf("got %v", me)
	}
	c.password = "wrong"
	c.call(401, "POST", "/api/v2/users/admin/personal_tokens/", map[string]any{"scope": "write"})
}

func TestClient_AwxLoginThroughApplication(t *testing.T) {
	for _, clientType := range []tokencore.ClientType{tokencore.Confidential, tokencore.Public} {
		t.Run(string(clientType), func(t *testing.T) {
			w, base := newSite(t)
			app, secret := oauthApplication(t, w, clientType, tokencore.GrantPassword)
			c := newClient(t, base)
			awxRoots(t, c)
			form := url.Values{"grant_type": {"password"}, "username": {"admin"}, "password": {password}, "scope": {"write"}}
			if clientType == tokencore.Public {
				form.Set("client_id", app.ClientID)
			} else {
				c.username, c.password = app.ClientID, secret
			}
			token := c.call(200, "POST", "/api/o/token/", form).string(t, "access_token")
			newClient(t, base).as(token).call(200, "GET", "/api/v2/me/", nil)
			if clientType == tokencore.Confidential {
				c.password = "wrong"
				c.call(401, "POST", "/api/o/token/", form)
			}
		})
	}
}

// With a name and a password every other command signs in for a session.
func TestClient_AwxSession(t *testing.T) {
	_, base := newSite(t)
	c := newClient(t, base)
	awxRoots(t, c)
	c.call(200, "GET", "/api/", nil)
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	cookie := func(name string) string {
		for _, k := range c.http.Jar.Cookies(address) {
			if k.Name == name {
				return k.Value
			}
		}
		return ""
	}
	named := ""
	c.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		named = r.Response.Header.Get("X-API-Session-Cookie-Name")
		return nil
	}
	sign := func(path string) {
		c.header.Set("X-CSRFToken", cookie("csrftoken"))
		c.header.Set("Referer", base+path)
	}
	before := cookie("csrftoken")
	sign("/api/login/")
	c.call(200, "POST", "/api/login/", url.Values{"username": {"admin"}, "password": {password}, "next": {"/api/"}})
	if named == "" || cookie(named) == "" {
		t.Fatalf("the session's cookie is called %q; cookies: %v", named, c.http.Jar.Cookies(address))
	}
	if cookie("csrftoken") == before {
		t.Error("the CSRF token survived the login")
	}
	c.call(200, "GET", "/api/", nil)
	if me := c.call(200, "GET", "/api/v2/me/", nil).results(t); me[0]["username"] != "admin" {
		t.Errorf("got %v", me)
	}
	sign("/api/v2/tokens/")
	token := c.call(201, "POST", "/api/v2/tokens/", map[string]any{"description": "by session"})
	sign(token.string(t, "url"))
	c.call(204, "DELETE", token.string(t, "url"), nil)
	c.header.Del("X-CSRFToken")
	c.call(403, "POST", "/api/v2/tokens/", map[string]any{})
	c.call(200, "GET", "/api/logout/", nil)
	c.call(401, "GET", "/api/v2/me/", nil)
}

// awxOptions is what a resource command asks before it does anything; what it needs of
// the answers is checked.
func awxOptions(t *testing.T, c *client, resource string) {
	t.Helper()
	actions, _ := c.call(200, "OPTIONS", "/api/v2/"+resource+"/", nil).object["actions"].(map[string]any)
	for method, fields := range actions {
		if method != "GET" && method != "POST" {
			t.Errorf("%s: awxkit knows no action %s", resource, method)
		}
		for name, field := range fields.(map[string]any) {
			about := field.(map[string]any)
			if _, ok := about["type"].(string); !ok {
				t.Errorf("%s: field %s of %s has no type", resource, name, method)
			}
			if help, _ := about["help_text"].(string); strings.Contains(help, "%") {
				t.Errorf("%s: argparse formats the help of %s: %s", resource, name, help)
			}
		}
	}
	for _, method := range []string{"PUT", "DELETE"} {
		allow := strings.Split(c.call(200, "OPTIONS", "/api/v2/"+resource+"/1/", nil).Header.Get("Allow"), ", ")
		if !slices.Contains(allow, method) {
			t.Errorf("%s: no %s in %q", resource, method, allow)
		}
	}
}

func TestClient_AwxResourceCommands(t *testing.T) {
	_, base := newSite(t)
	c := newClient(t, base)
	c.username, c.password = "admin", password
	for _, resource := range []string{"applications", "tokens", "users", "organizations"} {
		awxRoots(t, c)
		awxOptions(t, c, resource)
		c.call(200, "GET", "/api/v2/"+resource+"/", nil).results(t)
	}
	// applications create --organization Default, modify, delete by name
	organization := c.call(200, "GET", "/api/v2/organizations/?name=Default", nil).results(t)[0]["id"]
	fields := map[string]any{
		"name": "kitapp", "organization": organization, "client_type": "confidential", "authorization_grant_type": "password",
	}
	c.call(201, "POST", "/api/v2/applications/", fields)
	if twice := c.call(400, "POST", "/api/v2/applications/", fields); !strings.Contains(twice.text, "already exists") {
		t.Errorf("awxkit recognises no duplicate in %s", twice.text)
	}
	found := c.call(200, "GET", "/api/v2/applications/?name=kitapp", nil).results(t)
	path, _ := found[0]["url"].(string)
	if changed := c.call(200, "PATCH", path, map[string]any{"description": "changed"}); changed.string(t, "description") != "changed" {
		t.Error(changed.text)
	}
	c.call(204, "DELETE", path, nil)
	if left := c.call(200, "GET", "/api/v2/applications/?name=kitapp", nil).results(t); len(left) != 0 {
		t.Errorf("got %v", left)
	}
}

func TestClient_AwxUsersAsksForOtherResources(t *testing.T) {
	_, base := newSite(t)
	c := newClient(t, base)
	c.username, c.password = "admin", password
	awxOptions(t, c, "users")
	for _, other := range []string{
		"organizations", "projects", "inventories", "teams", "credentials", "job_templates", "workflow_job_templates", "instance_groups",
	} {
		if about := c.call(200, "OPTIONS", "/api/v2/"+other+"/", nil); about.object["name"] == "" {
			t.Error(about.text)
		}
	}
	user := c.call(201, "POST", "/api/v2/users/", map[string]any{"username": "kit", "password": "kit-password"})
	c.call(204, "POST", "/api/v2/organizations/1/users/", map[string]any{"id": user.object["id"]})
	c.call(204, "DELETE", user.string(t, "url"), nil)
}

func TestClient_AwxSettings(t *testing.T) {
	_, base := newSite(t)
	c := newClient(t, base)
	c.username, c.password = "admin", password
	c.call(200, "OPTIONS", "/api/v2/settings/", nil)
	c.call(200, "OPTIONS", "/api/v2/settings/1/", nil)
	actions, _ := c.call(200, "OPTIONS", "/api/v2/settings/all/", nil).object["actions"].(map[string]any)
	if put, _ := actions["PUT"].(map[string]any); put["OAUTH2_PROVIDER"] == nil {
		t.Errorf("awx settings modify needs actions.PUT: %v", actions)
	}
	lifetimes, _ := c.call(200, "GET", "/api/v2/settings/authentication/", nil).object["OAUTH2_PROVIDER"].(map[string]any)
	if lifetimes["ACCESS_TOKEN_EXPIRE_SECONDS"] != 31_536_000_000.0 {
		t.Errorf("got %v", lifetimes)
	}
	changed := c.call(200, "PATCH", "/api/v2/settings/all/", map[string]any{"SESSIONS_PER_USER": 5})
	if changed.object["SESSIONS_PER_USER"] != 5.0 {
		t.Error(changed.text)
	}
}

func TestClient_AwxExportAndImport(t *testing.T) {
	w, base := newSite(t)
	oauthApplication(t, w, tokencore.Confidential, tokencore.GrantPassword)
	c := newClient(t, base)
	c.username, c.password = "admin", password
	options := c.call(200, "OPTIONS", "/api/v2/applications/", nil)
	search, _ := options.object["search_fields"].([]any)
	if !slices.Contains(strings.Split(options.Header.Get("Allow"), ", "), "POST") || !slices.Contains(search, any("name")) {
		t.Errorf("Allow %q, search_fields %v", options.Header.Get("Allow"), search)
	}
	app := c.call(200, "GET", "/api/v2/applications/?name="+url.QueryEscape("client of "+t.Name()), nil).results(t)[0]
	related := app["related"].(map[string]any)
	if organization := c.call(200, "GET", related["organization"].(string), nil); organization.string(t, "name") != "Default" {
		t.Error(organization.text)
	}
	again := map[string]any{}
	for _, name := range []string{"name", "description", "client_type", "redirect_uris", "authorization_grant_type", "skip_authorization", "organization"} {
		again[name] = app[name]
	}
	if twice := c.call(400, "POST", "/api/v2/applications/", again); !strings.Contains(twice.text, "already exists") {
		t.Error(twice.text)
	}
	again["name"] = "imported"
	c.call(201, "POST", "/api/v2/applications/", again)
}
