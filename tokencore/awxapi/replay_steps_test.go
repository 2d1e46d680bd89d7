package awxapi_test

import (
	"errors"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// unrecorded is what the recorder did without recording it, by what it did next: a file,
// a case by its label, or a case by its line.
var unrecorded = map[string]func(*testing.T, *replayer){
	"01-roots.http": func(t *testing.T, p *replayer) {
		// Roles have no resource of their own here.
		p.mustCall(t, "admin", "POST", "/api/v2/organizations/2/auditors/", `{"id":5}`)
	},
	"01-roots.http bad bearer":              withBearer("nosuchtoken"),
	"01-roots.http malformed authorization": withBearer(""),

	"04-tokens.http": func(t *testing.T, p *replayer) {
		p.application(t, 45, tokencore.Application{Name: "upd-put", Description: "via named url", RedirectURIs: "https://b.example/"})
		p.application(t, 47, tokencore.Application{Name: "viaorg", ClientType: tokencore.Public})
		p.application(t, 48, tokencore.Application{Name: "viaorg2", ClientType: tokencore.Public})
		p.application(t, 49, tokencore.Application{Name: "viauser"})
	},

	"05-o-token.http": func(t *testing.T, p *replayer) {
		p.application(t, 53, tokencore.Application{Name: "c395202", ClientID: "pnOdY5XYhVpvumB3Y3VZm7hTlkXKGMudGgJ3qoeB"})
		p.application(t, 54, tokencore.Application{Name: "c2395202", ClientID: "e0RTkzyozjxagK2LL06AGVMZLTqwEdtk8jCiyamY"})
		p.application(t, 55, tokencore.Application{
			Name: "p395202", ClientID: "uQwNLHwTJim3VBwflnhpYCNFJAz4loqavtK0dkVR", ClientType: tokencore.Public,
		})
		p.application(t, 56, tokencore.Application{
			Name: "ac395202", ClientID: "JKcLgNNWBBHu3VCY7lj40cyWqWPv1HvPuPftql1E", GrantType: codeGrant, RedirectURIs: callbackURI,
		})
		p.application(t, 57, tokencore.Application{
			Name: "acp395202", ClientID: "JJRL3suZNv4Ci4BzeuKYrSfIuDAgClMJ2IbIXdGz", GrantType: codeGrant, RedirectURIs: callbackURI,
			ClientType: tokencore.Public,
		})
		p.align(t, "tokens", 53)
	},
	"05-o-token.http old access token": withBearer("zEqG7Ef351eOO7OWAZXCMqhTM8XQqP"),
	"05-o-token.http new access token": withBearer(""),
	"05-o-token.http inactive user pw": func(t *testing.T, p *replayer) {
		p.world.change(t, func(tx tokencore.Tx) error {
			u, err := tx.User(t.Context(), inactive)
			u.IsActive = false
			return errors.Join(err, tx.UpdateUser(t.Context(), u))
		})
	},

	"05-o-token.http inactive user bearer": func(t *testing.T, p *replayer) {
		// AWX had refreshed the token of the disabled user.
		refresh, _, err := p.world.store.RefreshTokens(t.Context(), tokencore.Query{Where: tokencore.Eq("token", p.world.newest(t, "tokens"))})
		if err != nil || len(refresh) != 1 {
			t.Fatal(refresh, err)
		}
		revokeLast(t, p)
		p.token(t, 78, tokencore.Token{UserID: inactive, ApplicationID: 53, Scope: "read write", SourceID: refresh[0].ID}, "", uuid(t))
	},
	// AWX had revoked another client's token.
	"05-o-token.http:1124": revokeLast,
	"05-o-token.http:1380": revokeLast,

	"06-session-authorize.http exchange ok": func(t *testing.T, p *replayer) { p.align(t, "tokens", 91) },
	"06-session-authorize.http multi exchange ok": func(t *testing.T, p *replayer) {
		// What AWX issued for PKCE without S256.
		p.token(t, 94, tokencore.Token{UserID: alice, ApplicationID: 60, Scope: "read write"}, "", uuid(t))
		p.token(t, 95, tokencore.Token{UserID: alice, ApplicationID: 60, Scope: "read write"}, "", uuid(t))
	},
	"06-session-authorize.http": func(t *testing.T, p *replayer) {
		p.token(t, 87, tokencore.Token{UserID: inactive, Scope: "write", LastUsed: p.world.now()}, "", "")
		p.application(t, 58, tokencore.Application{
			Name: "az145304", ClientID: "am3eLGWEUMuiuNUALRaWZhDn9j6XoyrS9Ij2XNQX", GrantType: codeGrant, RedirectURIs: callbackURI,
		})
		p.application(t, 59, tokencore.Application{
			Name: "azskip145304", ClientID: "4lvCaZSbFPpTOkTQ6LX3PCkRG2bptlqSv3raWG9M", GrantType: codeGrant, RedirectURIs: callbackURI,
			SkipAuthorization: true,
		})
		p.application(t, 60, tokencore.Application{
			Name: "azpub145304", ClientID: "8jjUTGAe2QAOdgSiONcIZyS899lQrlPxXdy0QeB6", GrantType: codeGrant, RedirectURIs: callbackURI,
			ClientType: tokencore.Public,
		})
		p.application(t, 61, tokencore.Application{
			Name: "azpw145304", ClientID: "yLyhp3RZKwFkKIYdCuNZdgCvmq428oLteTorphy1", RedirectURIs: callbackURI,
		})
		p.application(t, 62, tokencore.Application{
			Name: "azmulti145304", ClientID: "8FUEhBgVIH06e8k7jVcqWl2sSLoz8jev28AijfEo", GrantType: codeGrant,
			RedirectURIs: "https://a.example/cb https://b.example/cb?x=1 http://127.0.0.1/cb",
		})
	},

	"09-lists-filters.http": roleMatrixLeftovers,

	"11-settings.http": func(t *testing.T, p *replayer) {
		p.settings(t, "SESSIONS_PER_USER", "-1")
		p.settings(t, tokencore.SettingBasicAuth, "true")
	},

	"12-expiry.http refresh expired": func(_ *testing.T, p *replayer) { p.wait(2 * time.Second) },
	"12-expiry.http refresh with expired access token": func(t *testing.T, p *replayer) {
		id := p.world.newest(t, "tokens")
		p.world.change(t, func(tx tokencore.Tx) error {
			k, err := tx.Token(t.Context(), id)
			k.Expires = p.world.clock.Add(-time.Hour)
			return errors.Join(err, tx.UpdateToken(t.Context(), k))
		})
	},

	"13-external.http": func(t *testing.T, p *replayer) {
		p.application(t, 88, tokencore.Application{Name: "ext696649", ClientID: "m2plnoIUy7XVGZeanj8u5F6Fz4VYxTrOYs1UE3fX"})
	},
	"13-external.http user repr":                   externalUser,
	"13-external.http access after failed refresh": func(_ *testing.T, p *replayer) { p.bearer = p.external.access },
	"13-external.http patch existing token":        func(_ *testing.T, p *replayer) { p.bearer = p.external.personal },
	"13-external.http create REST when allowed": func(t *testing.T, p *replayer) {
		p.settings(t, tokencore.SettingExternalUsers, "true")
	},

	"15-activity.http": func(t *testing.T, p *replayer) {
		p.bearer = ""
		p.settings(t, tokencore.SettingExternalUsers, "false")
		p.world.change(t, func(tx tokencore.Tx) error { // awx-manage revoke_oauth2_tokens
			tokens, _, err := tx.Tokens(t.Context(), tokencore.Query{})
			for _, k := range tokens {
				err = errors.Join(err, tx.DeleteToken(t.Context(), k.ID))
			}
			return err
		})
		p.align(t, "tokens", 203)
		p.align(t, "activity_stream", 711)
	},
	"15-activity.http entries after create_oauth2_token": func(t *testing.T, p *replayer) {
		p.world.token(t, alice, 0, tokencore.DefaultScope)
	},
	"15-activity.http entries after revoke_oauth2_tokens": revokeLast,

	"16-awxkit.log": func(t *testing.T, p *replayer) {
		p.token(t, 209, tokencore.Token{UserID: admin, Description: "AWX CLI", Scope: "write"}, "", "")
		p.application(t, 90, tokencore.Application{
			Name: "kitconf", ClientID: "0BjHxtQymJMoYr6sF6VwS2QqtxuBsBboHqxdKyvG", OrganizationID: orgDefault,
		})
		p.application(t, 91, tokencore.Application{
			Name: "kitpub", ClientID: "bNK2E7ZxFRm6SVizY64VbrXtR2XIxUzHd74cpech", OrganizationID: orgDefault, ClientType: tokencore.Public,
		})
	},

	"16-awxkit.log:1784": func(t *testing.T, p *replayer) {
		p.token(t, 215, tokencore.Token{UserID: admin, Scope: "write"}, "UjyrbQO1kVFYqkxSCR1pOvIo72x4x4", "")
	},

	"17-ansible.log:661": func(t *testing.T, p *replayer) {
		p.token(t, 232, tokencore.Token{UserID: admin, Scope: "write"}, "", "")
	},
	"17-ansible.log:740": func(t *testing.T, p *replayer) {
		p.token(t, 235, tokencore.Token{UserID: admin, Scope: "write"}, "lpRWVu0OIRUr6GLLf2936f8HvoavGX", "")
	},

	"20-misc.http detail 12 tokens": func(t *testing.T, p *replayer) {
		const application, first, tokens = 96, 242, 12
		p.align(t, "tokens", first)
		for range tokens {
			p.world.token(t, admin, application, tokencore.DefaultScope)
		}
	},
}

const (
	codeGrant   = tokencore.GrantAuthorizationCode
	callbackURI = "https://a.example/cb"
)

// revokeLast revokes the token that was issued last.
func revokeLast(t *testing.T, p *replayer) {
	if err := p.world.svc.RevokeToken(t.Context(), tokencore.Actor{}, p.world.newest(t, "tokens")); err != nil {
		t.Fatal(err)
	}
}

// withBearer says which access token, as recorded, the next cases are sent with.
func withBearer(token string) func(*testing.T, *replayer) {
	return func(_ *testing.T, p *replayer) { p.bearer = token }
}
