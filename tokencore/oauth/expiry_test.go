package oauth_test

import (
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

func TestExpiresInIsTheSettingExactly(t *testing.T) {
	// What remains until the last second that has a date: 9998-12-31T23:59:59Z.
	latest := tokencore.LatestExpiry.Unix() - time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).Unix()
	for _, test := range []struct {
		name    string
		setting string
		want    int64
	}{
		{"AWX's 1000 years, which overflow time.Duration", `{}`, 31_536_000_000},
		{"an hour", `{"ACCESS_TOKEN_EXPIRE_SECONDS": 3600}`, 3600},
		{"a second", `{"ACCESS_TOKEN_EXPIRE_SECONDS": 1}`, 1},
		{"beyond the calendar", `{"ACCESS_TOKEN_EXPIRE_SECONDS": 1000000000000000}`, latest},
		{"beyond int64", `{"ACCESS_TOKEN_EXPIRE_SECONDS": 99999999999999999999}`, latest},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.set(t, tokencore.SettingOAuth2Provider, test.setting)
			password := w.login(t)
			refreshed := w.refresh(password.RefreshToken, w.machine).ok(t)
			redeemed := w.redeem(w.authorize(w.web).code(t), w.web).ok(t)
			for _, got := range []fields{password, refreshed, redeemed} {
				if got.ExpiresIn != test.want {
					t.Errorf("got %d, want %d", got.ExpiresIn, test.want)
				}
			}
			for _, token := range w.rows(t).Tokens {
				if got := token.Expires.Unix() - w.now.Unix(); got != test.want {
					t.Errorf("the row expires in %d, want %d", got, test.want)
				}
			}
			if !w.accepted(t, redeemed.AccessToken) {
				t.Error("the token was born dead")
			}
		})
	}
}

func TestSettingsCountFromTheNextIssueOn(t *testing.T) {
	w := newWorld(t)
	before := w.login(t)
	w.set(t, tokencore.SettingOAuth2Provider, `{"ACCESS_TOKEN_EXPIRE_SECONDS": 60}`)
	after := w.login(t)
	if before.ExpiresIn != 31_536_000_000 || after.ExpiresIn != 60 {
		t.Errorf("got %d and %d", before.ExpiresIn, after.ExpiresIn)
	}
	w.now = w.now.Add(time.Minute)
	if !w.accepted(t, before.AccessToken) || w.accepted(t, after.AccessToken) {
		t.Error("a token keeps the life that it was given")
	}
}

func TestOnlyAccessTokensOpenTheAPI(t *testing.T) {
	w := newWorld(t)
	got := w.login(t)
	for name, credential := range map[string]string{
		"refresh token": got.RefreshToken,
		"code":          w.authorize(w.web).code(t),
		"client id":     w.machine.ClientID,
		"client secret": w.machine.secret.Reveal(),
	} {
		if w.accepted(t, credential) {
			t.Errorf("a %s opens the API", name)
		}
	}
	if !w.accepted(t, got.AccessToken) {
		t.Error("the access token does not")
	}
}
