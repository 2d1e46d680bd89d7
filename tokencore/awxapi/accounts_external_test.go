package awxapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// external makes a user of another provider, as an import does.
func (w *world) external(t *testing.T, u tokencore.User) tokencore.User {
	t.Helper()
	u.IsActive, u.PasswordHash, u.AnsibleID = true, "x", uuid(t)
	if err := w.store.Update(t.Context(), func(tx tokencore.Tx) error { return tx.CreateUser(t.Context(), &u) }); err != nil {
		t.Fatal(err)
	}
	return u
}

func TestExternalUsers_AsShown(t *testing.T) {
	for name, test := range map[string]struct {
		user tokencore.User
		want string // from the password on
	}{
		"LDAP with a local password is not external": {
			tokencore.User{Username: "u", LDAPDN: "cn=x"},
			`"is_system_auditor":false,"password":"$encrypted$","ldap_dn":"cn=x","last_login":null,"external_account":null,"auth":[]}`,
		},
		"LDAP": {
			tokencore.User{Username: "u", LDAPDN: "cn=x", External: "ldap"},
			`"is_system_auditor":false,"ldap_dn":"cn=x","last_login":null,"external_account":"ldap","auth":[]}`,
		},
		"social": {
			tokencore.User{Username: "u", External: "social", Social: []tokencore.SocialLogin{{Provider: "github", UID: "u696649"}}},
			`"is_system_auditor":false,"ldap_dn":"","last_login":null,"external_account":"social","auth":[{"provider":"github","uid":"u696649"}]}`,
		},
		"enterprise": {
			tokencore.User{Username: "u", External: "enterprise"},
			`"is_system_auditor":false,"ldap_dn":"","last_login":null,"external_account":"enterprise","auth":[]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			u := w.external(t, test.user)
			got := w.call(t, "admin", "GET", "/api/v2/users/"+itoa(u.ID)+"/", "").Body.String()
			if !strings.HasSuffix(got, test.want) {
				t.Errorf("got %s\nwant …%s", got, test.want)
			}
		})
	}
}

func TestExternalUsers_GetNoTokensUnlessAllowed(t *testing.T) {
	const refusal = `{"detail":"(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (social)"}`
	w := newWorld(t)
	u := w.external(t, tokencore.User{Username: "u", External: "social"})
	own := "/api/v2/users/" + itoa(u.ID) + "/personal_tokens/"
	for _, path := range []string{"/api/v2/tokens/", own} {
		if got := w.call(t, "u", "POST", path, `{}`); got.Code != http.StatusForbidden || got.Body.String() != refusal {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
	}
	w.call(t, "admin", "PATCH", authenticationSettings, `{"ALLOW_OAUTH2_FOR_EXTERNAL_USERS":true}`)
	if got := w.call(t, "u", "POST", own, `{}`); got.Code != http.StatusCreated {
		t.Fatalf("when allowed: got %d %s", got.Code, got.Body)
	}
	w.call(t, "admin", "DELETE", authenticationSettings, ``)
	if got := w.call(t, "u", "PATCH", "/api/v2/tokens/1/", `{"description":"q"}`); got.Code != http.StatusOK {
		t.Errorf("what there is stays usable: got %d %s", got.Code, got.Body)
	}
}

// AWX accepts the request and leaves the password as it is: the provider has it.
func TestExternalUsers_GetNoPassword(t *testing.T) {
	w := newWorld(t)
	for external, want := range map[string]string{"": "hash", "ldap": "x", "social": "x", "enterprise": "x"} {
		u := w.external(t, tokencore.User{Username: "u" + external, External: external})
		got := w.call(t, "admin", "PATCH", "/api/v2/users/"+itoa(u.ID)+"/", `{"password":"new","first_name":"N"}`)
		stored, err := w.store.User(t.Context(), u.ID)
		if got.Code != http.StatusOK || err != nil || stored.PasswordHash != want || stored.FirstName != "N" {
			t.Errorf("%q: got %d %s, stored %q", external, got.Code, got.Body, stored.PasswordHash)
		}
	}
}
