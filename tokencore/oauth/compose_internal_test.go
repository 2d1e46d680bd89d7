package oauth

import (
	"strings"
	"testing"

	"github.com/ory/fosite"

	"github.com/awxgate/awxgate/tokencore"
)

func TestNewNeedsAService(t *testing.T) {
	if _, err := New(nil, Config{}); err == nil {
		t.Error("no error")
	}
}

func TestFositeIsOfferedNothingThatAWXLacks(t *testing.T) {
	if _, ok := any(configurator{}).(fosite.PushedAuthorizeRequestConfigProvider); ok {
		t.Error("fosite would take pushed authorization requests")
	}
	if _, ok := any(&client{}).(fosite.OpenIDConnectClient); ok {
		t.Error("fosite would take client assertions and fetch keys")
	}
	provider := compose(nil, Config{})
	if introspection := provider.Config.GetTokenIntrospectionHandlers(t.Context()); len(introspection) != 0 {
		t.Error("fosite would introspect, and take refresh tokens for access tokens")
	}
	if revocation := provider.Config.GetRevocationHandlers(t.Context()); len(revocation) != 0 {
		t.Error("fosite would revoke, and answer 200 whatever happens")
	}
}

func TestNothingIsWrittenOutsideOfATransaction(t *testing.T) {
	ctx, store, request := t.Context(), storage{}, fosite.NewRequest()
	digest := tokencore.DigestOf(tokencore.KindAccess, "x").String()
	if _, err := store.BeginTX(ctx); err == nil {
		t.Error("a transaction began that is none")
	}
	for name, err := range map[string]error{
		"commit":        store.Commit(ctx),
		"access token":  store.CreateAccessTokenSession(ctx, digest, request),
		"refresh token": store.CreateRefreshTokenSession(ctx, digest, digest, request),
		"code":          store.CreateAuthorizeCodeSession(ctx, digest, request),
		"redeemed code": store.InvalidateAuthorizeCodeSession(ctx, digest),
		"rotation":      store.RotateRefreshToken(ctx, "", digest),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if wireErrorOf(err) != nil {
			t.Errorf("%s: %v is told to the client as its own fault", name, err)
		}
	}
}

func TestWhatCannotBeACredentialIsNotLookedUp(t *testing.T) {
	for _, bad := range []string{"", " ", "a b", "a\n", "é", "\x00", strings.Repeat("x", 256)} {
		if got := signature(tokencore.KindAccess, bad); got != "" {
			t.Errorf("%q has the signature %s", bad, got)
		}
	}
	for _, good := range []string{"x", strings.Repeat("x", 255), "a.b-c_d~e/f+g="} {
		if got, want := signature(tokencore.KindRefresh, good), tokencore.DigestOf(tokencore.KindRefresh, good).String(); got != want {
			t.Errorf("%q has the signature %s, want %s", good, got, want)
		}
	}
}
