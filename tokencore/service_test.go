package tokencore_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// world is a service over an empty memory store with one organization, its
// administrator as the actor, and a clock that the test moves.
type world struct {
	*tokencore.Service
	store   *memory.Store
	now     time.Time
	admin   tokencore.Actor
	org     tokencore.Organization
	brokeIt error // what the directory answers instead of users
}

type directory struct {
	accounts
	world *world
}

func (d directory) User(ctx context.Context, id int64) (tokencore.User, error) {
	if d.world.brokeIt != nil {
		return tokencore.User{}, d.world.brokeIt
	}
	return d.accounts.User(ctx, id)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{store: memory.New(), now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	t.Cleanup(func() { _ = w.store.Close() })
	service, err := tokencore.New(w.store, directory{accounts{w.store}, w}, tokencore.Config{Now: func() time.Time { return w.now }})
	if err != nil {
		t.Fatal(err)
	}
	w.Service = service
	user := must(service.CreateUser(t.Context(), tokencore.Actor{}, tokencore.User{Username: "admin", IsActive: true, IsSuperuser: true}))(t)
	w.admin = tokencore.Actor{User: user}
	w.org = must(service.CreateOrganization(t.Context(), w.admin, tokencore.Organization{Name: "Default"}))(t)
	return w
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (w *world) application(t *testing.T, name string) tokencore.Application {
	t.Helper()
	app, _, err := w.CreateApplication(t.Context(), w.admin, tokencore.Application{
		Name: name, ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword, OrganizationID: w.org.ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func (w *world) issue(t *testing.T, request tokencore.TokenRequest) tokencore.Issued {
	t.Helper()
	if request.UserID == 0 {
		request.UserID = w.admin.User.ID
	}
	return must(w.Issue(t.Context(), w.admin, request))(t)
}

func (w *world) verify(t *testing.T, secret tokencore.Secret) error {
	t.Helper()
	_, err := w.Verify(t.Context(), secret.Digest(tokencore.KindAccess))
	return err
}

func TestPersonalTokenLivesUntilItExpires(t *testing.T) {
	w := newWorld(t)
	err := w.ChangeSettings(t.Context(), w.admin, map[string]json.RawMessage{
		tokencore.SettingOAuth2Provider: json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":3600}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	issued := w.issue(t, tokencore.TokenRequest{Description: "ci"})
	if !issued.Refresh.IsZero() || issued.Token.Refreshable || issued.Token.Scope != "write" {
		t.Errorf("a personal token has scope write and no refresh token: %+v", issued.Token)
	}
	w.now = w.now.Add(time.Hour - time.Second)
	if err := w.verify(t, issued.Access); err != nil {
		t.Errorf("one second before it expires: %v", err)
	}
	w.now = w.now.Add(time.Second)
	err = w.verify(t, issued.Access)
	if !errors.Is(err, tokencore.ErrInvalidToken) || errors.Is(err, tokencore.ErrUnknownToken) {
		t.Errorf("when it expires: %v", err)
	}
	if err := w.RevokeToken(t.Context(), w.admin, issued.Token.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.verify(t, issued.Access); !errors.Is(err, tokencore.ErrUnknownToken) {
		t.Errorf("when it is gone: %v", err)
	}
}

func TestApplicationTokenComesWithARefreshToken(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app")
	issued := w.issue(t, tokencore.TokenRequest{ApplicationID: app.ID, Scope: "read"})
	refresh, err := w.store.RefreshTokenByDigest(t.Context(), issued.Refresh.Digest(tokencore.KindRefresh))
	if err != nil || refresh.TokenID != issued.Token.ID || refresh.GrantID != issued.Token.GrantID || refresh.Scope != "read" {
		t.Errorf("refresh token %+v, %v", refresh, err)
	}
	if err := w.verify(t, issued.Refresh); !errors.Is(err, tokencore.ErrInvalidToken) {
		t.Errorf("a refresh token as bearer: %v", err)
	}
}

func TestIssueRefuses(t *testing.T) {
	w := newWorld(t)
	disabled := must(w.CreateUser(t.Context(), w.admin, tokencore.User{Username: "off"}))(t)
	ldap := must(w.CreateUser(t.Context(), w.admin, tokencore.User{Username: "ldap", IsActive: true, External: "ldap"}))(t)
	tests := []struct {
		name    string
		request tokencore.TokenRequest
		want    error
	}{
		{"an unknown user", tokencore.TokenRequest{UserID: 99}, tokencore.ErrNotFound},
		{"an unknown application", tokencore.TokenRequest{UserID: 1, ApplicationID: 99}, tokencore.ErrNotFound},
		{"a disabled user", tokencore.TokenRequest{UserID: disabled.ID}, tokencore.ErrBadCredentials},
	}
	for _, tt := range tests {
		if _, err := w.Issue(t.Context(), w.admin, tt.request); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	_, err := w.Issue(t.Context(), w.admin, tokencore.TokenRequest{UserID: ldap.ID})
	if _, ok := errors.AsType[*tokencore.AccessDeniedError](err); !ok || err.Error() != "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (ldap)" {
		t.Errorf("an LDAP user: %v", err)
	}
	if _, count, err := w.store.Tokens(t.Context(), tokencore.Query{}); err != nil || count != 0 {
		t.Errorf("refused requests left %d tokens, %v", count, err)
	}
}

func TestUnknownIsNotInvalid(t *testing.T) {
	w := newWorld(t)
	issued := w.issue(t, tokencore.TokenRequest{})
	w.brokeIt = errors.New("connection refused")
	if err := w.verify(t, issued.Access); !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, tokencore.ErrInvalidToken) {
		t.Errorf("directory down: %v", err)
	}
	w.brokeIt = nil
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.Verify(cancelled, issued.Access.Digest(tokencore.KindAccess))
	if err != nil && !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestADisabledOrDeletedUserHasNoWorkingToken(t *testing.T) {
	w := newWorld(t)
	alice := must(w.CreateUser(t.Context(), w.admin, tokencore.User{Username: "alice", IsActive: true}))(t)
	issued := w.issue(t, tokencore.TokenRequest{UserID: alice.ID})
	setActive := func(active bool) {
		must(w.UpdateUser(t.Context(), w.admin, alice.ID, func(u *tokencore.User) error { u.IsActive = active; return nil }))(t)
	}
	setActive(false)
	if err := w.verify(t, issued.Access); !errors.Is(err, tokencore.ErrInvalidToken) {
		t.Errorf("disabled: %v", err)
	}
	setActive(true)
	if err := w.verify(t, issued.Access); err != nil {
		t.Errorf("enabled again: %v", err)
	}
	if err := w.DeleteUser(t.Context(), w.admin, alice.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.verify(t, issued.Access); !errors.Is(err, tokencore.ErrInvalidToken) {
		t.Errorf("deleted: %v", err)
	}
}

func TestAnApplicationThatBecomesConfidentialGetsASecretItsOwnerSaw(t *testing.T) {
	w := newWorld(t)
	app, first, err := w.CreateApplication(t.Context(), w.admin, tokencore.Application{
		Name: "spa", ClientType: tokencore.Public, GrantType: tokencore.GrantPassword, OrganizationID: w.org.ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	app, second, err := w.UpdateApplication(t.Context(), w.admin, app.ID, func(a *tokencore.Application) error {
		a.ClientType = tokencore.Confidential
		return nil
	})
	if err != nil || second.IsZero() || app.CheckSecret(first) || !app.CheckSecret(second) {
		t.Errorf("new secret valid %v, old one %v, %v", app.CheckSecret(second), app.CheckSecret(first), err)
	}
	_, third, err := w.UpdateApplication(t.Context(), w.admin, app.ID, func(a *tokencore.Application) error {
		a.Description = "again"
		return nil
	})
	if err != nil || !third.IsZero() {
		t.Errorf("another change makes another secret, %v", err)
	}
}

func TestCheckSecretComparesTheWholeSecret(t *testing.T) {
	w := newWorld(t)
	app, secret, err := w.CreateApplication(t.Context(), w.admin, tokencore.Application{Name: "a", ClientType: tokencore.Confidential, OrganizationID: w.org.ID})
	if err != nil {
		t.Fatal(err)
	}
	// bcrypt, fosite's default, would look at 72 bytes only.
	sameStart := tokencore.NewSecret(secret.Reveal()[:100] + "tail")
	for name, presented := range map[string]tokencore.Secret{"first 100 characters": sameStart, "empty": {}} {
		if app.CheckSecret(presented) {
			t.Errorf("%s is accepted", name)
		}
	}
	if (tokencore.Application{}).CheckSecret(tokencore.Secret{}) {
		t.Error("no secret matches no digest")
	}
}

func TestRevokeTokensInAWXsOrder(t *testing.T) {
	w := newWorld(t)
	alice := must(w.CreateUser(t.Context(), w.admin, tokencore.User{Username: "alice", IsActive: true}))(t)
	app := w.application(t, "app")
	personal := w.issue(t, tokencore.TokenRequest{UserID: alice.ID})
	ofApp := w.issue(t, tokencore.TokenRequest{UserID: alice.ID, ApplicationID: app.ID})
	other := w.issue(t, tokencore.TokenRequest{})

	revoked := must(w.RevokeTokens(t.Context(), tokencore.Actor{}, tokencore.Revocation{UserID: alice.ID, Refresh: true}))(t)
	if len(revoked.Refresh) != 1 || len(revoked.Access) != 1 || revoked.Access[0].ID != personal.Token.ID {
		t.Errorf("revoked %d refresh tokens and access tokens %v", len(revoked.Refresh), revoked.Access)
	}
	for name, secret := range map[string]tokencore.Secret{"personal": personal.Access, "application's": ofApp.Access} {
		if err := w.verify(t, secret); !errors.Is(err, tokencore.ErrInvalidToken) {
			t.Errorf("%s token after revoke: %v", name, err)
		}
	}
	if err := w.verify(t, other.Access); err != nil {
		t.Errorf("somebody else's token: %v", err)
	}
	r, err := w.store.RefreshTokenByDigest(t.Context(), ofApp.Refresh.Digest(tokencore.KindRefresh))
	if err != nil || r.Live() {
		t.Errorf("refresh token stays as a tombstone: %+v, %v", r, err)
	}
}

func TestCleanupFollowsAWXsRules(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app")
	err := w.ChangeSettings(t.Context(), w.admin, map[string]json.RawMessage{
		tokencore.SettingOAuth2Provider: json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":100,"REFRESH_TOKEN_EXPIRE_SECONDS":1000}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.issue(t, tokencore.TokenRequest{})
	w.issue(t, tokencore.TokenRequest{ApplicationID: app.ID})
	orphaned := w.issue(t, tokencore.TokenRequest{ApplicationID: app.ID})
	if err := w.RevokeToken(t.Context(), w.admin, orphaned.Token.ID); err != nil {
		t.Fatal(err)
	}
	start := w.now
	steps := []struct {
		after time.Duration
		want  tokencore.Cleaned
	}{
		{99 * time.Second, tokencore.Cleaned{}},
		{101 * time.Second, tokencore.Cleaned{AccessTokens: 1}},                    // the personal token
		{1001 * time.Second, tokencore.Cleaned{RefreshTokens: 1}},                  // the orphan
		{1101 * time.Second, tokencore.Cleaned{AccessTokens: 1, RefreshTokens: 1}}, // the application's pair
		{9999 * time.Second, tokencore.Cleaned{}},
	}
	for _, step := range steps {
		w.now = start.Add(step.after)
		if got := must(w.Cleanup(t.Context()))(t); got != step.want {
			t.Errorf("after %v: %+v, want %+v", step.after, got, step.want)
		}
	}
}

// The changes are AWX's, key for key, as recorded.
func TestActivityIsWrittenWithEveryChange(t *testing.T) {
	w := newWorld(t)
	before := w.activities(t)
	app := w.application(t, "app")
	update := func(edit func(*tokencore.Application)) {
		_, _, err := w.UpdateApplication(t.Context(), w.admin, app.ID, func(a *tokencore.Application) error { edit(a); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	update(func(a *tokencore.Application) { a.Description = "new"; a.SkipAuthorization = true })
	update(func(*tokencore.Application) {})
	token := w.issue(t, tokencore.TokenRequest{ApplicationID: app.ID})
	must(w.UpdateToken(t.Context(), w.admin, token.Token.ID, func(tok *tokencore.Token) error { tok.Scope = "read"; return nil }))(t)
	if err := w.DeleteApplication(t.Context(), w.admin, app.ID); err != nil {
		t.Fatal(err)
	}

	var got []string
	for _, a := range w.activities(t)[len(before):] {
		if a.ActorID != w.admin.User.ID || a.ActorName != "admin" || !a.Time.Equal(w.now) {
			t.Errorf("entry %+v has the wrong actor or time", a)
		}
		got = append(got, a.Operation+" "+a.Object+" "+string(a.Changes))
	}
	want := []string{
		`create o_auth2_application {"name":"app","description":"","client_type":"confidential","redirect_uris":"","authorization_grant_type":"password","skip_authorization":false,"organization":"Default-1","id":1}`,
		`update o_auth2_application {"description":["","new"],"skip_authorization":[false,true]}`,
		`create o_auth2_access_token {"description":"","application":"app","scope":"write","id":1,"token":"************"}`,
		`update o_auth2_access_token {"scope":["write","read"]}`,
		`delete o_auth2_access_token {"description":"","application":"app","scope":"read","id":1,"token":"************"}`,
		`delete o_auth2_application {"name":"app","description":"new","client_type":"confidential","redirect_uris":"","authorization_grant_type":"password","skip_authorization":true,"organization":"Default-1","id":1}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func (w *world) activities(t *testing.T) []tokencore.Activity {
	t.Helper()
	rows, _, err := w.store.Activities(t.Context(), tokencore.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestActivityStreamCanBeSwitchedOff(t *testing.T) {
	w := newWorld(t)
	err := w.ChangeSettings(t.Context(), w.admin, map[string]json.RawMessage{tokencore.SettingActivityStream: json.RawMessage(`false`)})
	if err != nil {
		t.Fatal(err)
	}
	before := len(w.activities(t))
	w.issue(t, tokencore.TokenRequest{})
	if after := len(w.activities(t)); after != before {
		t.Errorf("%d entries were written", after-before)
	}
}

func TestAFailingEditChangesNothing(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app")
	issued := w.issue(t, tokencore.TokenRequest{})
	entries := len(w.activities(t))
	refused := errors.New("refused")
	if _, _, err := w.UpdateApplication(t.Context(), w.admin, app.ID, func(a *tokencore.Application) error { a.Name = "x"; return refused }); !errors.Is(err, refused) {
		t.Errorf("application: %v", err)
	}
	_, err := w.UpdateToken(t.Context(), w.admin, issued.Token.ID, func(tok *tokencore.Token) error { tok.Scope = "admin"; return nil })
	if _, ok := errors.AsType[*tokencore.InvalidError](err); !ok {
		t.Errorf("token: %v", err)
	}
	w.application(t, "second")
	_, _, err = w.UpdateApplication(t.Context(), w.admin, app.ID, func(a *tokencore.Application) error { a.Name = "second"; return nil })
	if !errors.Is(err, tokencore.ErrConflict) {
		t.Errorf("name taken: %v", err)
	}
	again := must(w.store.Application(t.Context(), app.ID))(t)
	if diff := cmp.Diff(app, again); diff != "" {
		t.Errorf("the application changed:\n%s", diff)
	}
	if added := len(w.activities(t)) - entries; added != 1 {
		t.Errorf("%d entries were written, want the second application's only", added)
	}
}

func TestDeletingAnOrganizationTakesItsApplicationsAlong(t *testing.T) {
	w := newWorld(t)
	org := must(w.CreateOrganization(t.Context(), w.admin, tokencore.Organization{Name: "orgA"}))(t)
	app, _, err := w.CreateApplication(t.Context(), w.admin, tokencore.Application{Name: "a", OrganizationID: org.ID})
	if err != nil {
		t.Fatal(err)
	}
	issued := w.issue(t, tokencore.TokenRequest{ApplicationID: app.ID})
	if err := w.DeleteOrganization(t.Context(), w.admin, org.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Application(t.Context(), app.ID); !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("application: %v", err)
	}
	if err := w.verify(t, issued.Access); !errors.Is(err, tokencore.ErrInvalidToken) {
		t.Errorf("token: %v", err)
	}
}
