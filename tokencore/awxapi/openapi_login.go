package awxapi

import (
	"net/http"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
	"github.com/awxgate/awxgate/tokencore/session"
)

const (
	loginPath  = "/api/login/"
	logoutPath = "/api/logout/"
)

const formTokenText = "The value that the page's form has, or that of the cookie csrftoken. The header X-CSRFToken does, too."

// nobody and anySession say that no other credentials are looked at.
var (
	nobody     = []openapi.SecurityRequirement{}
	anySession = []openapi.SecurityRequirement{{"session": {}}, {}}
)

var loginDescription = pathDescription{tagLogin, map[string]operation{
	"GET": {
		id: "showLogin", summary: "Show the login page", text: "For browsers. It sets the cookie csrftoken.",
		parameters: queryParameters(openapi.Ordered[*openapi.Schema]{
			property(fieldNext, text(), "Where to go afterwards; a path of this server."),
		}),
		html: true, outcome: "The page.", security: nobody,
		refused: only(pageRefusals, http.StatusServiceUnavailable),
	},
	"POST": {
		id: "login", summary: "Begin a session", text: "The answer sets the session's cookie, and a new csrftoken.",
		body: formOf("LoginForm", []string{fieldUsername, fieldPassword},
			property(fieldUsername, text(), ""),
			property(fieldPassword, text(), ""),
			property(fieldNext, text(), "Where to go afterwards; a path of this server."),
			property(session.FormField, text(), formTokenText),
		),
		bodyType: typeForm, status: http.StatusFound, outcome: "Signed in.", security: nobody, refused: pageRefusals,
	},
}}

var logoutDescription = pathDescription{tagLogin, map[string]operation{
	"GET": {
		id: "followLogout", summary: "End the session", status: http.StatusFound, outcome: "Signed out.",
		security: anySession, refused: only(pageRefusals, http.StatusServiceUnavailable),
	},
	"POST": {
		id: "logout", summary: "End the session", status: http.StatusFound, outcome: "Signed out.",
		body:     formOf("LogoutForm", nil, property(session.FormField, text(), formTokenText)),
		bodyType: typeForm, security: anySession,
		refused: only(pageRefusals, http.StatusBadRequest, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable),
	},
}}
