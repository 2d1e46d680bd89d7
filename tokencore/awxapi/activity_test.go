package awxapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
)

const activityStream = "/api/v2/activity_stream/"

// lastActivity returns the newest entry as the administrator sees it, without its id and time.
func (w *world) lastActivity(t *testing.T) string {
	t.Helper()
	got := w.call(t, "admin", "GET", activityStream+"?order_by=-id&page_size=1", "")
	var body struct{ Results []json.RawMessage }
	if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || len(body.Results) != 1 {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	_, rest, _ := strings.Cut(string(body.Results[0]), `"related":`)
	before, after, _ := strings.Cut(rest, `"timestamp":`)
	_, after, _ = strings.Cut(after, `,`)
	return `{"related":` + before + after
}

func TestActivity_ShapeOfEntries(t *testing.T) {
	const end = `"object2":"","object_association":"","action_node":"awx-1","object_type":""}`
	w := newWorld(t)
	app := w.application(t, "app", orgA)
	for _, step := range []struct {
		name               string
		as                 string
		method, path, body string
		want               string
	}{
		{
			"a role that is given", "admin", "POST", "/api/v2/organizations/2/users/", `{"id":6}`,
			`{"related":{"actor":"/api/v2/users/1/","organization":["/api/v2/organizations/2/"],"user":["/api/v2/users/6/"],"role":["/api/v2/roles/24/"]},` +
				`"summary_fields":{"organization":[{"id":2,"name":"orgA","description":"orgA desc"}],` +
				`"user":[{"id":6,"username":"alice","first_name":"Alice","last_name":"L"}],"role":[{"id":24,"role_field":"member_role"}],` +
				`"actor":{"id":1,"username":"admin","first_name":"","last_name":""}},"operation":"associate",` +
				`"changes":{"object1":"organization","object1_pk":2,"object2":"user","object2_pk":6,"action":"associate","relationship":"awx.main.models.rbac.Role_members"},` +
				`"object1":"organization","object2":"user","object_association":"role","action_node":"awx-1","object_type":"organization"}`,
		},
		{
			"a token", "alice", "POST", "/api/v2/tokens/", `{"application":` + itoa(app.ID) + `}`,
			`{"related":{"actor":"/api/v2/users/6/","o_auth2_access_token":["/api/v2/tokens/1/"]},` +
				`"summary_fields":{"o_auth2_access_token":[{"id":1,"user_id":6,"description":"","application_id":1,"scope":"write"}],` +
				`"actor":{"id":6,"username":"alice","first_name":"Alice","last_name":"L"}},"operation":"create",` +
				`"changes":{"description":"","application":"app","scope":"write","id":1,"token":"************"},"object1":"o_auth2_access_token",` + end,
		},
		{
			"a deleted token leaves no link", "alice", "DELETE", "/api/v2/tokens/1/", ``,
			`{"related":{"actor":"/api/v2/users/6/"},"summary_fields":{"actor":{"id":6,"username":"alice","first_name":"Alice","last_name":"L"}},` +
				`"operation":"delete","changes":{"description":"","application":"app","scope":"write","id":1,"token":"************"},` +
				`"object1":"o_auth2_access_token",` + end,
		},
		{
			"a setting", "admin", "PATCH", authenticationSettings, `{"LOGIN_REDIRECT_OVERRIDE":"/sso"}`,
			`{"related":{"actor":"/api/v2/users/1/","setting":"/api/v2/settings/authentication/"},` +
				`"summary_fields":{"actor":{"id":1,"username":"admin","first_name":"","last_name":""},"setting":[{"name":"LOGIN_REDIRECT_OVERRIDE","category":"authentication"}]},` +
				`"operation":"create","changes":{"value":"/sso","id":35},"object1":"setting",` + end,
		},
		{
			"a setting that is reset", "admin", "DELETE", authenticationSettings, ``,
			`{"related":{"actor":"/api/v2/users/1/"},"summary_fields":{"actor":{"id":1,"username":"admin","first_name":"","last_name":""}},` +
				`"operation":"delete","changes":{"value":"/sso","id":35},"object1":"setting",` + end,
		},
	} {
		if got := w.call(t, step.as, step.method, step.path, step.body); got.Code >= http.StatusBadRequest {
			t.Fatalf("%s: got %d %s", step.name, got.Code, got.Body)
		}
		if diff := cmp.Diff(step.want, w.lastActivity(t)); diff != "" {
			t.Errorf("%s\n%s", step.name, diff)
		}
	}
}

func TestActivity_ADeletedActorKeepsTheName(t *testing.T) {
	w := newWorld(t)
	w.call(t, "orgadmin", "POST", "/api/v2/tokens/", `{}`)
	if got := w.call(t, "admin", "DELETE", "/api/v2/users/3/", ""); got.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	got := w.call(t, "admin", "GET", activityStream+"?object1=o_auth2_access_token&operation=create", "").Body.String()
	const want = `"related":{},"summary_fields":{"actor":{"id":null,"username":"orgadmin","last_name":"L","first_name":"Orgadmin"}}`
	if !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestActivity_WhatIsAsked(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app", orgA)
	w.application(t, "other", orgB)
	for _, path := range []string{"/api/v2/tokens/", "/api/v2/applications/" + itoa(app.ID) + "/tokens/"} {
		if got := w.call(t, "orgmember", "POST", path, `{"description":"marked"}`); got.Code != http.StatusCreated {
			t.Fatalf("got %d %s", got.Code, got.Body)
		}
	}
	w.call(t, "admin", "PATCH", systemSettings, `{"TOWER_URL_BASE":"https://x"}`)
	w.call(t, "admin", "POST", "/api/v2/organizations/2/admins/", `{"id":6}`)
	for name, test := range map[string]struct {
		path   string
		status int
		want   string // part of the answer
	}{
		"everything":                       {activityStream, 200, `{"count":6,`},
		"of an application":                {"/api/v2/applications/1/activity_stream/", 200, `{"count":1,`},
		"of a named application":           {"/api/v2/applications/app++orgA/activity_stream/", 200, `{"count":1,`},
		"of no application":                {"/api/v2/applications/99/activity_stream/", 404, `{"detail":"No OAuth2Application matches the given query."}`},
		"of a token":                       {"/api/v2/tokens/1/activity_stream/", 200, `{"count":1,`},
		"of no token":                      {"/api/v2/tokens/99/activity_stream/", 404, `{"detail":"No OAuth2AccessToken matches the given query."}`},
		"of a user: by it":                 {"/api/v2/users/4/activity_stream/", 200, `{"count":2,`},
		"of a user: about it":              {"/api/v2/users/alice/activity_stream/", 200, `{"count":1,`},
		"of no user":                       {"/api/v2/users/99/activity_stream/", 404, `{"detail":"No User matches the given query."}`},
		"of an organization":               {"/api/v2/organizations/orgA/activity_stream/", 200, `{"count":1,`},
		"of no organization":               {"/api/v2/organizations/99/activity_stream/", 404, `{"detail":"No Organization matches the given query."}`},
		"one entry":                        {activityStream + "1/", 200, `{"id":1,"type":"activity_stream","url":"/api/v2/activity_stream/1/",`},
		"no entry":                         {activityStream + "99/", 404, `{"detail":"No ActivityStream matches the given query."}`},
		"one entry, filtered away":         {activityStream + "1/?operation=delete", 404, `{"detail":"No ActivityStream matches the given query."}`},
		"by actor":                         {activityStream + "?actor=4", 200, `{"count":2,`},
		"by the actor's name":              {activityStream + "?actor__username=orgmember", 200, `{"count":2,`},
		"by nobody":                        {activityStream + "?actor__isnull=true", 200, `{"count":2,`},
		"by object":                        {activityStream + "?object1=setting", 200, `{"count":1,`},
		"by second object":                 {activityStream + "?object2=user&operation=associate", 200, `{"count":1,`},
		"by either object, as AWX's UI":    {activityStream + "?or__object1__in=user&or__object2__in=user", 200, `{"count":1,`},
		"by setting":                       {activityStream + "?setting__icontains=url_base", 200, `{"count":1,`},
		"by application":                   {activityStream + "?o_auth2_application__id=1", 200, `{"count":1,`},
		"by any application":               {activityStream + "?o_auth2_application__isnull=false", 200, `{"count":2,`},
		"by the application's name":        {activityStream + "?o_auth2_application__name=other", 200, `{"count":1,`},
		"by token":                         {activityStream + "?o_auth2_access_token__id=2", 200, `{"count":1,`},
		"by user":                          {activityStream + "?user=6", 200, `{"count":1,`},
		"by organization":                  {activityStream + "?organization__name=orgA", 200, `{"count":1,`},
		"by node":                          {activityStream + "?action_node=awx-1", 200, `{"count":6,`},
		"by time":                          {activityStream + "?timestamp__gt=2030-01-01", 200, `{"count":0,`},
		"by what has changed":              {activityStream + "?search=marked", 200, `{"count":2,`},
		"the other way round":              {activityStream + "?order_by=-timestamp&page_size=1", 200, `"results":[{"id":6,`},
		"never by a secret":                {activityStream + "?o_auth2_access_token__token=x", 403, `{"detail":"Filtering on token is not allowed."}`},
		"never by an application's secret": {activityStream + "?order_by=o_auth2_application__client_secret", 403, `{"detail":"Filtering on client_secret is not allowed."}`},
		"never by a password":              {activityStream + "?actor__password__startswith=x", 403, `{"detail":"Filtering on password is not allowed."}`},
		"by something unknown":             {activityStream + "?nosuch=1", 400, `{"detail":"ActivityStream has no field named 'nosuch'"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.call(t, "admin", "GET", test.path, "")
			if got.Code != test.status || !strings.Contains(got.Body.String(), test.want) {
				t.Errorf("got %d %s\nwant %d %s", got.Code, got.Body, test.status, test.want)
			}
		})
	}
}

func TestActivity_OthersSeeWhatTheyMayRead(t *testing.T) {
	w := newWorld(t)
	w.application(t, "app", orgA)
	w.token(t, admin, 0, "write")
	for name, test := range map[string]struct {
		as, path string
		status   int
		want     string
	}{
		"a member reads about the application":      {"orgmember", activityStream, 200, `{"count":1,`},
		"and its entry":                             {"orgmember", activityStream + "1/", 200, `"object1":"o_auth2_application"`},
		"but not another's entry":                   {"orgmember", activityStream + "2/", 403, notAllowed},
		"a stranger reads nothing":                  {"alice", activityStream, 200, `{"count":0,`},
		"no application that is not hers":           {"alice", "/api/v2/applications/1/activity_stream/", 403, notAllowed},
		"no token that is not hers":                 {"alice", "/api/v2/tokens/1/activity_stream/", 403, notAllowed},
		"nobody whom she does not see":              {"alice", "/api/v2/users/4/activity_stream/", 403, notAllowed},
		"no organization of which she is no member": {"alice", "/api/v2/organizations/2/activity_stream/", 403, notAllowed},
		"a filter is no way around":                 {"alice", activityStream + "?or__id=1&or__id=2", 200, `{"count":0,`},
		"nobody reads anything":                     {"", activityStream, 401, ``},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.call(t, test.as, "GET", test.path, "")
			if got.Code != test.status || !strings.Contains(got.Body.String(), test.want) {
				t.Errorf("got %d %s\nwant %d %s", got.Code, got.Body, test.status, test.want)
			}
		})
	}
}

func TestActivity_CannotBeWritten(t *testing.T) {
	w := newWorld(t)
	w.application(t, "app", orgA)
	for _, path := range []string{activityStream, activityStream + "1/", "/api/v2/applications/1/activity_stream/"} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			got := w.call(t, "admin", method, path, `{}`)
			if got.Code != http.StatusMethodNotAllowed || got.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
				t.Errorf("%s %s: got %d, Allow %q", method, path, got.Code, got.Header().Get("Allow"))
			}
		}
	}
}

// AWX's own stream tells of jobs, about which nothing is known here.
func TestActivity_WithARemoteDirectoryTheWholeStreamIsNotOursAlone(t *testing.T) {
	w := newWorld(t, func(c *awxapi.Config) { c.Accounts = nil })
	w.application(t, "app", orgA)
	for path, want := range map[string]int{
		activityStream:                            http.StatusNotFound,
		activityStream + "1/":                     http.StatusNotFound,
		"/api/v2/users/1/activity_stream/":        http.StatusNotFound,
		"/api/v2/applications/1/activity_stream/": http.StatusOK,
	} {
		if got := w.call(t, "admin", "GET", path, ""); got.Code != want {
			t.Errorf("%s: got %d, want %d", path, got.Code, want)
		}
	}
}

func TestActivity_LeaksNoSecret(t *testing.T) {
	w := newWorld(t)
	app, secret, err := w.svc.CreateApplication(t.Context(), tokencore.Actor{}, tokencore.Application{
		Name: "app", OrganizationID: orgA, ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword,
	})
	if err != nil {
		t.Fatal(err)
	}
	issued := w.token(t, alice, app.ID, "write")
	w.call(t, "admin", "PATCH", "/api/v2/users/6/", `{"password":"an unusual word"}`)
	got := w.call(t, "admin", "GET", activityStream, "").Body.String()
	for name, hidden := range map[string]string{
		"client secret": secret.Reveal(), "client id": app.ClientID, "access token": issued.Access.Reveal(),
		"refresh token": issued.Refresh.Reveal(), "password": "an unusual word",
	} {
		if strings.Contains(got, hidden) {
			t.Errorf("the %s is in %s", name, got)
		}
	}
}
