package awxapi_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// What people paste from guides: a token of the command line, JSON with curl's -d and
// "Content-Type: Application/json", and paths without a slash at the end.
func TestClient_CurlFromGuides(t *testing.T) {
	w, base := newSite(t)
	first := w.token(t, admin, 0, tokencore.DefaultScope) // awx-manage create_oauth2_token --user admin
	c := newClient(t, base).as(first.Access.Reveal())
	c.header = http.Header{"Content-Type": {"Application/json"}, "Accept": {"*/*"}, "User-Agent": {"curl/8.5.0"}}

	personal := json.RawMessage("{\n  \"description\": \"\",\n  \"application\": null,\n  \"scope\": \"write\"\n}\n")
	second := c.call(201, "POST", "/api/v2/tokens/", personal)
	if second.object["refresh_token"] != nil || len(second.string(t, "token")) != tokencore.TokenLength {
		t.Error(second.text)
	}
	c.call(201, "POST", "/api/v2/tokens", personal)
	c.call(201, "POST", "/api/v2/users/1/personal_tokens/", personal)
	c.call(201, "POST", "/api/v2/users/1/personal_tokens", personal)
	c.as(second.string(t, "token")).call(200, "GET", "/api/v2/me/", nil)

	application := map[string]any{
		"name": "client1", "description": "a test client", "client_type": "confidential", "redirect_uris": "",
		"authorization_grant_type": "password", "skip_authorization": false, "organization": 1,
	}
	app := c.call(201, "POST", "/api/v2/applications/", application)
	if len(app.string(t, "client_id")) != tokencore.ClientIDLength || len(app.string(t, "client_secret")) != tokencore.ClientSecretLength {
		t.Error(app.text)
	}
	application["name"] = "client2"
	c.call(201, "POST", "/api/v2/users/1/applications", application)
	c.call(404, "POST", "/api/v2/application", application) // a slip of the guide, in AWX too

	token := c.call(201, "POST", "/api/v2/applications/"+app.id(t)+"/tokens/", map[string]any{"scope": "write"})
	if token.object["application"] != app.object["id"] || len(token.string(t, "refresh_token")) != tokencore.TokenLength {
		t.Error(token.text)
	}
	// Settings > System, as the page of AWX's UI sends it.
	c.call(200, "PATCH", "/api/v2/settings/authentication/", map[string]any{"OAUTH2_PROVIDER": map[string]any{
		"ACCESS_TOKEN_EXPIRE_SECONDS": 3600, "REFRESH_TOKEN_EXPIRE_SECONDS": 7200, "AUTHORIZATION_CODE_EXPIRE_SECONDS": 300,
	}})
	// awx-manage revoke_oauth2_tokens --user admin
	if _, err := w.svc.RevokeTokens(t.Context(), tokencore.Actor{}, tokencore.Revocation{UserID: admin}); err != nil {
		t.Fatal(err)
	}
	c.call(401, "GET", "/api/v2/me/", nil)
	c.as(token.string(t, "token")).call(401, "GET", "/api/v2/me/", nil)
}

// AWX's own user interface lists with pages of twenty.
func TestClient_AwxUI(t *testing.T) {
	_, base := newSite(t)
	c := newClient(t, base)
	c.username, c.password = "admin", password
	for _, path := range []string{"applications", "tokens", "users/1/tokens"} {
		order := "name"
		if path != "applications" {
			order = "application__name"
		}
		c.call(200, "GET", "/api/v2/"+path+"/?page=1&page_size=20&order_by="+order, nil).results(t)
	}
	c.call(200, "GET", "/api/v2/applications/?page_size=20&name__icontains=a&order_by=-name", nil)
	c.call(200, "GET", "/api/v2/applications/?search=a&or__name__icontains=b&not__name=c", nil)
	c.call(200, "GET", "/api/v2/users/1/tokens/?application__isnull=true", nil)
}
