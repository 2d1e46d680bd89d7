package awxapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
)

// snapshot is everything that a request could have changed.
type snapshot struct {
	Applications  []tokencore.Application
	Tokens        []tokencore.Token
	Users         []tokencore.User
	Organizations []tokencore.Organization
	Activities    []tokencore.Activity
	Settings      map[string]json.RawMessage
	Roles         []tokencore.Roles
}

func (w *world) snapshot(t *testing.T) (s snapshot) {
	t.Helper()
	ctx := t.Context()
	w.change(t, func(tx tokencore.Tx) (err error) {
		var errs [6]error
		s.Applications, _, errs[0] = tx.Applications(ctx, tokencore.Query{})
		s.Tokens, _, errs[1] = tx.Tokens(ctx, tokencore.Query{})
		s.Users, _, errs[2] = tx.Users(ctx, tokencore.Query{})
		s.Organizations, _, errs[3] = tx.Organizations(ctx, tokencore.Query{})
		s.Activities, _, errs[4] = tx.Activities(ctx, tokencore.Query{})
		s.Settings, errs[5] = tx.StoredSettings(ctx)
		for _, u := range s.Users {
			roles, rolesErr := tx.Roles(ctx, u.ID)
			s.Roles, err = append(s.Roles, roles), errors.Join(err, rolesErr)
		}
		return errors.Join(append(errs[:], err)...)
	})
	return s
}

// writingWorld is a world with one of everything, and all that can be written to in it.
func writingWorld(t *testing.T) (*world, []awxapi.Endpoint) {
	t.Helper()
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	token := w.token(t, admin, app.ID, "write")
	var endpoints []awxapi.Endpoint
	for _, slug := range []string{"all", "authentication", "system"} {
		for _, e := range w.api.WritingEndpoints(map[string]string{
			"{application}": itoa(app.ID), "{user}": itoa(alice), "{organization}": itoa(orgA), "{slug}": slug, "{id}": itoa(token.Token.ID),
		}) {
			if !slices.Contains(endpoints, e) {
				endpoints = append(endpoints, e)
			}
		}
	}
	if len(endpoints) < 25 {
		t.Fatalf("only %d endpoints", len(endpoints))
	}
	return w, endpoints
}

// unchanged fails if the request that was refused did something all the same.
func (w *world) unchanged(t *testing.T, what string, before snapshot) {
	t.Helper()
	if diff := cmp.Diff(before, w.snapshot(t)); diff != "" {
		t.Fatalf("%s was refused, and half-done:\n%s", what, diff)
	}
}

// A4: what is no JSON object is refused in AWX's form by everything that writes.
func TestHardening_BrokenBodiesAreRefusedEverywhere(t *testing.T) {
	w, endpoints := writingWorld(t)
	bodies := []struct {
		name, contentType, body string
		want                    int
	}{
		{"a form", "application/x-www-form-urlencoded", "description=a", 415},
		{"text", "text/plain", `{"description":"a"}`, 415},
		{"nothing said about the type", "", `{"description":"a"}`, 415},
		{"half an object", "application/json", `{"description":`, 400},
		{"a trailing comma", "application/json", `{"description":"a",}`, 400},
		{"two objects", "application/json", `{}{}`, 400},
		{"an array", "application/json", `[{}]`, 400},
		{"a text", "application/json", `"description"`, 400},
		{"a number", "application/json", `1`, 400},
		{"deep nesting", "application/json", strings.Repeat(`{"description":`, 10_000), 400},
		{"deep arrays", "application/json", `{"description":` + strings.Repeat(`[`, 10_000), 400},
		{"deep and whole", "application/json", `{"x":` + strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000) + `}`, 400},
		{"invalid UTF-8", "application/json", "{\"description\":\"\xff\"}", 400},
		{"NUL outside of a text", "application/json", "{\"description\":\x00\"a\"}", 400},
		{"a control character in a text", "application/json", "{\"description\":\"a\x01\"}", 400},
		{"larger than the limit", "application/json", `{"description":"` + strings.Repeat("a", 1<<20) + `"}`, 413},
		{"larger than the limit by its spaces", "application/json", strings.Repeat(" ", 1<<20+1) + `{}`, 413},
	}
	before := w.snapshot(t)
	for _, e := range endpoints {
		for _, b := range bodies {
			r := httptest.NewRequestWithContext(t.Context(), e.Method, e.Path, strings.NewReader(b.body))
			r.SetBasicAuth("admin", password)
			if b.contentType != "" {
				r.Header.Set("Content-Type", b.contentType)
			}
			got := w.serve(r)
			var problem struct{ Detail string }
			if err := json.Unmarshal(got.Body.Bytes(), &problem); got.Code != b.want || err != nil || problem.Detail == "" {
				t.Errorf("%s %s with %s: got %d %.200s", e.Method, e.Path, b.name, got.Code, got.Body)
			}
		}
	}
	w.unchanged(t, "a broken body", before)
}

// Every field that anything can be told, with every value that it is not made for: an
// error of AWX's form or a success, never a failure, and an error changes nothing.
func TestHardening_WrongTypesAreRefusedEverywhere(t *testing.T) {
	w, endpoints := writingWorld(t)
	values := []string{
		`[]`, `{}`, `[1]`, `{"a":[{}]}`, `[[[[1]]]]`, `true`, `null`, `1e999999`, `-0`, `1.5`, strings.Repeat("9", 400), `"\u0000"`,
		`"\ud800"`, `"` + strings.Repeat("é", 2000) + `"`, `""`, `"` + "\u202e" + `"`, `9223372036854775808`, `-9223372036854775809`,
	}
	before := w.snapshot(t)
	for _, e := range endpoints {
		for _, field := range w.fields(t, e) {
			for _, value := range values {
				body := fmt.Sprintf(`{%q:%s}`, field, value)
				got := w.call(t, "admin", e.Method, e.Path, body)
				switch {
				case got.Code < http.StatusMultipleChoices:
					w, before = w.again(t)
				case got.Code == http.StatusBadRequest || got.Code == http.StatusForbidden || got.Code == http.StatusNotFound:
					if !json.Valid(got.Body.Bytes()) {
						t.Errorf("%s %s %.80s: got %d %.200s", e.Method, e.Path, body, got.Code, got.Body)
					}
					w.unchanged(t, fmt.Sprintf("%s %s %.80s", e.Method, e.Path, body), before)
				default:
					t.Errorf("%s %s %.80s: got %d %.200s", e.Method, e.Path, body, got.Code, got.Body)
				}
			}
		}
	}
}

// again starts afresh after something was accepted.
func (w *world) again(t *testing.T) (*world, snapshot) {
	t.Helper()
	w, _ = writingWorld(t)
	return w, w.snapshot(t)
}

// fields are those of the endpoint's own description, and what attaches a user.
func (w *world) fields(t *testing.T, e awxapi.Endpoint) []string {
	t.Helper()
	var about struct {
		Actions map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(w.call(t, "admin", http.MethodOptions, e.Path, "").Body.Bytes(), &about); err != nil {
		t.Fatalf("OPTIONS %s: %v", e.Path, err)
	}
	fields := []string{"id", "disassociate", "password"}
	for method, described := range about.Actions {
		if method == http.MethodGet {
			continue
		}
		for field := range described {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// Keys match in exact case only, unknown ones are ignored, of duplicates the last counts.
func TestHardening_KeysAreMatchedExactly(t *testing.T) {
	w, _ := writingWorld(t)
	for _, test := range []struct{ path, body, want string }{
		{"/api/v2/applications/1/", `{"NAME":"x","Name":"x","ɴame":"x","nosuch":{},"description":"first","description":"last"}`, `"name":"A","description":"last"`},
		{"/api/v2/tokens/1/", `{"SCOPE":"read","ſcope":"read","description":"first","description":"last"}`, `"description":"last"`},
		{"/api/v2/users/6/", `{"IS_SUPERUSER":true,"Username":"x","first_name":"first","first_name":"last"}`, `"username":"alice","first_name":"last"`},
		{"/api/v2/organizations/2/", `{"Name":"x","description":"first","description":"last"}`, `"name":"orgA","description":"last"`},
		{"/api/v2/settings/all/", `{"auth_basic_enabled":false,"SESSIONS_PER_USER":1,"SESSIONS_PER_USER":2}`, `"SESSIONS_PER_USER":2,`},
	} {
		got := w.call(t, "admin", http.MethodPatch, test.path, test.body)
		if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), test.want) {
			t.Errorf("%s: got %d %s, want %s in it", test.path, got.Code, got.Body, test.want)
		}
	}
}

// The endpoints that take forms never fail for what they are sent either.
func TestHardening_BrokenFormsAreRefused(t *testing.T) {
	w := newInstallation(t, storesUnderTest["memory"](t))
	const form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
	before := w.snapshot(t)
	for _, path := range w.api.FormEndpoints() {
		for _, b := range []struct{ contentType, body string }{
			{form, "%zz=%"},
			{form, "\xff\xfe=\x00"},
			{form, "grant_type=password&username=%00&password=%00"},
			{form, "grant_type=refresh_token&refresh_token=" + strings.Repeat("a", 100_000)},
			{form, strings.Repeat("a=b&", 100_000)},
			{form, strings.Repeat("a", 20<<20)},
			{multipart, "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\npass"},
			{multipart, strings.Repeat("--b\r\n", 10_000)},
			{"multipart/form-data", "--b--"},
			{"application/json", strings.Repeat(`{"a":`, 10_000)},
			{"no/such; type=", "x"},
		} {
			for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodGet} {
				r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(b.body))
				r.Header.Set("Content-Type", b.contentType)
				if got := w.serve(r); got.Code >= http.StatusInternalServerError {
					t.Errorf("%s %s with %.40q: got %d %.200s", method, path, b.body, got.Code, got.Body)
				}
			}
		}
	}
	w.unchanged(t, "a broken form", before)
}
