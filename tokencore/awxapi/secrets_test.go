package awxapi_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

const stars = "************"

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

type shownApplication struct {
	ID           int64
	ClientID     string  `json:"client_id"`
	ClientSecret *string `json:"client_secret"`
}

type shownToken struct {
	ID           int64
	Token        string
	RefreshToken *string `json:"refresh_token"`
}

func TestApplication_SecretIsShownOnce(t *testing.T) {
	w := newWorld(t)
	created := w.call(t, "admin", "POST", "/api/v2/applications/", newApp(`"organization": 2`))
	app := decode[shownApplication](t, created.Body.String())
	if app.ClientSecret == nil || !regexp.MustCompile(`^[A-Za-z0-9]{128}$`).MatchString(*app.ClientSecret) {
		t.Fatalf("got %s", created.Body)
	}
	stored, err := w.store.Application(t.Context(), app.ID)
	if err != nil || !stored.CheckSecret(tokencore.NewSecret(*app.ClientSecret)) {
		t.Errorf("the shown secret is not the application's: %v", err)
	}
	path := "/api/v2/applications/" + itoa(app.ID) + "/"
	for _, later := range []string{
		w.call(t, "admin", "GET", path, "").Body.String(),
		w.call(t, "admin", "PATCH", path, `{"description": "d"}`).Body.String(),
		w.call(t, "admin", "PUT", path, newApp(`"organization": 2`)).Body.String(),
		w.call(t, "admin", "GET", "/api/v2/applications/", "").Body.String(),
	} {
		if strings.Contains(later, *app.ClientSecret) || !strings.Contains(later, `"client_secret":"`+stars+`"`) {
			t.Errorf("shown again in %s", later)
		}
	}
}

// AWX makes the secret that nobody ever saw valid; here a new one is shown.
func TestApplication_BecomingConfidentialShowsANewSecret(t *testing.T) {
	w := newWorld(t)
	body := strings.Replace(newApp(`"organization": 2`), "confidential", "public", 1)
	created := w.call(t, "admin", "POST", "/api/v2/applications/", body).Body.String()
	app := decode[shownApplication](t, created)
	if app.ClientSecret != nil {
		t.Errorf("a public application shows a secret: %s", created)
	}
	path := "/api/v2/applications/" + itoa(app.ID) + "/"
	changed := decode[shownApplication](t, w.call(t, "admin", "PATCH", path, `{"client_type": "confidential"}`).Body.String())
	if changed.ClientSecret == nil || *changed.ClientSecret == stars {
		t.Fatal("no secret was shown")
	}
	stored, err := w.store.Application(t.Context(), app.ID)
	if err != nil || !stored.CheckSecret(tokencore.NewSecret(*changed.ClientSecret)) {
		t.Errorf("the shown secret is not the application's: %v", err)
	}
	if again := decode[shownApplication](t, w.call(t, "admin", "GET", path, "").Body.String()); *again.ClientSecret != stars {
		t.Error("shown again")
	}
}

func TestToken_IsShownOnceAndWorks(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	created := w.call(t, "admin", "POST", "/api/v2/applications/"+itoa(app.ID)+"/tokens/", `{}`)
	token := decode[shownToken](t, created.Body.String())
	if token.RefreshToken == nil || len(token.Token) != tokencore.TokenLength {
		t.Fatalf("got %s", created.Body)
	}
	if got := w.callWith(t, tokencore.NewSecret(token.Token), "GET", "/api/v2/tokens/", ""); got.Code != http.StatusOK {
		t.Errorf("the shown token: got %d", got.Code)
	}
	if got := w.callWith(t, tokencore.NewSecret(*token.RefreshToken), "GET", "/api/v2/tokens/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("the refresh token as bearer: got %d", got.Code)
	}
	path := "/api/v2/tokens/" + itoa(token.ID) + "/"
	for _, later := range []string{
		w.call(t, "admin", "GET", path, "").Body.String(),
		w.call(t, "admin", "PATCH", path, `{}`).Body.String(),
		w.call(t, "admin", "PUT", path, `{}`).Body.String(),
		w.call(t, "admin", "GET", "/api/v2/tokens/", "").Body.String(),
		w.call(t, "admin", "GET", "/api/v2/applications/"+itoa(app.ID)+"/", "").Body.String(),
	} {
		if strings.Contains(later, token.Token) || strings.Contains(later, *token.RefreshToken) || strings.Contains(later, token.Token[:12]) {
			t.Errorf("shown again in %s", later)
		}
	}
}

// AWX's sentence for users of an external authentication provider, after
// permission and fields have been checked.
func TestToken_OfExternalUserIsRefused(t *testing.T) {
	w := newWorld(t)
	err := w.store.Update(t.Context(), func(tx tokencore.Tx) error {
		u, err := tx.User(t.Context(), alice)
		if err != nil {
			return err
		}
		u.External = "social"
		return tx.UpdateUser(t.Context(), u)
	})
	if err != nil {
		t.Fatal(err)
	}
	app := w.application(t, "A", orgA)
	const refused = `{"detail":"(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (social)"}`
	tests := []struct{ path, body, want string }{
		{"/api/v2/tokens/", `{}`, refused},
		{"/api/v2/users/6/personal_tokens/", `{}`, refused},
		{"/api/v2/tokens/", `{"application": ` + itoa(app.ID) + `}`, `{"detail":"You do not have permission to perform this action."}`},
		{"/api/v2/tokens/", `{"scope": "x"}`, `{"scope":["Must be a simple space-separated string with allowed scopes ['read', 'write']."]}`},
	}
	for _, tt := range tests {
		if got := w.call(t, "alice", "POST", tt.path, tt.body); got.Body.String() != tt.want {
			t.Errorf("%s %s: got %d %s", tt.path, tt.body, got.Code, got.Body)
		}
	}
	if err := w.svc.ChangeSettings(t.Context(), tokencore.Actor{}, settingsJSON(tokencore.SettingExternalUsers, "true")); err != nil {
		t.Fatal(err)
	}
	if got := w.call(t, "alice", "POST", "/api/v2/tokens/", `{}`); got.Code != http.StatusCreated {
		t.Errorf("when allowed: got %d %s", got.Code, got.Body)
	}
}
