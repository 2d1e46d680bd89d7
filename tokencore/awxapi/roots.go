package awxapi

import (
	"encoding/json"

	"github.com/awxgate/awxgate/tokencore"
)

func (a *API) rootRoutes() []route {
	return []route{
		{
			path: "/api/", name: "REST API", access: anonymous, get: a.getRoot,
			about: "The versions of the API, and where OAuth 2 is.",
		},
		{
			path: "/api/o/", name: "API OAuth 2 Authorization Root", access: anonymous, get: a.getOAuthRoot,
			about: "The OAuth 2 endpoints: authorize, token and revoke_token.",
		},
		{
			path: "/api/v2/", name: "Version 2", access: anonymous, get: a.getVersionRoot,
			about: "The resources of version 2 of the API.",
		},
		{
			path: "/api/v2/ping/", name: "Ping", access: unauthenticated, get: a.getPing,
			about: "Tells without credentials that the service is there, and which version it is.",
		},
		{
			path: "/api/v2/config/", name: "Configuration", get: a.getConfig,
			about: "What a client may want to know about the installation.",
		},
	}
}

type rootDocument struct {
	Description           string            `json:"description"`
	CurrentVersion        string            `json:"current_version"`
	AvailableVersions     availableVersions `json:"available_versions"`
	OAuth2                string            `json:"oauth2"`
	CustomLogo            string            `json:"custom_logo"`
	CustomLoginInfo       string            `json:"custom_login_info"`
	LoginRedirectOverride string            `json:"login_redirect_override"`
}

type availableVersions struct {
	V2 string `json:"v2"`
}

// getRoot is the first request of every client.
func (a *API) getRoot(r *request) (answer, error) {
	stored, err := a.svc.Store().StoredSettings(r.Context())
	if err != nil {
		return answer{}, tokencore.Unavailable("reading settings", err)
	}
	v2 := "/api/v2/" + r.urlSuffix
	body := rootDocument{
		Description: "AWX REST API", CurrentVersion: v2, AvailableVersions: availableVersions{v2}, OAuth2: "/api/o/",
	}
	if raw, changed := stored["LOGIN_REDIRECT_OVERRIDE"]; changed {
		_ = json.Unmarshal(raw, &body.LoginRedirectOverride) // anything but a string: no override
	}
	return ok(body), nil
}

type oauthRootDocument struct {
	Authorize   string `json:"authorize"`
	Token       string `json:"token"`
	RevokeToken string `json:"revoke_token"`
}

func (a *API) getOAuthRoot(*request) (answer, error) {
	return ok(oauthRootDocument{"/api/o/authorize/", "/api/o/token/", "/api/o/revoke_token/"}), nil
}

// versionRootDocument lists resources in AWX's order, and only those that are
// served: awxkit makes a command of each key.
type versionRootDocument struct {
	Ping          string `json:"ping,omitempty"`
	Config        string `json:"config,omitempty"`
	Settings      string `json:"settings,omitempty"`
	Me            string `json:"me,omitempty"`
	Organizations string `json:"organizations,omitempty"`
	Users         string `json:"users,omitempty"`
	Applications  string `json:"applications,omitempty"`
	Tokens        string `json:"tokens,omitempty"`
}

func (a *API) getVersionRoot(r *request) (answer, error) {
	return ok(versionRootDocument{
		Ping:          a.served(r, "/api/v2/ping/"),
		Config:        a.served(r, "/api/v2/config/"),
		Settings:      a.served(r, "/api/v2/settings/"),
		Me:            a.served(r, "/api/v2/me/"),
		Organizations: a.served(r, "/api/v2/organizations/"),
		Users:         a.served(r, "/api/v2/users/"),
		Applications:  a.served(r, "/api/v2/applications/"),
		Tokens:        a.served(r, "/api/v2/tokens/"),
	}), nil
}

// served returns the link to a path that has a route, otherwise nothing.
func (a *API) served(r *request, path string) string {
	for i := range a.routes {
		if a.routes[i].path == path {
			return path + r.urlSuffix
		}
	}
	return ""
}
