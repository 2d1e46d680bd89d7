package oauth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

const refreshExpired = "The refresh token has expired."

func TestRefreshReplacesBothTokens(t *testing.T) {
	w := newWorld(t)
	first := w.login(t)
	granted := w.rows(t)
	w.now = w.now.Add(time.Hour)

	answered := w.refresh(first.RefreshToken, w.machine)
	answer{answered.status, answered.header, masked(answered.body)}.want(t, 200, tokens("read write"))
	second := answered.json(t)
	if second.AccessToken == first.AccessToken || second.RefreshToken == first.RefreshToken {
		t.Error("the tokens are the old ones")
	}
	if w.accepted(t, first.AccessToken) || !w.accepted(t, second.AccessToken) {
		t.Error("the old access token must be dead and the new one good")
	}
	rows := w.rows(t)
	if len(rows.Tokens) != 1 || len(rows.Refresh) != 2 {
		t.Fatalf("got %d tokens and %d refresh tokens, want the new token, the tombstone and the new refresh token", len(rows.Tokens), len(rows.Refresh))
	}
	if old := rows.Refresh[0]; !old.Revoked.Equal(w.now) || old.TokenID != 0 {
		t.Errorf("the tombstone is %+v", old)
	}
	if rows.Tokens[0].GrantID != granted.Tokens[0].GrantID || rows.Refresh[1].GrantID != granted.Tokens[0].GrantID {
		t.Error("the grant does not go on in the new tokens")
	}
	if granted.Tokens[0].SourceID != 0 || rows.Tokens[0].SourceID != rows.Refresh[0].ID {
		t.Errorf("the new token comes from refresh token %d, want %d", rows.Tokens[0].SourceID, rows.Refresh[0].ID)
	}
	if !rows.Tokens[0].Created.Equal(w.now) || rows.Activities != granted.Activities+2 {
		t.Errorf("created %v with %d activities, want now and delete + create", rows.Tokens[0].Created, rows.Activities-granted.Activities)
	}
}

func TestRefreshIsRefused(t *testing.T) {
	w := newWorld(t)
	other := w.app(t, tokencore.Application{Name: "other", ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword})
	good := w.login(t)
	rows := w.rows(t)
	missingToken := missing("Missing refresh token parameter.")
	for _, test := range []struct {
		name string
		got  answer
		want string
	}{
		{"without the parameter", w.token(form("grant_type", "refresh_token"), basic(w.machine)), missingToken},
		{"with an empty one", w.refresh("", w.machine), invalidGrant},
		{"with an unknown one", w.refresh("nosuch", w.machine), invalidGrant},
		{"with one that no token can be", w.refresh(strings.Repeat("x", 256), w.machine), invalidGrant},
		{"with another client's", w.refresh(good.RefreshToken, other), invalidGrant},
		{"with an access token", w.refresh(good.AccessToken, w.machine), invalidGrant},
		{"with a wider scope", w.refresh(good.RefreshToken, w.machine, "scope", "read write foo"), invalidScope},
	} {
		t.Run(test.name, func(t *testing.T) { test.got.want(t, 400, test.want) })
	}
	w.refresh(good.RefreshToken, client{w.machine.Application, other.secret}).want(t, 401, invalidClient)
	w.token(form("grant_type", "refresh_token", "refresh_token", good.RefreshToken)).want(t, 401, invalidClient)
	if diff := cmp.Diff(rows, w.rows(t)); diff != "" {
		t.Errorf("a refusal changed something:\n%s", diff)
	}
	w.refresh(good.RefreshToken, w.machine).ok(t)
}

func TestRefreshNarrowsForGood(t *testing.T) {
	w := newWorld(t)
	first := w.login(t)
	narrow := w.refresh(first.RefreshToken, w.machine, "scope", "read").ok(t)
	if narrow.Scope != "read" {
		t.Errorf("got scope %q, want read", narrow.Scope)
	}
	w.refresh(narrow.RefreshToken, w.machine, "scope", "read write").want(t, 400, invalidScope)
	w.refresh(narrow.RefreshToken, w.machine, "scope", "write").want(t, 400, invalidScope)
	if again := w.refresh(narrow.RefreshToken, w.machine).ok(t); again.Scope != "read" {
		t.Errorf("got scope %q after a refused widening, want read", again.Scope)
	}
}

func TestRefreshKeepsAScopeThatWasNarrowedByHand(t *testing.T) {
	w := newWorld(t)
	first := w.login(t)
	if _, err := w.svc.UpdateToken(t.Context(), tokencore.Actor{}, w.rows(t).Tokens[0].ID, func(token *tokencore.Token) error {
		token.Scope = "read"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.refresh(first.RefreshToken, w.machine, "scope", "write").want(t, 400, invalidScope)
	if second := w.refresh(first.RefreshToken, w.machine).ok(t); second.Scope != "read" {
		t.Errorf("got scope %q, want read", second.Scope)
	}
}

func TestRefreshServesEveryApplicationToken(t *testing.T) {
	w := newWorld(t)
	t.Run("made by REST for a password application", func(t *testing.T) { refreshIssued(t, w, w.machine) })
	t.Run("made by REST for a code application", func(t *testing.T) { refreshIssued(t, w, w.web) })
	t.Run("of a public client", func(t *testing.T) {
		got := w.token(form("grant_type", "password", "username", "alice", "password", password, "scope", "read", "client_id", w.gadget.ClientID)).ok(t)
		again := w.token(form("grant_type", "refresh_token", "refresh_token", got.RefreshToken, "client_id", w.gadget.ClientID)).ok(t)
		if again.Scope != "read" {
			t.Errorf("got scope %q, want read", again.Scope)
		}
	})
	t.Run("whose access token has expired", func(t *testing.T) {
		w.set(t, tokencore.SettingOAuth2Provider, `{"ACCESS_TOKEN_EXPIRE_SECONDS": 60}`)
		got := w.login(t)
		w.now = w.now.Add(time.Hour)
		w.refresh(got.RefreshToken, w.machine).ok(t)
	})
}

func refreshIssued(t *testing.T, w *world, c client) {
	t.Helper()
	issued, err := w.svc.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: w.alice.ID, ApplicationID: c.ID})
	if err != nil {
		t.Fatal(err)
	}
	got := w.refresh(issued.Refresh.Reveal(), c).ok(t)
	if got.Scope != "write" || w.accepted(t, issued.Access.Reveal()) || !w.accepted(t, got.AccessToken) {
		t.Errorf("got scope %q, want write, and the new token instead of the old", got.Scope)
	}
}

func TestRefreshTokenExpiresByItsCreationAndTheSettingOfTheDay(t *testing.T) {
	w := newWorld(t)
	got := w.login(t)
	w.now = w.now.Add(2_628_000*time.Second + time.Microsecond)

	expired := w.refresh(got.RefreshToken, w.machine)
	expired.want(t, 403, refreshExpired)
	if contentType := expired.header.Get("Content-Type"); contentType != "text/html; charset=utf-8" {
		t.Errorf("Content-Type is %q", contentType)
	}
	// AWX told everybody; whether a token ever existed is for its client to know.
	w.token(form("grant_type", "refresh_token", "refresh_token", got.RefreshToken)).want(t, 401, invalidClient)
	w.refresh("zz", w.machine).want(t, 400, invalidGrant)
	if !w.accepted(t, got.AccessToken) {
		t.Error("the access token must stay good")
	}

	w.set(t, tokencore.SettingOAuth2Provider, `{"REFRESH_TOKEN_EXPIRE_SECONDS": 2628001}`)
	w.refresh(got.RefreshToken, w.machine).ok(t)
}

func TestRefreshTokenLivesUntilTheVeryEnd(t *testing.T) {
	w := newWorld(t)
	got := w.login(t)
	w.now = w.now.Add(2_628_000 * time.Second)
	w.refresh(got.RefreshToken, w.machine).ok(t)
}

func TestRefreshIsOverWhenTheAccessTokenIsGone(t *testing.T) {
	w := newWorld(t)
	got := w.login(t)
	if err := w.svc.RevokeToken(t.Context(), tokencore.Actor{}, w.rows(t).Tokens[0].ID); err != nil {
		t.Fatal(err)
	}
	rows := w.rows(t)
	w.refresh(got.RefreshToken, w.machine).want(t, 400, invalidGrant) // AWX: 500
	if diff := cmp.Diff(rows, w.rows(t)); diff != "" {
		t.Errorf("the refusal changed something:\n%s", diff)
	}
}

func TestRefreshIsOverWhenTheUserIs(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, w *world){
		"disabled": func(t *testing.T, w *world) {
			_, err := w.svc.UpdateUser(t.Context(), tokencore.Actor{}, w.alice.ID, func(u *tokencore.User) error {
				u.IsActive = false
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		},
		"gone from the directory": func(_ *testing.T, w *world) { w.users.breakWith(tokencore.ErrNotFound) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			got := w.login(t)
			change(t, w)
			rows := w.rows(t)
			w.refresh(got.RefreshToken, w.machine).want(t, 400, invalidGrant)
			if diff := cmp.Diff(rows, w.rows(t)); diff != "" {
				t.Errorf("the refusal changed something:\n%s", diff)
			}
		})
	}
}

func TestReuseOfARefreshTokenEndsTheGrant(t *testing.T) {
	w := newWorld(t)
	bystander := w.login(t)
	first := w.login(t)
	second := w.refresh(first.RefreshToken, w.machine).ok(t)
	third := w.refresh(second.RefreshToken, w.machine).ok(t)

	w.refresh(first.RefreshToken, w.machine).want(t, 400, invalidGrant)
	if w.accepted(t, third.AccessToken) {
		t.Error("the newest access token outlived the replay")
	}
	w.refresh(third.RefreshToken, w.machine).want(t, 400, invalidGrant)
	if !w.accepted(t, bystander.AccessToken) {
		t.Error("another grant of the same user and client was ended too")
	}
	if lines := strings.Count(w.log.String(), "presented again"); lines != 1 {
		t.Errorf("got %d log lines about it, want 1:\n%s", lines, w.log)
	}
	for _, secret := range []string{first.RefreshToken, third.RefreshToken, third.AccessToken, w.machine.secret.Reveal()} {
		if strings.Contains(w.log.String(), secret) {
			t.Error("a credential is in the log")
		}
	}
}

func TestReplayByAnotherClientChangesNothing(t *testing.T) {
	w := newWorld(t)
	first := w.login(t)
	second := w.refresh(first.RefreshToken, w.machine).ok(t)
	w.token(form("grant_type", "refresh_token", "refresh_token", first.RefreshToken, "client_id", w.gadget.ClientID)).want(t, 400, invalidGrant)
	if !w.accepted(t, second.AccessToken) {
		t.Error("anybody could end a grant with an old token")
	}
}

func TestReplayOfAnImportedTokenWithoutAGrantEndsNoOthers(t *testing.T) {
	w := newWorld(t)
	secrets := []tokencore.Secret{tokencore.NewSecret("imported-one"), tokencore.NewSecret("imported-two")}
	err := w.store.Update(t.Context(), func(tx tokencore.Tx) error {
		for _, secret := range secrets {
			token := tokencore.Token{
				Digest: secret.Digest(tokencore.KindAccess), UserID: w.alice.ID, UserAnsibleID: w.alice.AnsibleID, ApplicationID: w.machine.ID,
				Scope: "read", Created: w.now, Modified: w.now, Expires: w.now.Add(time.Hour),
			}
			if err := tx.CreateToken(t.Context(), &token); err != nil {
				return err
			}
			refresh := tokencore.RefreshToken{
				Digest: secret.Digest(tokencore.KindRefresh), UserID: w.alice.ID, UserAnsibleID: w.alice.AnsibleID, ApplicationID: w.machine.ID,
				TokenID: token.ID, Scope: "read", Created: w.now,
			}
			if err := tx.CreateRefreshToken(t.Context(), &refresh); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.refresh(secrets[0].Reveal(), w.machine).ok(t)
	w.refresh(secrets[0].Reveal(), w.machine).want(t, 400, invalidGrant)
	if !w.accepted(t, secrets[1].Reveal()) {
		t.Error("the other imported token was ended too")
	}
}
