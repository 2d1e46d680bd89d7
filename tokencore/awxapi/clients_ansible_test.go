package awxapi_test

import (
	"testing"
)

// ansibleModule signs in as each module of awx.awx does: a token for itself, which it
// deletes at its end with the password again.
func ansibleModule(t *testing.T, base string, run func(c *client)) {
	t.Helper()
	login := newClient(t, base)
	login.username, login.password = "admin", password
	own := login.call(201, "POST", "/api/v2/tokens/", map[string]any{
		"description": "Automation Platform Controller Module Token", "application": nil, "scope": "write",
	})
	if own.Header.Get("X-API-Product-Name") != "AWX" || own.Header.Get("X-API-Product-Version") != "24.6.1" {
		t.Errorf("the collection warns about %v", own.Header)
	}
	run(newClient(t, base).as(own.string(t, "token")))
	login.call(204, "DELETE", "/api/v2/tokens/"+own.id(t)+"/", nil)
	newClient(t, base).as(own.string(t, "token")).call(401, "GET", "/api/v2/me/", nil)
}

func TestClient_AnsibleApplicationModule(t *testing.T) {
	_, base := newSite(t)
	wanted := map[string]any{
		"name": "ansapp", "organization": 1, "authorization_grant_type": "password", "client_type": "confidential", "description": "d1",
	}
	find := func(c *client, query string) []map[string]any {
		if got := c.call(200, "GET", "/api/v2/organizations/?name=Default", nil).results(t); got[0]["id"] != 1.0 {
			t.Fatalf("got %v", got)
		}
		return c.call(200, "GET", "/api/v2/applications/?"+query, nil).results(t)
	}
	const byName = "organization=1&name=ansapp"
	ansibleModule(t, base, func(c *client) {
		if got := find(c, byName); len(got) != 0 {
			t.Fatalf("got %v", got)
		}
		created := c.call(201, "POST", "/api/v2/applications/", wanted)
		for _, name := range []string{"url", "name", "client_id", "client_secret"} {
			created.string(t, name)
		}
	})
	ansibleModule(t, base, func(c *client) { // again: nothing differs, so nothing is sent
		for name, value := range find(c, byName)[0] {
			if want, ok := wanted[name]; ok && want != value && (want != 1 || value != 1.0) {
				t.Errorf("%s: got %v, want %v: the module would report a change each time", name, value, want)
			}
		}
	})
	ansibleModule(t, base, func(c *client) { // changed, then looked up by its named URL
		path := find(c, byName)[0]["url"].(string)
		wanted["description"] = "d2"
		if got := c.call(200, "PATCH", path, wanted); got.string(t, "client_secret") != "************" {
			t.Error("a known secret was shown again")
		}
		if got := c.call(200, "GET", "/api/v2/applications/ansapp++Default/", nil); got.string(t, "description") != "d2" {
			t.Error(got.text)
		}
	})
	ansibleModule(t, base, func(c *client) { // absent; a name of digits is asked for as id, too
		c.call(200, "GET", "/api/v2/organizations/?or__id=1&or__name=1", nil).results(t)
		c.call(204, "DELETE", find(c, byName)[0]["url"].(string), nil)
		if got := find(c, byName); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
}

func TestClient_AnsibleTokenModule(t *testing.T) {
	_, base := newSite(t)
	var made reply
	ansibleModule(t, base, func(c *client) {
		app := c.call(201, "POST", "/api/v2/applications/", map[string]any{
			"name": "ansapp", "organization": 1, "authorization_grant_type": "password", "client_type": "public",
		})
		found := c.call(200, "GET", "/api/v2/applications/?name=ansapp", nil).results(t)
		made = c.call(201, "POST", "/api/v2/tokens/", map[string]any{"description": "t", "application": found[0]["id"], "scope": "read"})
		if made.object["application"] != app.object["id"] {
			t.Error(made.text)
		}
	})
	newClient(t, base).as(made.string(t, "token")).call(200, "GET", "/api/v2/me/", nil)
	ansibleModule(t, base, func(c *client) { // state: absent, by existing_token_id
		found := c.call(200, "GET", "/api/v2/tokens/?id="+made.id(t), nil).results(t)
		c.call(204, "DELETE", found[0]["url"].(string), nil)
		if got := c.call(200, "GET", "/api/v2/tokens/?id="+made.id(t), nil).results(t); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
	newClient(t, base).as(made.string(t, "token")).call(401, "GET", "/api/v2/me/", nil)
}

func TestClient_AnsibleSettingsModule(t *testing.T) {
	_, base := newSite(t)
	ansibleModule(t, base, func(c *client) {
		if got := c.call(200, "GET", "/api/v2/settings/all/", nil); got.object["ALLOW_OAUTH2_FOR_EXTERNAL_USERS"] != false {
			t.Error(got.text)
		}
		got := c.call(200, "PATCH", "/api/v2/settings/all/", map[string]any{"ALLOW_OAUTH2_FOR_EXTERNAL_USERS": true})
		if got.object["ALLOW_OAUTH2_FOR_EXTERNAL_USERS"] != true {
			t.Error(got.text)
		}
	})
}
