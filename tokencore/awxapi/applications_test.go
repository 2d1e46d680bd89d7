package awxapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
)

// codeApplication is an application with a value in every writable field.
func codeApplication(t *testing.T, w *world) tokencore.Application {
	t.Helper()
	app, _, err := w.svc.CreateApplication(t.Context(), tokencore.Actor{}, tokencore.Application{
		Name: "A", Description: "d", OrganizationID: orgA, ClientType: tokencore.Public,
		GrantType: tokencore.GrantAuthorizationCode, RedirectURIs: "https://a.example/", SkipAuthorization: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestApplication_Change(t *testing.T) {
	tests := []struct {
		name, method, body string
		want               func(*tokencore.Application)
	}{
		{"PATCH of nothing changes nothing", "PATCH", `{}`, func(*tokencore.Application) {}},
		{"PATCH changes what is given", "PATCH", `{"name": " n ", "skip_authorization": "off"}`, func(a *tokencore.Application) {
			a.Name, a.SkipAuthorization = "n", false
		}},
		{
			"PUT resets description and skip_authorization, and keeps redirect_uris", "PUT",
			`{"name": "A", "client_type": "public", "organization": 2}`,
			func(a *tokencore.Application) { a.Description, a.SkipAuthorization = "", false },
		},
		{"the grant type never changes", "PATCH", `{"authorization_grant_type": "password"}`, func(*tokencore.Application) {}},
		{"not even to an invalid one", "PATCH", `{"authorization_grant_type": "nonsense"}`, func(*tokencore.Application) {}},
		{"PATCH moves to another organization", "PATCH", `{"organization": "3"}`, func(a *tokencore.Application) { a.OrganizationID = orgB }},
		{"read-only fields are ignored", "PATCH", `{"client_id": "x", "client_secret": "y", "user": 6, "id": 9, "created": 1}`, func(*tokencore.Application) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			want := codeApplication(t, w)
			got := w.call(t, "admin", tt.method, "/api/v2/applications/"+itoa(want.ID)+"/", tt.body)
			if got.Code != http.StatusOK {
				t.Fatalf("got %d %s", got.Code, got.Body)
			}
			stored, err := w.store.Application(t.Context(), want.ID)
			if err != nil {
				t.Fatal(err)
			}
			if !stored.Modified.After(want.Modified) {
				t.Error("modified stands still")
			}
			tt.want(&want)
			want.Modified = stored.Modified
			if diff := cmp.Diff(want, stored); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApplication_ChangeRefused(t *testing.T) {
	w := newWorld(t)
	app := codeApplication(t, w)
	w.application(t, "taken", orgA)
	const duplicate = `"Application with this Name and Organization already exists."`
	tests := []struct{ method, body, want string }{
		{"PUT", `{}`, `{"name":["This field is required."],"client_type":["This field is required."],"organization":["This field is required."]}`},
		{"PATCH", `{"name": "taken"}`, `{"__all__":[` + duplicate + `]}`},
		{"PATCH", `{"name": "taken", "redirect_uris": "bad"}`, `{"__all__":["Enter a valid URL.",` + duplicate + `]}`},
		{"PATCH", `{"redirect_uris": ""}`, `{"__all__":["redirect_uris cannot be empty with grant_type authorization-code"]}`},
		{"PATCH", `{"organization": null}`, `{"organization":["This field may not be null."]}`},
		{"PATCH", `{"organization": 9999}`, `{"organization":["Invalid pk \"9999\" - object does not exist."]}`},
		{"PATCH", `null`, `{"__all__":["This field may not be null."]}`},
	}
	for _, tt := range tests {
		got := w.call(t, "admin", tt.method, "/api/v2/applications/"+itoa(app.ID)+"/", tt.body)
		if got.Code != http.StatusBadRequest || got.Body.String() != tt.want {
			t.Errorf("%s %s: got %d %s", tt.method, tt.body, got.Code, got.Body)
		}
	}
}

// Two creations at once both find the name free; the store decides.
func TestApplication_NameTakenMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.application(t, "new", orgA)
	svc, err := tokencore.New(blindStore{w.store}, storeDirectory{w.store}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if w.api, err = awxapi.New(svc, awxapi.Config{OAuth: oauthStub{}}); err != nil {
		t.Fatal(err)
	}
	got := w.call(t, "admin", "POST", "/api/v2/applications/", newApp(`"organization": 2`))
	if got.Body.String() != `{"__all__":["Application with this Name and Organization already exists."]}` {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

// blindStore sees no application outside a transaction.
type blindStore struct{ tokencore.Store }

func (blindStore) Applications(context.Context, tokencore.Query) ([]tokencore.Application, int, error) {
	return nil, 0, nil
}

func TestApplication_NamedURLServesEverythingBelow(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "my app", orgA)
	w.token(t, admin, app.ID, "write")
	w.token(t, admin, app.ID, "write")
	for _, path := range []string{"/api/v2/applications/my%20app++orgA/tokens/", "/api/v2/applications/my%20app++orgA/tokens"} {
		got := w.list(t, "admin", path+"?page_size=1")
		if text(got.Next) != "/api/v2/applications/"+itoa(app.ID)+"/tokens/?page=2&page_size=1" {
			t.Errorf("%s: next %s", path, text(got.Next))
		}
	}
	if got := w.call(t, "admin", "GET", "/api/v2/applications/my%20app++orgB/", ""); got.Code != http.StatusNotFound {
		t.Errorf("of another organization: got %d", got.Code)
	}
	if got := w.call(t, "admin", "PATCH", "/api/v2/applications/my%20app++orgA", `{"description": "d"}`); got.Code != http.StatusOK {
		t.Errorf("PATCH: got %d", got.Code)
	}
	if got := w.call(t, "admin", "DELETE", "/api/v2/applications/my%20app++orgA/", ""); got.Code != http.StatusNoContent {
		t.Errorf("DELETE: got %d", got.Code)
	}
}

// AWX ignores the user in this path, even one who does not exist.
func TestApplication_OfAnyUserAreAll(t *testing.T) {
	w := newWorld(t)
	w.application(t, "A", orgA)
	for _, user := range []string{"1", "9999", "alice", "nosuch"} {
		if got := w.list(t, "admin", "/api/v2/users/"+user+"/applications/"); *got.Count != 1 {
			t.Errorf("of %s: %d", user, *got.Count)
		}
	}
}

func TestApplication_DeletedWithItsTokens(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	token := w.token(t, alice, app.ID, "read").Access
	if got := w.call(t, "orgadmin", "DELETE", "/api/v2/applications/"+itoa(app.ID)+"/", ""); got.Code != http.StatusNoContent || got.Body.Len() != 0 {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.callWith(t, token, "GET", "/api/v2/tokens/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("its token: got %d", got.Code)
	}
}

// With a remote directory the store does not know the organizations' names.
func TestApplication_OfRemoteOrganization(t *testing.T) {
	w := newWorld(t)
	remote := newWorld(t).store // has the users and organizations
	svc, err := tokencore.New(w.store, storeDirectory{remote}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if w.api, err = awxapi.New(svc, awxapi.Config{OAuth: oauthStub{}}); err != nil {
		t.Fatal(err)
	}
	w.application(t, "A", orgB)
	if got := w.call(t, "admin", "GET", "/api/v2/applications/A++orgB/", ""); got.Code != http.StatusOK {
		t.Errorf("got %d", got.Code)
	}
	if got := w.call(t, "admin", "GET", "/api/v2/users/1/", ""); got.Code != http.StatusNotFound {
		t.Errorf("a user of the remote directory: got %d", got.Code)
	}
	root := w.call(t, "", "GET", "/api/v2/", "").Body.String()
	if strings.Contains(root, "users") || strings.Contains(root, "organizations") || !strings.Contains(root, `"tokens":"/api/v2/tokens/"`) {
		t.Errorf("the root lists what is not served: %s", root)
	}
}
