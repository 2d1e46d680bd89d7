package awxapi

import (
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

// security lists the ways to be let in, any of which will do.
func (d *describer) security(rt *route, method string) []openapi.SecurityRequirement {
	if rt.access == unauthenticated {
		return []openapi.SecurityRequirement{}
	}
	scope := "read"
	if !tokencore.ScopeRead.Allows(method) {
		scope = "write"
	}
	ways := []openapi.SecurityRequirement{{"oauth2": {scope}}, {"bearer": {}}, {"basic": {}}}
	switch {
	case d.sessions && scope == "read":
		ways = append(ways, openapi.SecurityRequirement{"session": {}})
	case d.sessions:
		ways = append(ways, openapi.SecurityRequirement{"session": {}, "csrf": {}})
	}
	if rt.access == anonymous {
		ways = append(ways, openapi.SecurityRequirement{})
	}
	return ways
}

// securitySchemes are the credentials; those of sessions only if there is a login.
func (d *describer) securitySchemes() map[string]*openapi.SecurityScheme {
	scopes := map[string]string{
		"read":  "GET, HEAD and OPTIONS.",
		"write": "Every method, also those of read.",
	}
	schemes := map[string]*openapi.SecurityScheme{
		"bearer": {
			Type: "http", Scheme: "bearer",
			Description: "An access token: a personal one, or one of an application. It acts as its owner, within its scope.",
		},
		"basic": {
			Type: "http", Scheme: "basic",
			Description: "Username and password, while the setting AUTH_BASIC_ENABLED is on.",
		},
		"oauth2": {
			Type: "oauth2", Description: "The same access tokens, obtained by an application for its user.",
			Flows: &openapi.Flows{
				Password: &openapi.Flow{TokenURL: tokenPath, RefreshURL: tokenPath, Scopes: scopes},
				AuthorizationCode: &openapi.Flow{
					AuthorizationURL: authorizePath, TokenURL: tokenPath, RefreshURL: tokenPath, Scopes: scopes,
				},
			},
		},
		"client": {
			Type: "http", Scheme: "basic",
			Description: "An application: client_id and client_secret, each form-encoded. Public applications send only client_id, in the body.",
		},
	}
	if d.sessions {
		schemes["session"] = &openapi.SecurityScheme{
			Type: "apiKey", In: "cookie", Name: "awx_sessionid", Description: "A login session, see " + loginPath + ".",
		}
		schemes["csrf"] = &openapi.SecurityScheme{
			Type: "apiKey", In: "header", Name: "X-CSRFToken",
			Description: "The value of the cookie csrftoken. A session needs it for every method that changes something.",
		}
	}
	return schemes
}
