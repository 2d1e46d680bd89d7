package awxapi

import (
	"net/http"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

// operation is what the description of a method adds to what its route says.
type operation struct {
	id, summary, text string

	parameters []*openapi.Parameter // besides those of the path and of lists
	model      *model               // what a list can be filtered by
	filtered   bool                 // filters in the query string decide about the object, too
	body       schemaOf
	bodyType   string // application/json unless said otherwise

	status  int // of success; 200 unless said otherwise
	outcome string
	answer  schemaOf // nil: no JSON
	html    bool
	others  map[int]operation // further answers that are no refusals, with outcome and answer alone

	// A route that serves itself has no pipeline to tell these.
	security []openapi.SecurityRequirement
	refused  map[int]refusal
}

// pathDescription describes the methods of one path.
type pathDescription struct {
	tag     string
	methods map[string]operation
}

func listing[T any](id, summary, text string, m *model) operation {
	return operation{
		id: id, summary: summary, text: text, model: m, filtered: true, answer: typed[page[T]](),
		outcome: "A page of the list.",
	}
}

func reading[T any](id, summary, text string) operation {
	return operation{id: id, summary: summary, text: text, answer: typed[T](), outcome: "Here it is."}
}

func readingRow[T any](id, summary string) operation {
	o := reading[T](id, summary, "")
	o.filtered = true
	return o
}

func creating[T any](id, summary, text string, body schemaOf) operation {
	return operation{
		id: id, summary: summary, text: text, body: body,
		status: http.StatusCreated, answer: typed[T](), outcome: "It was made.",
	}
}

func changing[T any](id, summary, text string, body schemaOf) operation {
	return operation{
		id: id, summary: summary, text: text, body: body,
		answer: typed[T](), outcome: "As it is now.",
	}
}

func deleting(id, summary, text string) operation {
	return operation{id: id, summary: summary, text: text, status: http.StatusNoContent, outcome: "It is gone."}
}

func settingsOperation(id, summary, text string, body schemaOf) operation {
	return operation{id: id, summary: summary, text: text, body: body, answer: settingsSchema, outcome: "The settings of the category."}
}

// The names of the groups.
const (
	tagService       = "Service"
	tagLogin         = "Login"
	tagOAuth         = "OAuth 2"
	tagApplications  = "Applications"
	tagTokens        = "Tokens"
	tagUsers         = "Users"
	tagOrganizations = "Organizations"
	tagSettings      = "Settings"
	tagActivity      = "Activity stream"
)

var tags = []openapi.Tag{
	{Name: tagService, Description: "What this is, and how to find the rest."},
	{Name: tagLogin, Description: "Sessions with a cookie, for browsers and the awx command line."},
	{Name: tagOAuth, Description: "How applications get tokens for their users (RFC 6749, 7009, 7636). These endpoints take forms, not JSON."},
	{Name: tagApplications, Description: "Programs that may get tokens. Each belongs to an organization."},
	{Name: tagTokens, Description: "Access tokens: personal ones, and those of applications. They always belong to whoever creates them."},
	{Name: tagUsers, Description: "The people to whom tokens belong."},
	{Name: tagOrganizations, Description: "Organizations own applications; their admins manage them."},
	{Name: tagSettings, Description: "How long tokens live, and everything else that can be changed while the service runs."},
	{Name: tagActivity, Description: "Who changed what. Using a token changes nothing."},
}

const (
	textOwner  = "The token belongs to whoever asks, whichever user the path names. The answer is the only one that shows the token."
	textCreate = "The answer is the only one that shows the client secret."
)

// descriptions of all paths that are ours, so not of stand-ins. A route that is missing here fails a test.
var descriptions = map[string]pathDescription{
	"/api/": {tagService, map[string]operation{
		"GET": reading[rootDocument]("readRoot", "Find the versions of the API", ""),
	}},
	"/api/v2/": {tagService, map[string]operation{
		"GET": reading[versionRootDocument]("readVersionRoot", "Find the resources", ""),
	}},
	"/api/v2/ping/": {tagService, map[string]operation{
		"GET": reading[pingDocument]("ping", "See whether the service is there", ""),
	}},
	"/api/v2/config/": {tagService, map[string]operation{
		"GET": reading[configDocument]("readConfig", "Read what the installation is", ""),
	}},
	schemaPath: {tagService, map[string]operation{"GET": {
		id: "readSchema", summary: "Read this description", outcome: "This document, or a page for people.",
		text:   "JSON, unless the Accept header asks for text/html and not for application/json, or the parameter format is api.",
		answer: typed[map[string]any](), html: true, parameters: []*openapi.Parameter{formatParameter},
	}}},

	loginPath:  loginDescription,
	logoutPath: logoutDescription,

	"/api/o/": {tagOAuth, map[string]operation{
		"GET": reading[oauthRootDocument]("readOAuthRoot", "Find the OAuth 2 endpoints", ""),
	}},
	authorizePath: authorizeDescription,
	tokenPath:     tokenDescription,
	revokePath:    revokeDescription,

	"/api/v2/applications/": {tagApplications, map[string]operation{
		"GET":  listing[applicationJSON]("listApplications", "List applications", "", applicationModel),
		"POST": creating[applicationJSON]("createApplication", "Register an application", textCreate, applicationCreate),
	}},
	"/api/v2/applications/{application}/": {tagApplications, map[string]operation{
		"GET":    readingRow[applicationJSON]("readApplication", "Read an application"),
		"PUT":    changing[applicationJSON]("replaceApplication", "Replace an application", "Fields that are not sent go back to their defaults, but redirect_uris and the grant type stay as they are.", applicationReplace),
		"PATCH":  changing[applicationJSON]("changeApplication", "Change an application", "", applicationChange),
		"DELETE": deleting("deleteApplication", "Delete an application", "All its tokens end with it."),
	}},
	"/api/v2/organizations/{organization}/applications/": {tagApplications, map[string]operation{
		"GET":  listing[applicationJSON]("listOrganizationApplications", "List an organization's applications", "", applicationModel),
		"POST": creating[applicationJSON]("createOrganizationApplication", "Register an application of the organization", textCreate, organizationApplicationCreate),
	}},
	"/api/v2/users/{user}/applications/": {tagApplications, map[string]operation{
		"GET":  listing[applicationJSON]("listUserApplications", "List applications", "All that you may see, whichever user the path names.", applicationModel),
		"POST": creating[applicationJSON]("createUserApplication", "Register an application", textCreate, applicationCreate),
	}},

	"/api/v2/tokens/": {tagTokens, map[string]operation{
		"GET":  listing[tokenJSON]("listTokens", "List tokens", "", tokenModel),
		"POST": creating[tokenJSON]("createToken", "Create a token", textOwner, tokenCreate),
	}},
	"/api/v2/tokens/{id}/": {tagTokens, map[string]operation{
		"GET":    readingRow[tokenJSON]("readToken", "Read a token"),
		"PUT":    changing[tokenJSON]("replaceToken", "Replace a token's description and scope", "Fields that are not sent go back to their defaults.", tokenChange),
		"PATCH":  changing[tokenJSON]("changeToken", "Change a token's description or scope", "", tokenChange),
		"DELETE": deleting("revokeToken", "Revoke a token", "Once this has answered, the token is not accepted any more."),
	}},
	"/api/v2/applications/{application}/tokens/": {tagTokens, map[string]operation{
		"GET":  listing[tokenJSON]("listApplicationTokens", "List an application's tokens", "", tokenModel),
		"POST": creating[tokenJSON]("createApplicationToken", "Create a token of the application", textOwner, ownTokenCreate),
	}},
	"/api/v2/users/{user}/tokens/": {tagTokens, map[string]operation{
		"GET":  listing[tokenJSON]("listUserTokens", "List a user's tokens", "", tokenModel),
		"POST": creating[tokenJSON]("createUserToken", "Create a token", textOwner, tokenCreate),
	}},
	"/api/v2/users/{user}/personal_tokens/": {tagTokens, map[string]operation{
		"GET":  listing[tokenJSON]("listPersonalTokens", "List your personal tokens", "Yours, whichever user the path names.", tokenModel),
		"POST": creating[tokenJSON]("createPersonalToken", "Create a personal token", textOwner, ownTokenCreate),
	}},
	"/api/v2/users/{user}/authorized_tokens/": {tagTokens, map[string]operation{
		"GET":  listing[tokenJSON]("listAuthorizedTokens", "List your tokens of applications", "Yours, whichever user the path names.", tokenModel),
		"POST": creating[tokenJSON]("createAuthorizedToken", "Create a token of an application", textOwner, authorizedTokenCreate),
	}},

	"/api/v2/me/": {tagUsers, map[string]operation{
		"GET": reading[page[userJSON]]("readMe", "Read your own account", "A list of one."),
	}},
	"/api/v2/users/": {tagUsers, map[string]operation{
		"GET":  listing[userJSON]("listUsers", "List users", "", userModel),
		"POST": creating[userJSON]("createUser", "Create a user", "For superusers.", userCreate),
	}},
	"/api/v2/users/{user}/": {tagUsers, map[string]operation{
		"GET":    readingRow[userJSON]("readUser", "Read a user"),
		"PUT":    changing[userJSON]("replaceUser", "Replace a user", "Fields that are not sent stay as they are.", userReplace),
		"PATCH":  changing[userJSON]("changeUser", "Change a user", "", userChange),
		"DELETE": deleting("deleteUser", "Delete a user", "All tokens of the user end. Nobody can delete the own account."),
	}},
	"/api/v2/users/{user}/organizations/": {tagUsers, map[string]operation{
		"GET": listing[organizationJSON]("listUserOrganizations", "List the organizations of which the user is a member", "", organizationModel),
	}},
	"/api/v2/users/{user}/admin_of_organizations/": {tagUsers, map[string]operation{
		"GET": listing[organizationJSON]("listAdministeredOrganizations", "List the organizations that the user administers", "", organizationModel),
	}},

	"/api/v2/organizations/": {tagOrganizations, map[string]operation{
		"GET":  listing[organizationJSON]("listOrganizations", "List organizations", "", organizationModel),
		"POST": creating[organizationJSON]("createOrganization", "Create an organization", "For superusers.", organizationCreate),
	}},
	"/api/v2/organizations/{organization}/": {tagOrganizations, map[string]operation{
		"GET":    readingRow[organizationJSON]("readOrganization", "Read an organization"),
		"PUT":    changing[organizationJSON]("replaceOrganization", "Replace an organization", "Fields that are not sent stay as they are.", organizationReplace),
		"PATCH":  changing[organizationJSON]("changeOrganization", "Change an organization", "", organizationChange),
		"DELETE": deleting("deleteOrganization", "Delete an organization", "Its applications and their tokens go with it."),
	}},
	"/api/v2/organizations/{organization}/users/":    holders("Members", "member"),
	"/api/v2/organizations/{organization}/admins/":   holders("Admins", "admin"),
	"/api/v2/organizations/{organization}/auditors/": holders("Auditors", "auditor"),

	"/api/v2/activity_stream/": {tagActivity, map[string]operation{
		"GET": listing[activityJSON]("listActivity", "List changes", "", activityModel),
	}},
	"/api/v2/activity_stream/{id}/": {tagActivity, map[string]operation{
		"GET": readingRow[activityJSON]("readActivity", "Read about a change"),
	}},
	"/api/v2/applications/{application}/activity_stream/": {tagActivity, map[string]operation{
		"GET": listing[activityJSON]("listApplicationActivity", "List what was done to an application", "", activityModel),
	}},
	"/api/v2/tokens/{id}/activity_stream/": {tagActivity, map[string]operation{
		"GET": listing[activityJSON]("listTokenActivity", "List what was done to a token", "", activityModel),
	}},
	"/api/v2/users/{user}/activity_stream/": {tagActivity, map[string]operation{
		"GET": listing[activityJSON]("listUserActivity", "List what was done to a user, and what that user did", "", activityModel),
	}},
	"/api/v2/organizations/{organization}/activity_stream/": {tagActivity, map[string]operation{
		"GET": listing[activityJSON]("listOrganizationActivity", "List what was done to an organization", "", activityModel),
	}},

	"/api/v2/settings/": {tagSettings, map[string]operation{
		"GET": reading[page[settingCategory]]("listSettingCategories", "List the categories of settings", ""),
	}},
	"/api/v2/settings/{slug}/": {tagSettings, map[string]operation{
		"GET":    settingsOperation("readSettings", "Read the settings of a category", "", nil),
		"PUT":    settingsOperation("replaceSettings", "Set all settings of a category", "Settings that are not sent go back to their defaults; some must be sent.", settingsSchema),
		"PATCH":  settingsOperation("changeSettings", "Change settings of a category", "Settings of other categories, and unknown ones, are ignored.", settingsSchema),
		"DELETE": deleting("resetSettings", "Set all settings of a category to their defaults", ""),
	}},
}

// holders describes the list of users who hold a role in an organization.
func holders(plural, one string) pathDescription {
	change := operation{
		id: "changeOrganization" + plural, summary: "Give the role of " + one + ", or take it",
		text: "With an id the user gets the role, or loses it if disassociate is there, too (204). Without an id the body is a new user, who gets the role (201).",
		body: holderChange, status: http.StatusNoContent, outcome: "The role was given or taken.",
		others: map[int]operation{http.StatusCreated: {outcome: "The user was made and has the role.", answer: typed[userJSON]()}},
	}
	return pathDescription{tagOrganizations, map[string]operation{
		"GET":  listing[userJSON]("listOrganization"+plural, "List the organization's "+one+"s", "", userModel),
		"POST": change,
	}}
}
