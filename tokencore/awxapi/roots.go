package awxapi

import (
	"encoding/json"
	"net/http"
	"slices"

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

// getRoot is the first request of every client. awxkit takes the csrftoken for its login
// from here, also where that is a remote AWX's: any well-formed token is as good there.
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
	return answer{status: http.StatusOK, body: body, csrf: true}, nil
}

type oauthRootDocument struct {
	Authorize   string `json:"authorize"`
	Token       string `json:"token"`
	RevokeToken string `json:"revoke_token"`
}

func (a *API) getOAuthRoot(*request) (answer, error) {
	return ok(oauthRootDocument{"/api/o/authorize/", "/api/o/token/", "/api/o/revoke_token/"}), nil
}

// versionRootDocument lists resources in AWX's order, and only those that answer:
// awxkit makes a command of each key.
type versionRootDocument struct {
	Ping                  string `json:"ping,omitempty"`
	InstanceGroups        string `json:"instance_groups,omitempty"`
	Config                string `json:"config,omitempty"`
	Settings              string `json:"settings,omitempty"`
	Me                    string `json:"me,omitempty"`
	Organizations         string `json:"organizations,omitempty"`
	Users                 string `json:"users,omitempty"`
	ExecutionEnvironments string `json:"execution_environments,omitempty"`
	Projects              string `json:"projects,omitempty"`
	Teams                 string `json:"teams,omitempty"`
	Credentials           string `json:"credentials,omitempty"`
	CredentialTypes       string `json:"credential_types,omitempty"`
	Applications          string `json:"applications,omitempty"`
	Tokens                string `json:"tokens,omitempty"`
	Inventory             string `json:"inventory,omitempty"`
	InventorySources      string `json:"inventory_sources,omitempty"`
	JobTemplates          string `json:"job_templates,omitempty"`
	SystemJobTemplates    string `json:"system_job_templates,omitempty"`
	Schedules             string `json:"schedules,omitempty"`
	NotificationTemplates string `json:"notification_templates,omitempty"`
	ActivityStream        string `json:"activity_stream,omitempty"`
	WorkflowJobTemplates  string `json:"workflow_job_templates,omitempty"`
}

func (a *API) getVersionRoot(r *request) (answer, error) {
	return ok(versionRootDocument{
		Ping:                  a.served(r, "/api/v2/ping/"),
		InstanceGroups:        a.served(r, "/api/v2/instance_groups/"),
		Config:                a.served(r, "/api/v2/config/"),
		Settings:              a.served(r, "/api/v2/settings/"),
		Me:                    a.served(r, "/api/v2/me/"),
		Organizations:         a.served(r, "/api/v2/organizations/"),
		Users:                 a.served(r, "/api/v2/users/"),
		ExecutionEnvironments: a.served(r, "/api/v2/execution_environments/"),
		Projects:              a.served(r, "/api/v2/projects/"),
		Teams:                 a.served(r, "/api/v2/teams/"),
		Credentials:           a.served(r, "/api/v2/credentials/"),
		CredentialTypes:       a.served(r, "/api/v2/credential_types/"),
		Applications:          a.served(r, "/api/v2/applications/"),
		Tokens:                a.served(r, "/api/v2/tokens/"),
		Inventory:             a.served(r, "/api/v2/inventories/"),
		InventorySources:      a.served(r, "/api/v2/inventory_sources/"),
		JobTemplates:          a.served(r, "/api/v2/job_templates/"),
		SystemJobTemplates:    a.served(r, "/api/v2/system_job_templates/"),
		Schedules:             a.served(r, "/api/v2/schedules/"),
		NotificationTemplates: a.served(r, "/api/v2/notification_templates/"),
		ActivityStream:        a.served(r, "/api/v2/activity_stream/"),
		WorkflowJobTemplates:  a.served(r, "/api/v2/workflow_job_templates/"),
	}), nil
}

// served returns the link to a path that has a route, otherwise nothing.
func (a *API) served(r *request, path string) string {
	for _, routes := range [][]route{a.routes, a.absent} {
		if slices.ContainsFunc(routes, func(rt route) bool { return rt.path == path }) {
			return path + r.urlSuffix
		}
	}
	return ""
}
