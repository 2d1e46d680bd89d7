package awxapi

import (
	"net/http"
	"slices"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

// refusal is an answer that many operations have in common.
type refusal struct {
	name, text string
	body       []schemaOf // any of them; none: no JSON
	header     string     // that comes with it
	html       bool
}

// refusals are by status; the OAuth 2 endpoints, and the pages for people, have
// tables of their own.
var (
	errorBody = []schemaOf{typed[message]()}
	refusals  = map[int]refusal{
		http.StatusBadRequest: {
			name: "BadRequest", text: "The body, or a parameter, is not acceptable: a sentence, or lists of sentences by field.",
			body: []schemaOf{typed[message](), typed[fieldErrors]()},
		},
		http.StatusUnauthorized: {
			name: "Unauthorized", text: "No credentials, or none that are good. The text does not say which.",
			body: errorBody, header: "WWW-Authenticate",
		},
		http.StatusForbidden: {
			name: "Forbidden", text: "The token's scope does not cover the method, or the user may not do this.", body: errorBody,
		},
		http.StatusNotFound:              {name: "NotFound", text: "There is no such object, or no such page of the list.", body: errorBody},
		http.StatusRequestEntityTooLarge: {name: "TooLarge", text: "The body is larger than a megabyte.", body: errorBody},
		http.StatusUnsupportedMediaType:  {name: "UnsupportedMediaType", text: "The body is not application/json.", body: errorBody},
		http.StatusServiceUnavailable: {
			name: "Unavailable", text: "The store or the directory did not answer. Nothing is known about the request; try again.",
			body: errorBody, header: "Retry-After",
		},
	}
	oauthRefusals = map[int]refusal{
		http.StatusBadRequest: {
			name: "OAuthBadRequest", text: "The error of RFC 6749, section 5.2.", body: []schemaOf{typed[grantError]()},
		},
		http.StatusUnauthorized: {
			name: "OAuthUnauthorized", text: "The client did not authenticate.",
			body: []schemaOf{typed[grantError]()}, header: "WWW-Authenticate",
		},
		http.StatusForbidden: {
			name: "OAuthForbidden", html: true,
			text: "The refresh token has expired, or the user belongs to an external authentication provider; the body is a sentence.",
		},
		http.StatusServiceUnavailable: {
			name: "OAuthUnavailable", text: "The store or the directory did not answer. Try again.",
			body: []schemaOf{typed[grantError]()}, header: "Retry-After",
		},
	}
	pageRefusals = map[int]refusal{
		http.StatusBadRequest:            {name: "PageBadRequest", text: "A page that says what is wrong with the request.", html: true},
		http.StatusUnauthorized:          {name: "PageUnauthorized", text: "The login page again: wrong username or password.", html: true},
		http.StatusForbidden:             {name: "PageForbidden", text: "The form did not come from a page or a client of this service.", html: true},
		http.StatusRequestEntityTooLarge: {name: "PageTooLarge", text: "The form is too large.", html: true},
		http.StatusServiceUnavailable: {
			name: "PageUnavailable", text: "The store or the directory did not answer. Try again.", html: true, header: "Retry-After",
		},
	}
)

// only picks some refusals of a table.
func only(table map[int]refusal, statuses ...int) map[int]refusal {
	some := map[int]refusal{}
	for _, status := range statuses {
		some[status] = table[status]
	}
	return some
}

// refusals returns what an operation answers instead of success. It follows from
// where the pipeline stops.
func (o operation) refusals(rt *route, method string) map[int]refusal {
	if rt.raw != nil {
		return o.refused
	}
	var statuses []int
	writes := method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
	if writes {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	} else if o.filtered {
		statuses = append(statuses, http.StatusBadRequest)
	}
	if rt.access == 0 {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden)
	}
	if rt.access != unauthenticated {
		statuses = append(statuses, http.StatusServiceUnavailable)
	}
	if o.model != nil || slices.ContainsFunc(rt.segments, isCapture) {
		statuses = append(statuses, http.StatusNotFound)
	}
	return only(refusals, statuses...)
}

func isCapture(segment string) bool {
	_, capture := captures[segment]
	return capture
}

// refusal returns a reference to the answer.
func (d *describer) refusal(what refusal) *openapi.Response {
	if d.responses[what.name] == nil {
		d.responses[what.name] = d.refusalResponse(what)
	}
	return &openapi.Response{Ref: "#/components/responses/" + what.name}
}

func (d *describer) refusalResponse(what refusal) *openapi.Response {
	response := &openapi.Response{Description: what.text, Content: map[string]openapi.MediaType{}}
	if what.header != "" {
		response.Headers = map[string]*openapi.Header{what.header: {Ref: "#/components/headers/" + what.header}}
	}
	bodies := make([]*openapi.Schema, len(what.body))
	for i, body := range what.body {
		bodies[i] = body(&d.schemas)
	}
	switch {
	case len(bodies) == 1:
		response.Content[typeJSON] = openapi.MediaType{Schema: bodies[0]}
	case len(bodies) > 1:
		response.Content[typeJSON] = openapi.MediaType{Schema: &openapi.Schema{AnyOf: bodies}}
	}
	if what.html {
		response.Content[typeHTML] = openapi.MediaType{Schema: &openapi.Schema{Type: openapi.Types{"string"}}}
	}
	return response
}

// sharedHeaders are the headers that carry more than formalities.
var sharedHeaders = map[string]*openapi.Header{
	"Location":         {Description: "Where to go on, or what was created; a path of this server unless it is an application's redirect URI.", Schema: text()},
	"Retry-After":      {Description: "Seconds.", Schema: &openapi.Schema{Type: openapi.Types{"integer"}}},
	"WWW-Authenticate": {Description: "A challenge for bearer tokens.", Schema: text()},
}
