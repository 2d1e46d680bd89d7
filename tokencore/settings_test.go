package tokencore

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

func TestParseSettings(t *testing.T) {
	defaults := DefaultSettings()
	with := func(change func(*Settings)) Settings {
		s := defaults
		change(&s)
		return s
	}
	tests := []struct {
		name   string
		stored map[string]json.RawMessage
		want   Settings
	}{
		{"nothing stored", nil, defaults},
		{"all three expiries", map[string]json.RawMessage{
			SettingOAuth2Provider: json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":3600,"REFRESH_TOKEN_EXPIRE_SECONDS":7200,"AUTHORIZATION_CODE_EXPIRE_SECONDS":60}`),
		}, with(func(s *Settings) {
			s.AccessTokenSeconds, s.RefreshTokenSeconds, s.AuthorizationCodeSeconds = 3600, 7200, 60
		})},
		{"a missing expiry keeps its default", map[string]json.RawMessage{
			SettingOAuth2Provider: json.RawMessage(`{"REFRESH_TOKEN_EXPIRE_SECONDS":5}`),
		}, with(func(s *Settings) { s.RefreshTokenSeconds = 5 })},
		{"an empty object", map[string]json.RawMessage{SettingOAuth2Provider: json.RawMessage(`{}`)}, defaults},
		{"a number beyond int64", map[string]json.RawMessage{
			SettingOAuth2Provider: json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":99999999999999999999999}`),
		}, with(func(s *Settings) { s.AccessTokenSeconds = math.MaxInt64 })},
		{"zero and negative keep the default", map[string]json.RawMessage{
			SettingOAuth2Provider: json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS":0,"REFRESH_TOKEN_EXPIRE_SECONDS":-99999999999999999999}`),
		}, defaults},
		{"sessions", map[string]json.RawMessage{
			SettingSessionAge: json.RawMessage(`60`), SettingSessionsPerUser: json.RawMessage(`0`), SettingLocalAuthOff: json.RawMessage(`true`),
		}, with(func(s *Settings) { s.SessionSeconds, s.SessionsPerUser, s.LocalAuthOff = 60, 0, true })},
		{"sessions without bounds keep the default", map[string]json.RawMessage{
			SettingSessionAge: json.RawMessage(`-1`), SettingSessionsPerUser: json.RawMessage(`99999999999999999999`),
		}, defaults},
		{"booleans", map[string]json.RawMessage{
			SettingExternalUsers: json.RawMessage(`true`), SettingBasicAuth: json.RawMessage(`false`),
			SettingActivityStream: json.RawMessage(`false`), SettingAdminsSeeAllUsers: json.RawMessage(`false`),
		}, with(func(s *Settings) {
			s.AllowExternalUsers, s.BasicAuth, s.ActivityStream, s.AdminsSeeAllUsers = true, false, false, false
		})},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ParseSettings(tt.stored); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestExpiryAfter(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 3, 53, 659207123, time.UTC)
	tests := []struct {
		name    string
		seconds int64
		want    string
	}{
		{"ten minutes", 600, "2026-11-23T15:13:53.659207Z"},
		{"AWX's 1000 years, as AWX printed it", 31_536_000_000, "3026-03-26T15:03:53.659207Z"},
		{"the last year", 251_000_000_000, "9980-10-08T05:17:13.659207Z"},
		{"beyond the last year", 1_000_000_000_000_000, "9998-12-31T23:59:59Z"},
		{"beyond all arithmetic", math.MaxInt64, "9998-12-31T23:59:59Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ExpiryAfter(now, tt.seconds).Format(time.RFC3339Nano); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
