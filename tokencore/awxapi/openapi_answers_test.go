package awxapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// example is a request that admin sends to a world where the ids of examplePath exist.
type example struct {
	body   string
	path   string // instead of examplePath
	status int
}

// examples are there for every operation of the REST API, by "METHOD path". Every GET
// has one more, which succeeds.
var examples = map[string][]example{
	"GET /api/v2/applications/": {{path: "/api/v2/applications/?nosuch=1", status: 400}, {path: "/api/v2/applications/?page=9", status: 404}},
	"POST /api/v2/applications/": {
		{body: newApp(`"organization": 2`), status: 201},
		{body: `{}`, status: 400},
		{body: `{`, status: 400},
		{body: `{"name": "B", "organization": 2, "client_type": "public", "authorization_grant_type": "authorization-code", "redirect_uris": "https://a.example/"}`, status: 201},
	},
	"GET /api/v2/applications/{application}/": {
		{path: "/api/v2/applications/2/", status: 200}, // public
		{path: "/api/v2/applications/999/", status: 404},
	},
	"PUT /api/v2/applications/{application}/":    {{body: `{"name": "B", "client_type": "public", "organization": 2}`, status: 200}, {body: `{}`, status: 400}},
	"PATCH /api/v2/applications/{application}/":  {{body: `{"description": "d"}`, status: 200}},
	"DELETE /api/v2/applications/{application}/": {{status: 204}},
	"POST /api/v2/organizations/{organization}/applications/": {
		{body: `{"name": "B", "client_type": "confidential", "authorization_grant_type": "password"}`, status: 201},
	},
	"POST /api/v2/users/{user}/applications/": {{body: newApp(`"organization": 2`), status: 201}},

	"POST /api/v2/tokens/": {
		{body: `{"description": "d", "application": null, "scope": "read"}`, status: 201},
		{body: `{"application": 1}`, status: 201},
		{body: `{"scope": "all"}`, status: 400},
	},
	"GET /api/v2/tokens/{id}/":                        {{path: "/api/v2/tokens/2/", status: 200}},
	"PUT /api/v2/tokens/{id}/":                        {{body: `{"scope": "read"}`, status: 200}},
	"PATCH /api/v2/tokens/{id}/":                      {{body: `{"description": "d"}`, status: 200}},
	"DELETE /api/v2/tokens/{id}/":                     {{status: 204}},
	"POST /api/v2/applications/{application}/tokens/": {{body: `{"scope": "read write"}`, status: 201}},
	"POST /api/v2/users/{user}/tokens/":               {{body: `{"application": 1}`, status: 201}},
	"POST /api/v2/users/{user}/personal_tokens/":      {{body: `{"description": "d"}`, status: 201}},
	"POST /api/v2/users/{user}/authorized_tokens/":    {{body: `{"application": 1}`, status: 201}, {body: `{}`, status: 400}},

	"POST /api/v2/users/": {
		{body: `{"username": "bob", "password": "secret", "email": "bob@example.com", "is_superuser": true}`, status: 201},
		{body: `{}`, status: 400},
	},
	"PUT /api/v2/users/{user}/":                        {{body: `{"username": "alice2"}`, status: 200}, {body: `{}`, status: 400}},
	"PATCH /api/v2/users/{user}/":                      {{body: `{"first_name": "A"}`, status: 200}},
	"DELETE /api/v2/users/{user}/":                     {{status: 204}},
	"GET /api/v2/users/{user}/organizations/":          {{path: "/api/v2/users/4/organizations/", status: 200}},
	"GET /api/v2/users/{user}/admin_of_organizations/": {{path: "/api/v2/users/3/admin_of_organizations/", status: 200}},

	"POST /api/v2/organizations/":                  {{body: `{"name": "new", "description": "d", "max_hosts": 5}`, status: 201}, {body: `{}`, status: 400}},
	"PUT /api/v2/organizations/{organization}/":    {{body: `{"name": "new"}`, status: 200}, {body: `{}`, status: 400}},
	"PATCH /api/v2/organizations/{organization}/":  {{body: `{"description": "d"}`, status: 200}},
	"DELETE /api/v2/organizations/{organization}/": {{status: 204}},
	"POST /api/v2/organizations/{organization}/users/": {
		{body: `{"id": 6}`, status: 204},
		{body: `{"id": 4, "disassociate": true}`, status: 204},
		{body: `{"username": "bob", "password": "secret"}`, status: 201},
	},
	"POST /api/v2/organizations/{organization}/admins/":   {{body: `{"id": 6}`, status: 204}},
	"POST /api/v2/organizations/{organization}/auditors/": {{body: `{"id": 6}`, status: 204}},

	"GET /api/v2/settings/{slug}/": {
		{path: "/api/v2/settings/all/", status: 200},
		{path: "/api/v2/settings/nosuch/", status: 404},
	},
	"PUT /api/v2/settings/{slug}/": {{
		body:   `{"SESSION_COOKIE_AGE": 900, "SESSIONS_PER_USER": 5, "DISABLE_LOCAL_AUTH": false, "AUTH_BASIC_ENABLED": true}`,
		status: 200,
	}, {body: `{}`, status: 400}},
	"PATCH /api/v2/settings/{slug}/": {
		{body: `{"OAUTH2_PROVIDER": {"ACCESS_TOKEN_EXPIRE_SECONDS": 500}}`, status: 200},
		{body: `{"OAUTH2_PROVIDER": {"ACCESS_TOKEN_EXPIRE_SECONDS": 0}}`, status: 400},
	},
	"DELETE /api/v2/settings/{slug}/": {{status: 204}},

	"GET /api/v2/activity_stream/":              {{path: "/api/v2/activity_stream/?page_size=200", status: 200}},
	"GET /api/v2/users/{user}/activity_stream/": {{path: "/api/v2/users/1/activity_stream/", status: 200}},
}

// describedWorld has one of everything that an answer may show.
func describedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.application(t, "confidential", orgA)
	codeApplication(t, w)
	w.token(t, admin, 1, "write")
	w.token(t, alice, 0, "read")
	for _, step := range []struct{ method, path, body string }{
		{"PATCH", "/api/v2/users/6/", `{"last_name": "Changed"}`},
		{"PATCH", "/api/v2/settings/system/", `{"TOWER_URL_BASE": "https://changed.example"}`},
		{"DELETE", "/api/v2/settings/system/", ``},
		{"POST", "/api/v2/organizations/2/users/", `{"id": 6}`},
		{"POST", "/api/v2/applications/", newApp(`"organization": 2`)},
		{"DELETE", "/api/v2/applications/3/", ``},
	} {
		if got := w.call(t, "admin", step.method, step.path, step.body); got.Code >= http.StatusBadRequest {
			t.Fatalf("%s %s: got %d %s", step.method, step.path, got.Code, got.Body)
		}
	}
	return w
}

// strictDocument forbids in every object what it does not describe.
func strictDocument(t *testing.T, raw []byte) (text []byte, doc map[string]any) {
	t.Helper()
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	forbidOthers(doc["components"])
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text, doc
}

func forbidOthers(value any) {
	switch value := value.(type) {
	case map[string]any:
		if _, described := value["properties"].(map[string]any); described && value["additionalProperties"] == nil {
			value["additionalProperties"] = false
		}
		for _, inner := range value {
			forbidOthers(inner)
		}
	case []any:
		for _, inner := range value {
			forbidOthers(inner)
		}
	}
}

// at follows a path of keys, and the reference at its end.
func at(doc map[string]any, keys ...string) (pointer string, found map[string]any) {
	found = doc
	escaped := []string{""}
	for _, key := range keys {
		found, _ = found[key].(map[string]any)
		escaped = append(escaped, strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
	}
	pointer = strings.Join(escaped, "/")
	if ref, isRef := found["$ref"].(string); isRef && strings.HasPrefix(ref, "#/components/responses/") {
		return at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return pointer, found
}

// What the handlers answer is what is described: every status, and in every body every
// member, none missing, none too many, each of its type.
func TestSchema_DescribesWhatIsAnswered(t *testing.T) {
	strict, doc := strictDocument(t, schemaOf(t, newWorld(t)))
	validator := validatorOf(t, strict)
	for operation := range readDocument(t, newWorld(t)).operations(t) {
		method, path, _ := strings.Cut(operation, " ")
		if strings.HasPrefix(path, "/api/o/") && path != "/api/o/" || strings.HasPrefix(path, "/api/log") {
			continue // TestSchema_DescribesOAuth, TestSchema_DescribesWhatAWXAnswered
		}
		requests := examples[operation]
		if method == "GET" {
			requests = append(slices.Clip(requests), example{status: http.StatusOK})
		}
		if len(requests) == 0 {
			t.Errorf("%s has no example", operation)
		}
		for _, example := range requests {
			t.Run(fmt.Sprintf("%s %d", operation, example.status), func(t *testing.T) {
				if example.path == "" {
					example.path = examplePath(path)
				}
				w := describedWorld(t)
				if example.body != "" && example.status < 300 {
					pointer, _ := at(doc, "paths", path, strings.ToLower(method), "requestBody", "content", "application/json", "schema")
					if err := validator.ValidateDataAsJSON(pointer, example.body); err != nil {
						t.Errorf("the example is not what is described: %v", err)
					}
				}
				got := w.call(t, "admin", method, example.path, example.body)
				if got.Code != example.status {
					t.Fatalf("got %d %s", got.Code, got.Body)
				}
				pointer, response := at(doc, "paths", path, strings.ToLower(method), "responses", strconv.Itoa(example.status))
				content, _ := response["content"].(map[string]any)
				switch {
				case response == nil:
					t.Errorf("status %d is not described", example.status)
				case content == nil && got.Body.Len() > 0:
					t.Errorf("a body is not described: %s", got.Body)
				case content != nil:
					if err := validator.ValidateDataAsJSON(pointer+"/content/application~1json/schema", got.Body.String()); err != nil {
						t.Errorf("%v\n%s", err, got.Body)
					}
				}
			})
		}
	}
}

// A new object without anything shows which fields it needs.
func TestSchema_RequiresWhatTheHandlersRequire(t *testing.T) {
	_, doc := strictDocument(t, schemaOf(t, newWorld(t)))
	for operation, list := range examples {
		method, path, _ := strings.Cut(operation, " ")
		for _, example := range list {
			if example.body != "{}" {
				continue
			}
			var refused map[string]json.RawMessage
			if err := json.Unmarshal(describedWorld(t).call(t, "admin", method, examplePath(path), "{}").Body.Bytes(), &refused); err != nil {
				t.Fatal(err)
			}
			_, schema := at(doc, "paths", path, strings.ToLower(method), "requestBody", "content", "application/json", "schema")
			ref, _ := schema["$ref"].(string)
			_, schema = at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
			required, _ := schema["required"].([]any)
			if path == "/api/v2/settings/{slug}/" {
				continue // what is required differs between categories
			}
			for _, name := range required {
				if _, is := refused[name.(string)]; !is {
					t.Errorf("%s: %s is not required", operation, name)
				}
			}
			if len(required) != len(refused) {
				t.Errorf("%s: requires %v, described as %v", operation, refused, required)
			}
		}
	}
}
