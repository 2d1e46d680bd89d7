package awxapi

import (
	"net/http"
	"slices"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
	"github.com/awxgate/awxgate/tokencore/session"
)

// The OAuth 2 endpoints.
const (
	authorizePath = "/api/o/authorize/"
	tokenPath     = "/api/o/token/"
	revokePath    = "/api/o/revoke_token/"
)

// grantAnswer and grantError are the bodies of RFC 6749, sections 5.1 and 5.2.
// Package oauth writes them.
type grantAnswer struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int64  `json:"expires_in"`
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token"`
}

type grantError struct {
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description,omitempty"`
}

// asClient is how an application shows that it is one. A public one has nothing to
// show, and sends its client_id.
var asClient = []openapi.SecurityRequirement{{"client": {}}, {}}

var tokenDescription = pathDescription{tagOAuth, map[string]operation{"POST": {
	id: "grantToken", summary: "Exchange a password, code or refresh token for an access token",
	text: "grant_type is password, authorization_code or refresh_token. " +
		"A refresh token works once; presenting it again ends the whole grant. Parameters in the query string are refused.",
	body: formOf("GrantRequest", []string{"grant_type"},
		property("grant_type", oneOfWords("password", "authorization_code", "refresh_token"), "Which exchange this is."),
		property("client_id", text(), "The application, unless it authenticates with HTTP Basic."),
		property("client_secret", text(), "Of a confidential application, unless it authenticates with HTTP Basic."),
		property("username", text(), "For the password grant."),
		property("password", text(), "For the password grant."),
		property("code", text(), "For the authorization_code grant."),
		property("redirect_uri", text(), "For the authorization_code grant: the one that the code was sent to."),
		property("code_verifier", text(), "For the authorization_code grant, if there was a code_challenge (RFC 7636)."),
		property("refresh_token", text(), "For the refresh_token grant."),
		property("scope", text(), "Words read and write. Not sent, it is all of them, or those of the refreshed token."),
	),
	bodyType: typeForm, answer: typed[grantAnswer](), outcome: "The new tokens. expires_in does not fit 32 bits.",
	security: asClient,
	refused:  oauthRefusals,
}}}

var revokeDescription = pathDescription{tagOAuth, map[string]operation{"POST": {
	id: "revokeOwnToken", summary: "Revoke a token of the application",
	text: "An access or a refresh token. What does not exist, or is another application's, is answered alike.",
	body: formOf("RevocationRequest", []string{"token"},
		property("token", text(), "The token."),
		property("token_type_hint", text(), "Not needed."),
		property("client_id", text(), "The application, unless it authenticates with HTTP Basic."),
		property("client_secret", text(), "Of a confidential application, unless it authenticates with HTTP Basic."),
	),
	bodyType: typeForm, outcome: "The token is not accepted any more.",
	security: asClient,
	refused:  only(oauthRefusals, http.StatusBadRequest, http.StatusUnauthorized, http.StatusServiceUnavailable),
}}}

// authorizeParameters are those of RFC 6749, section 4.1.1, and RFC 7636, section 4.3.
var authorizeParameters = openapi.Ordered[*openapi.Schema]{
	property("client_id", text(), "The application."),
	property("response_type", oneOfWords("code"), "Always code."),
	property("redirect_uri", text(), "Where the code goes: one of the application's. May be left out if it has only one."),
	property("scope", text(), "Words read and write; both if not sent."),
	property("state", text(), "Comes back with the code."),
	property("code_challenge", text(), "Needed by public applications."),
	property("code_challenge_method", oneOfWords("S256"), "How the challenge was made."),
}

var authorizeDescription = pathDescription{tagOAuth, map[string]operation{
	"GET": {
		id: "showConsent", summary: "Ask a user to authorize an application", text: "For browsers. The page says what the application will be able to do.",
		parameters: queryParameters(authorizeParameters, "client_id", "response_type"),
		html:       true, outcome: "The page.", security: anySession,
		others: map[int]operation{http.StatusFound: {
			outcome: "To the login if nobody is signed in; to the application if it skips the question, or is told an error.",
		}},
		refused: only(pageRefusals, http.StatusBadRequest, http.StatusServiceUnavailable),
	},
	"POST": {
		id: "decideConsent", summary: "Answer the question", text: "The form of the page.",
		body: formOf("ConsentForm", []string{"client_id", "response_type", "redirect_uri", "scope"}, append(slices.Clip(authorizeParameters),
			property("allow", text(), "Not empty: yes."),
			property(session.FormField, text(), formTokenText),
		)...),
		bodyType: typeForm, status: http.StatusFound, outcome: "To the application, with a code or an error.",
		others:   map[int]operation{http.StatusOK: {outcome: "The form lacks something.", html: true}},
		security: anySession,
		refused:  only(pageRefusals, http.StatusBadRequest, http.StatusForbidden, http.StatusServiceUnavailable),
	},
}}
