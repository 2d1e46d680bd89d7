package awxapi_test

import (
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
)

// The OAuth 2 endpoints are another package's; this keeps their description true.
func TestSchema_DescribesOAuth(t *testing.T) {
	w := newWorld(t, func(c *awxapi.Config) { c.OAuth = nil })
	strict, doc := strictDocument(t, schemaOf(t, w))
	validator := validatorOf(t, strict)
	app, secret, err := w.svc.CreateApplication(t.Context(), tokencore.Actor{}, tokencore.Application{
		Name: "confidential", OrganizationID: orgA, ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword,
	})
	if err != nil {
		t.Fatal(err)
	}
	code := codeApplication(t, w)
	password := url.Values{"grant_type": {"password"}, "username": {"alice"}, "password": {password}, "scope": {"read"}}
	tests := []struct {
		name, method, path string
		client, secret     string
		form               url.Values
		status             int
	}{
		{"a grant", "POST", "/api/o/token/", app.ClientID, secret.Reveal(), password, 200},
		{"no grant", "POST", "/api/o/token/", app.ClientID, secret.Reveal(), url.Values{}, 400},
		{"a parameter is missing", "POST", "/api/o/token/", app.ClientID, secret.Reveal(), url.Values{"grant_type": {"password"}}, 400},
		{"another client", "POST", "/api/o/token/", app.ClientID, "wrong", password, 401},
		{"a revocation", "POST", "/api/o/revoke_token/", app.ClientID, secret.Reveal(), url.Values{"token": {"x"}}, 200},
		{"a revocation of nothing", "POST", "/api/o/revoke_token/", app.ClientID, secret.Reveal(), url.Values{}, 400},
		{"a revocation by nobody", "POST", "/api/o/revoke_token/", "", "", url.Values{"token": {"x"}}, 401},
		{"an authorization by nobody", "GET", "/api/o/authorize/", "", "", url.Values{"client_id": {code.ClientID}}, 302},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target, body := tt.path, tt.form.Encode()
			if tt.method == "GET" {
				target, body = target+"?"+body, ""
			}
			r := httptest.NewRequestWithContext(t.Context(), tt.method, target, strings.NewReader(body))
			if body != "" || tt.method == "POST" {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			if tt.client != "" {
				r.SetBasicAuth(tt.client, tt.secret)
			}
			got := w.serve(r)
			if got.Code != tt.status {
				t.Fatalf("got %d %s", got.Code, got.Body)
			}
			pointer, response := at(doc, "paths", tt.path, strings.ToLower(tt.method), "responses", strconv.Itoa(tt.status))
			if response == nil {
				t.Fatalf("status %d is not described", tt.status)
			}
			if got.Header().Get("Content-Type") != "application/json" {
				return
			}
			if err := validator.ValidateDataAsJSON(pointer+"/content/application~1json/schema", got.Body.String()); err != nil {
				t.Errorf("%v\n%s", err, got.Body)
			}
		})
	}
}
