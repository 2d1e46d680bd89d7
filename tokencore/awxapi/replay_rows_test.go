package awxapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// roleMatrixLeftovers are the rows that the recording of the role matrix left behind.
func roleMatrixLeftovers(t *testing.T, p *replayer) {
	for _, a := range []struct {
		id, organization int64
		name             string
		clientType       tokencore.ClientType
	}{
		{63, orgA, "rb144726-1", tokencore.Confidential},
		{64, orgA, "rb144726-2", tokencore.Confidential},
		{65, orgA, "p144726-3", tokencore.Public},
		{66, orgA, "o144726-4", tokencore.Public},
		{67, orgB, "rb144726-5", tokencore.Confidential},
		{68, orgB, "rb144726-22", tokencore.Confidential},
		{69, orgA, "rb144726-9", tokencore.Confidential},
		{70, orgA, "rb144726-13", tokencore.Confidential},
		{71, orgA, "p144726-11", tokencore.Public},
		{72, orgA, "o144726-12", tokencore.Public},
		{73, orgA, "rb144726-14", tokencore.Confidential},
		{74, orgA, "rb144726-17", tokencore.Confidential},
		{75, orgA, "rb144726-18", tokencore.Confidential},
		{76, orgA, "rb144726-24", tokencore.Confidential},
		{77, orgA, "rb144726-21", tokencore.Confidential},
		{78, orgA, "rb144726-25", tokencore.Confidential},
		{81, orgA, "rb144726-29", tokencore.Confidential},
		{82, orgA, "rb144726-30", tokencore.Confidential},
		{83, orgA, "rb144726-33", tokencore.Confidential},
		{84, orgA, "rb144726-34", tokencore.Confidential},
	} {
		p.application(t, a.id, tokencore.Application{Name: a.name, OrganizationID: a.organization, ClientType: a.clientType})
	}
	// Its tokens are known by what the filters of the next recording count; who of the
	// others had which is not.
	readOnly := []int64{103, 112, 113, 114}
	others := []int64{auditor, orgadmin, orgmember, orgauditor, orgadminB}
	for id := int64(97); id <= 158; id++ {
		k := tokencore.Token{UserID: others[id%5], ApplicationID: 63, Scope: "write"}
		switch {
		case id == 98:
			p.align(t, "tokens", id)
			p.mustCall(t, "orgmember", "POST", "/api/v2/tokens/", `{"application":63}`)
			continue
		case id >= 99 && id <= 102 || id == 104:
			continue // deleted again
		case id == 122:
			k.ApplicationID = 68
		case id == 112, id == 114, id >= 106 && id <= 110, id >= 118 && id <= 120, id >= 137 && id <= 156, id == 158:
			k.ApplicationID = 0
		}
		switch {
		case id == 106, id == 107:
			k.UserID = alice
		case id >= 137 && id <= 151:
			k.UserID = admin
		case id >= 157:
			k.UserID = orgmember
		}
		if slices.Contains(readOnly, id) {
			k.Scope = "read"
		}
		refresh := ""
		if !k.Personal() {
			refresh = uuid(t)
		}
		p.token(t, id, k, "", refresh)
	}
}

// external is a user of another provider, and the access tokens that were there already.
type external struct{ personal, access string }

// externalUser makes the next of the three.
func externalUser(t *testing.T, p *replayer) {
	p.settings(t, tokencore.SettingExternalUsers, "false")
	users := []struct {
		id, token         int64
		kind, dn, refresh string
		social            []tokencore.SocialLogin
	}{
		{10, 186, "social", "", "2dADNnHva6hJYPrrF790swPCuXlz6s", []tokencore.SocialLogin{{Provider: "github", UID: "u696649"}}},
		{11, 189, "ldap", "cn=x", "JmmyTHQH1gE1qLHuB7gcxvpv90yzML", nil},
		{12, 198, "enterprise", "", "CVXI4YDv2Ry5Innh0IIGS6kw7ysHXX", nil},
	}
	u := users[p.externals]
	p.externals++
	admins, err := p.world.store.User(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	provider := u.kind
	if u.dn != "" {
		provider = "" // with a password of ours, the name in the directory alone makes nobody external
	}
	p.align(t, "users", u.id)
	p.world.change(t, func(tx tokencore.Tx) error {
		return tx.CreateUser(t.Context(), &tokencore.User{
			Username: "ext-" + u.kind + "-696649", AnsibleID: uuid(t), IsActive: true, PasswordHash: admins.PasswordHash,
			LDAPDN: u.dn, External: provider, Social: u.social, Created: p.world.now(),
		})
	})
	p.external = external{personal: "personal-of-" + u.kind, access: "access-of-" + u.kind}
	p.token(t, u.token, tokencore.Token{UserID: u.id, Scope: "read write"}, p.external.personal, "")
	p.token(t, u.token+1, tokencore.Token{UserID: u.id, ApplicationID: 88, Scope: "read write"}, p.external.access, u.refresh)
	p.bearer = p.external.personal
}

// mustCall sends a request that must succeed.
func (p *replayer) mustCall(t *testing.T, user, method, path, body string) {
	t.Helper()
	if got := p.world.call(t, user, method, path, body); got.Code >= http.StatusMultipleChoices {
		t.Fatalf("%s %s: %d %s", method, path, got.Code, got.Body)
	}
}

// application puts a row where AWX had one. The zero values stand for what most have.
func (p *replayer) application(t *testing.T, id int64, a tokencore.Application) {
	t.Helper()
	p.align(t, "applications", id)
	a.Created, a.Modified = p.world.now(), p.world.now()
	if a.OrganizationID == 0 {
		a.OrganizationID = orgA
	}
	if a.ClientType == "" {
		a.ClientType = tokencore.Confidential
	}
	if a.GrantType == "" {
		a.GrantType = tokencore.GrantPassword
	}
	if a.ClientID == "" {
		a.ClientID = strings.ReplaceAll(uuid(t), "-", "") + "12345678"
	}
	secret := clientSecretOf[a.ClientID]
	if secret == "" {
		secret = "secret-" + a.Name
	}
	p.clientSecrets[a.ClientID] = secret
	a.SecretDigest = tokencore.NewSecret(secret).Digest(tokencore.KindClient)
	p.world.change(t, func(tx tokencore.Tx) error { return tx.CreateApplication(t.Context(), &a) })
}

// token puts a row where AWX had one, with the recorded secrets if they are known.
func (p *replayer) token(t *testing.T, id int64, k tokencore.Token, access, refresh string) {
	t.Helper()
	p.align(t, "tokens", id)
	if access == "" {
		access = uuid(t)
	}
	k.Digest, k.GrantID = tokencore.NewSecret(access).Digest(tokencore.KindAccess), uuid(t)
	k.Created, k.Modified = p.world.now(), p.world.now()
	k.Expires = tokencore.ExpiryAfter(k.Created, tokencore.DefaultSettings().AccessTokenSeconds)
	p.world.change(t, func(tx tokencore.Tx) error {
		owner, err := tx.User(t.Context(), k.UserID)
		if err != nil {
			return err
		}
		k.UserAnsibleID = owner.AnsibleID
		if err := tx.CreateToken(t.Context(), &k); err != nil {
			return err
		}
		if !k.LastUsed.IsZero() {
			uses := []tokencore.TokenUse{{TokenID: k.ID, Time: k.LastUsed}}
			if err := tx.TouchTokens(t.Context(), uses); err != nil {
				return err
			}
		}
		if refresh == "" {
			return nil
		}
		return tx.CreateRefreshToken(t.Context(), &tokencore.RefreshToken{
			Digest: tokencore.NewSecret(refresh).Digest(tokencore.KindRefresh), UserID: k.UserID, UserAnsibleID: k.UserAnsibleID,
			ApplicationID: k.ApplicationID,
			TokenID:       k.ID, GrantID: k.GrantID, Scope: k.Scope, Created: k.Created,
		})
	})
}

// clientSecretOf has the recorded secrets of applications whose creation was not recorded.
var clientSecretOf = map[string]string{
	"0BjHxtQymJMoYr6sF6VwS2QqtxuBsBboHqxdKyvG": "pkhgoo1HilgnbLIpSqHjpFZkFYeuvcWo0E2f4ZfwjQdNybk3CnDVwKpzwNKwGOhg" +
		"IfVClXrKA0SnhTgQtXH577gvUCjWHZOzjVqUtIyeMrBdNbhJDRchhZSGE2TY02Ho",
	"pnOdY5XYhVpvumB3Y3VZm7hTlkXKGMudGgJ3qoeB": "ZbJLdPksawcRLjcE2XjQOBViVVjJay0Pkvk6vo6GXx0oWgz06EEKmWaA4iGvxxVq" +
		"45ixwP0qh8ByGpcgmMNcvLBPqnzAv4ALK8S8dY3opWPtkpgSEnU4yP5NiRVkcHgD",
}

// settings changes settings as nobody.
func (p *replayer) settings(t *testing.T, key, value string) {
	t.Helper()
	if err := p.world.svc.ChangeSettings(t.Context(), tokencore.Actor{}, map[string]json.RawMessage{key: json.RawMessage(value)}); err != nil {
		t.Fatal(err)
	}
}

// wait lets time pass.
func (p *replayer) wait(d time.Duration) { p.world.clock = p.world.clock.Add(d) }
