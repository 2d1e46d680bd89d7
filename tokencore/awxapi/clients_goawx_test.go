package awxapi_test

import (
	"encoding/json"
	"testing"
)

// goawxApplication is what goawx, and the Terraform provider on it, decodes.
type goawxApplication struct {
	ID                     int               `json:"id"`
	Type                   string            `json:"type"`
	URL                    string            `json:"url"`
	Related                map[string]string `json:"related"`
	Name                   string            `json:"name"`
	Description            string            `json:"description"`
	ClientID               string            `json:"client_id"`
	ClientSecret           string            `json:"client_secret"`
	ClientType             string            `json:"client_type"`
	RedirectURIs           string            `json:"redirect_uris"`
	AuthorizationGrantType string            `json:"authorization_grant_type"`
	SkipAuthorization      bool              `json:"skip_authorization"`
	Organization           int               `json:"organization"`
}

func (r reply) application(t *testing.T) goawxApplication {
	t.Helper()
	var a goawxApplication
	if err := json.Unmarshal([]byte(r.text), &a); err != nil || a.ID == 0 || a.Type != "o_auth2_application" {
		t.Fatalf("not goawx's application: %v %s", err, r.text)
	}
	return a
}

func TestClient_GoawxAndTerraform(t *testing.T) {
	_, base := newSite(t)
	basic := newClient(t, base)
	basic.username, basic.password = "admin", password
	basic.call(200, "GET", "/api/v2/ping/", nil) // the constructor; an error status fails it
	c := newClient(t, base).as(basic.call(201, "POST", "/api/v2/tokens/", map[string]any{}).string(t, "token"))
	c.call(200, "GET", "/api/v2/ping/", nil)

	fields := map[string]any{
		"name": "tf", "client_type": "confidential", "authorization_grant_type": "authorization-code",
		"redirect_uris": "https://tf.example/", "organization": 1,
	}
	if got := c.call(200, "GET", "/api/v2/applications/?name=tf", nil).results(t); len(got) != 0 {
		t.Fatalf("got %v", got)
	}
	created := c.call(201, "POST", "/api/v2/applications/", fields).application(t)
	path := "/api/v2/applications/" + itoa(int64(created.ID)) + "/"
	if created.URL != path || len(created.ClientSecret) != 128 || created.Organization != 1 {
		t.Errorf("got %+v", created)
	}
	read := c.call(200, "GET", path, nil).application(t)
	if created.ClientSecret = "************"; read.Name != created.Name || read.ClientID != created.ClientID || read.ClientSecret != created.ClientSecret {
		t.Errorf("created %+v, read %+v: Terraform would plan a change", created, read)
	}
	// goawx updates with PUT and whatever it was given.
	fields["description"] = "planned"
	if got := c.call(200, "PUT", path, fields).application(t); got.Description != "planned" || got.AuthorizationGrantType != "authorization-code" {
		t.Errorf("got %+v", got)
	}
	refused := c.call(400, "PUT", path, map[string]any{"description": "x"})
	var problems map[string][]string
	if err := json.Unmarshal([]byte(refused.text), &problems); err != nil || len(problems["name"]) == 0 {
		t.Errorf("goawx reads lists of texts by field, got %s", refused.text)
	}
	c.call(204, "DELETE", path, nil)
	c.call(404, "GET", path, nil)
}
