package oauth_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

const verifier = "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// authorize is alice pressing the button of the page.
func (w *world) authorize(c client, more ...string) answer { return w.authorizeAs("alice", c, more...) }

func (w *world) authorizeAs(username string, c client, more ...string) answer {
	return post(w.ServeAuthorize, "/api/o/authorize/", consentForm(c, more...), as(username))
}

func consentForm(c client, more ...string) string {
	f := form("client_id", c.ClientID, "response_type", "code", "redirect_uri", callback, "scope", "read write",
		"allow", "Authorize", "csrfmiddlewaretoken", formToken)
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f.Encode()
}

// code is the code that the redirect carries.
func (a answer) code(t *testing.T) string {
	t.Helper()
	location, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != 302 || location.Query().Get("code") == "" {
		t.Fatalf("got %d, Location %q, %s", a.status, a.header.Get("Location"), a.body)
	}
	return location.Query().Get("code")
}

func (w *world) redeem(code string, c client, more ...string) answer {
	f := form("grant_type", "authorization_code", "code", code, "redirect_uri", callback)
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	if c.ClientType == tokencore.Public {
		f.Set("client_id", c.ClientID)
		return w.token(f)
	}
	return w.token(f, basic(c))
}

func TestCodeIsRedeemedForTokens(t *testing.T) {
	w := newWorld(t)
	code := w.authorize(w.web, "scope", "write read").code(t)
	if len(code) != tokencore.TokenLength {
		t.Errorf("the code has %d characters", len(code))
	}
	got := w.redeem(code, w.web)
	answer{got.status, got.header, masked(got.body)}.want(t, 200, tokens("write read"))
	if token := w.rows(t).Tokens[0]; token.UserID != w.alice.ID || token.ApplicationID != w.web.ID {
		t.Errorf("the token belongs to user %d of application %d", token.UserID, token.ApplicationID)
	}
	again := w.refresh(got.json(t).RefreshToken, w.web).ok(t)
	if !w.accepted(t, again.AccessToken) || again.Scope != "write read" {
		t.Errorf("the refreshed token has scope %q", again.Scope)
	}
}

func TestCodeIsRefused(t *testing.T) {
	w := newWorld(t)
	multi := w.app(t, tokencore.Application{
		Name: "multi", ClientType: tokencore.Confidential, GrantType: tokencore.GrantAuthorizationCode,
		RedirectURIs: callback + " https://b.example/cb?x=1",
	})
	other := w.app(t, tokencore.Application{
		Name: "other", ClientType: tokencore.Confidential, GrantType: tokencore.GrantAuthorizationCode, RedirectURIs: callback,
	})
	code := w.authorize(w.web).code(t)
	ofMulti := w.authorize(multi, "redirect_uri", "https://b.example/cb?x=1").code(t)
	bare := form("grant_type", "authorization_code", "code", ofMulti)
	for _, test := range []struct {
		name string
		got  answer
		want string
	}{
		{"without the parameter", w.token(form("grant_type", "authorization_code"), basic(w.web)), missing("Missing code parameter.")},
		{"when it is empty", w.redeem("", w.web), invalidGrant},
		{"when it is unknown", w.redeem("nosuch", w.web), invalidGrant},
		{"when it is another client's", w.redeem(code, other), invalidGrant},
		{"of a public client that it is not for", w.redeem("nosuch", w.native), invalidGrant},
		{"for a password application", w.redeem(code, w.machine), unauthorizedClient},
		{"with another redirect URI", w.redeem(code, w.web, "redirect_uri", "https://a.example/other"), missing("Mismatching redirect URI.")},
		{"with a slash too many", w.redeem(code, w.web, "redirect_uri", callback+"/"), missing("Mismatching redirect URI.")},
		{"with no redirect URI when several are registered", w.token(bare, basic(multi)), missing("Missing redirect URI.")},
		{"with the other registered redirect URI", w.redeem(ofMulti, multi), missing("Mismatching redirect URI.")},
		{"with a verifier that nobody announced", w.redeem(code, w.web, "code_verifier", verifier), invalidGrant},
		{"as a refresh token", w.refresh(code, w.web), invalidGrant},
	} {
		t.Run(test.name, func(t *testing.T) { test.got.want(t, 400, test.want) })
	}
	w.redeem(code, client{w.web.Application, other.secret}).want(t, 401, invalidClient)
	if w.accepted(t, code) {
		t.Error("a code opens the API")
	}
	// As in AWX, none of these used it up.
	w.redeem(code, w.web).ok(t)
	w.redeem(ofMulti, multi, "redirect_uri", "https://b.example/cb?x=1").ok(t)
}

func TestCodeNeedsNoRedirectURIIfOneIsRegistered(t *testing.T) {
	w := newWorld(t)
	code := w.authorize(w.web).code(t)
	w.token(form("grant_type", "authorization_code", "code", code), basic(w.web)).ok(t)
}

func TestCodeExpires(t *testing.T) {
	w := newWorld(t)
	w.set(t, tokencore.SettingOAuth2Provider, `{"AUTHORIZATION_CODE_EXPIRE_SECONDS": 300}`)
	early, late := w.authorize(w.web).code(t), w.authorize(w.web).code(t)
	w.now = w.now.Add(300*time.Second - time.Microsecond)
	w.redeem(early, w.web).ok(t)
	w.now = w.now.Add(time.Microsecond)
	w.redeem(late, w.web).want(t, 400, invalidGrant)
}

func TestReuseOfACodeEndsTheGrant(t *testing.T) {
	w := newWorld(t)
	code := w.authorize(w.web).code(t)
	first := w.redeem(code, w.web).ok(t)
	second := w.refresh(first.RefreshToken, w.web).ok(t)

	w.redeem(code, w.web).want(t, 400, invalidGrant)
	if w.accepted(t, second.AccessToken) {
		t.Error("the token that grew from the code outlived the replay")
	}
	w.refresh(second.RefreshToken, w.web).want(t, 400, invalidGrant)
	if lines := strings.Count(w.log.String(), "presented again"); lines != 1 {
		t.Errorf("got %d log lines about it, want 1:\n%s", lines, w.log)
	}
}

func TestCodeIsOverWhenTheRedirectURIsChange(t *testing.T) {
	w := newWorld(t)
	code := w.authorize(w.web).code(t)
	if _, _, err := w.svc.UpdateApplication(t.Context(), tokencore.Actor{}, w.web.ID, func(a *tokencore.Application) error {
		a.RedirectURIs = "https://b.example/cb"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.redeem(code, w.web).want(t, 400, invalidGrant)
}

func TestPKCEBindsTheCodeToItsRequest(t *testing.T) {
	w := newWorld(t)
	for _, c := range []client{w.native, w.web} {
		t.Run(string(c.ClientType), func(t *testing.T) {
			code := w.authorize(c, "code_challenge", challengeOf(verifier), "code_challenge_method", "S256").code(t)
			w.redeem(code, c).want(t, 400, missing("Code verifier required."))
			w.redeem(code, c, "code_verifier", "").want(t, 400, invalidGrant)
			w.redeem(code, c, "code_verifier", strings.Repeat("z", 50)).want(t, 400, invalidGrant)
			w.redeem(code, c, "code_verifier", verifier[:42]).want(t, 400, invalidGrant)
			w.redeem(code, c, "code_verifier", strings.Repeat("v", 129)).want(t, 400, invalidGrant)
			w.redeem(code, c, "code_verifier", verifier+"!").want(t, 400, invalidGrant)
			w.redeem(code, c, "code_verifier", challengeOf(verifier)).want(t, 400, invalidGrant)
			// fosite forgets the challenge at the first wrong verifier; we must not.
			w.redeem(code, c).want(t, 400, missing("Code verifier required."))
			w.redeem(code, c, "code_verifier", verifier).ok(t)
		})
	}
}

func TestPKCEIsRequiredOfPublicClients(t *testing.T) {
	w := newWorld(t)
	refused := w.authorize(w.native, "state", "s")
	if got, want := refused.header.Get("Location"), callback+"?error=invalid_request&error_description=Code+challenge+required.&state=s"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	t.Run("also when the code was made while it was not", func(t *testing.T) {
		code := w.authorize(w.web).code(t)
		if _, _, err := w.svc.UpdateApplication(t.Context(), tokencore.Actor{}, w.web.ID, func(a *tokencore.Application) error {
			a.ClientType = tokencore.Public
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		public := w.web
		public.ClientType = tokencore.Public
		w.redeem(code, public).want(t, 400, `{"error": "invalid_request"}`)
	})
	t.Run("unless AWX's laxer rule is chosen", func(t *testing.T) {
		lax := newWorldWith(t, memory.New(), oauth.Config{AllowPKCEOptional: true})
		lax.redeem(lax.authorize(lax.native).code(t), lax.native).ok(t)
	})
}

func TestOnlyS256IsAccepted(t *testing.T) {
	lax := newWorldWith(t, memory.New(), oauth.Config{AllowPKCEOptional: true})
	const transform = "Transform+algorithm+not+supported."
	for _, test := range []struct{ name, challenge, method, description string }{
		{"plain", verifier, "plain", transform},
		{"no method, which means plain", verifier, "", transform},
		{"an unknown method", verifier, "foo", transform},
		{"the method in lower case", challengeOf(verifier), "s256", transform},
		{"a challenge that is no digest", verifier, "S256", "Invalid+code+challenge."},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := lax.authorize(lax.native, "code_challenge", test.challenge, "code_challenge_method", test.method, "state", "q")
			want := callback + "?error=invalid_request&error_description=" + test.description + "&state=q"
			if location := got.header.Get("Location"); location != want {
				t.Errorf("got %d %s\nwant %s", got.status, location, want)
			}
		})
	}
}

func TestCodeOfADisabledUserIsRefused(t *testing.T) {
	w := newWorld(t)
	code := w.authorize(w.web).code(t)
	if _, err := w.svc.UpdateUser(t.Context(), tokencore.Actor{}, w.alice.ID, func(u *tokencore.User) error {
		u.IsActive = false
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.redeem(code, w.web).want(t, 400, invalidGrant)
}

func TestCodeOfAnExternalUserIsRefusedAsAWXDoes(t *testing.T) {
	w := newWorld(t)
	w.user(t, tokencore.User{Username: "eve", External: "ldap", IsActive: true})
	code := w.authorizeAs("eve", w.web).code(t)
	w.redeem(code, w.web).want(t, 403, "(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (ldap)")
}

func TestCodeIsNeverMadeByLooking(t *testing.T) {
	w := newWorld(t)
	query := "response_type=code&allow=Authorize&csrfmiddlewaretoken=" + formToken + "&client_id=" + w.web.ClientID
	if got := w.look(query); got.status != 200 || got.header.Get("Location") != "" {
		t.Errorf("got %d, Location %s", got.status, got.header.Get("Location"))
	}
}
