package awxapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// The users of the recordings' fixtures, by id.
const (
	admin = iota + 1
	auditor
	orgadmin
	orgmember
	orgauditor
	alice
	inactive
	orgadminB
)

// Their organizations.
const (
	orgDefault = iota + 1
	orgA
	orgB
)

var userNames = []string{"admin", "auditor", "orgadmin", "orgmember", "orgauditor", "alice", "inactive", "orgadminB"}

// password is everybody's.
const password = "password"

// world is the state that the recordings begin with, and an API over it.
type world struct {
	store tokencore.Store
	svc   *tokencore.Service
	api   *awxapi.API
	clock time.Time
}

func newWorld(t testing.TB, adjust ...func(*awxapi.Config)) *world {
	t.Helper()
	w := &world{store: memory.New(), clock: time.Date(2026, time.November, 23, 15, 0, 0, 123456000, time.UTC)}
	directory := storeDirectory{w.store}
	svc, err := tokencore.New(w.store, directory, tokencore.Config{Now: w.now, Node: "awx-1"})
	if err != nil {
		t.Fatal(err)
	}
	w.svc = svc
	w.populate(t)
	config := awxapi.Config{Node: "awx-1", Accounts: directory, OAuth: oauthStub{}}
	for _, f := range adjust {
		f(&config)
	}
	if w.api, err = awxapi.New(svc, config); err != nil {
		t.Fatal(err)
	}
	return w
}

// now is a clock that moves with every look at it, so that no fraction is zero and "modified" is visible.
func (w *world) now() time.Time {
	w.clock = w.clock.Add(1357 * time.Microsecond)
	return w.clock
}

func (w *world) populate(t testing.TB) {
	t.Helper()
	err := w.store.Update(t.Context(), func(tx tokencore.Tx) error {
		for i, name := range userNames {
			first := ""
			last := ""
			if id := i + 1; id != admin {
				first, last = titled(name), "L"
			}
			u := tokencore.User{
				Username: name, FirstName: first, LastName: last, Email: name + "@example.com", AnsibleID: uuid(t),
				IsSuperuser: i+1 == admin, IsSystemAuditor: i+1 == auditor, IsActive: i+1 != inactive,
				Created: w.now(), PasswordHash: "x",
			}
			if err := tx.CreateUser(t.Context(), &u); err != nil {
				return err
			}
		}
		for _, o := range []tokencore.Organization{
			{Name: "Default"}, {Name: "orgA", Description: "orgA desc"}, {Name: "orgB", Description: "orgB desc"},
		} {
			o.AnsibleID, o.CreatedBy, o.ModifiedBy, o.Created = uuid(t), admin, admin, w.now()
			o.Modified = o.Created
			if err := tx.CreateOrganization(t.Context(), &o); err != nil {
				return err
			}
		}
		for _, role := range []struct {
			organization, user int64
			role               tokencore.Role
		}{
			{orgA, orgadmin, tokencore.RoleAdmin},
			{orgB, orgadminB, tokencore.RoleAdmin},
			{orgA, orgmember, tokencore.RoleMember},
			{orgA, orgauditor, tokencore.RoleAuditor},
		} {
			if err := tx.GrantRole(t.Context(), role.organization, role.user, role.role); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func uuid(t testing.TB) string {
	t.Helper()
	id, err := tokencore.NewUUID(nil)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// titled is Python's str.title() of a fixture's name.
func titled(name string) string {
	b := []byte(name)
	for i, c := range b {
		upper := c >= 'A' && c <= 'Z'
		switch {
		case i == 0 && !upper:
			b[i] = c - 'a' + 'A'
		case i > 0 && upper:
			b[i] = c - 'A' + 'a'
		}
	}
	return string(b)
}

// application creates an application for tests that need one.
func (w *world) application(t *testing.T, name string, organization int64) tokencore.Application {
	t.Helper()
	app, _, err := w.svc.CreateApplication(t.Context(), tokencore.Actor{}, tokencore.Application{
		Name: name, OrganizationID: organization, ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword,
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// token creates a token; application 0 makes a personal one.
func (w *world) token(t *testing.T, user, application int64, scope string) tokencore.Issued {
	t.Helper()
	issued, err := w.svc.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: user, ApplicationID: application, Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

// call sends a request as a user, or as nobody.
func (w *world) call(t *testing.T, user, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	return w.serve(r)
}

// callWith sends a request with a bearer token.
func (w *world) callWith(t *testing.T, token tokencore.Secret, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+token.Reveal())
	return w.serve(r)
}

func (w *world) serve(r *http.Request) *httptest.ResponseRecorder {
	response := httptest.NewRecorder()
	w.api.ServeHTTP(response, r)
	return response
}

// storeDirectory takes the users from the store, where everybody's password is
// the same: hashing is tokencore/directory/local's affair.
type storeDirectory struct{ tokencore.AccountReader }

func (d storeDirectory) Authenticate(ctx context.Context, username string, given tokencore.Secret) (tokencore.User, error) {
	user, err := d.UserByName(ctx, username)
	if err != nil || !user.IsActive || given.Reveal() != password {
		return tokencore.User{}, tokencore.ErrBadCredentials
	}
	return user, nil
}

func (storeDirectory) HashPassword(tokencore.Secret) (string, error) { return "hash", nil }

// oauthStub shows that a request reached the OAuth2 endpoints.
type oauthStub struct{}

func (oauthStub) ServeToken(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("token")) }

func (oauthStub) ServeRevoke(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("revoke"))
}

func (oauthStub) ServeAuthorize(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte("authorize"))
}

var (
	_ tokencore.Directory = storeDirectory{}
	_ awxapi.Accounts     = storeDirectory{}
	_ awxapi.OAuth        = oauthStub{}
)

func itoa(id int64) string { return strconv.FormatInt(id, 10) }

func settingsJSON(key, value string) map[string]json.RawMessage {
	return map[string]json.RawMessage{key: json.RawMessage(value)}
}
