package tokencore

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
)

// Keys of the settings that decide about tokens, in AWX's words.
const (
	SettingOAuth2Provider       = "OAUTH2_PROVIDER"
	SettingExternalUsers        = "ALLOW_OAUTH2_FOR_EXTERNAL_USERS"
	SettingBasicAuth            = "AUTH_BASIC_ENABLED"
	SettingActivityStream       = "ACTIVITY_STREAM_ENABLED"
	SettingAdminsSeeAllUsers    = "ORG_ADMINS_CAN_SEE_ALL_USERS"
	SettingAdminsManageAccounts = "MANAGE_ORGANIZATION_AUTH"
	SettingSessionAge           = "SESSION_COOKIE_AGE"
	SettingSessionsPerUser      = "SESSIONS_PER_USER"
	SettingLocalAuthOff         = "DISABLE_LOCAL_AUTH"
)

// Settings are the run-time choices that decide about tokens. They live in the
// store, so all nodes share them and a change needs no restart.
type Settings struct {
	AccessTokenSeconds       int64 // from creation
	RefreshTokenSeconds      int64 // from creation of the refresh token, judged at use
	AuthorizationCodeSeconds int64 // from creation
	AllowExternalUsers       bool  // may tokens be made for LDAP, social and enterprise users
	BasicAuth                bool  // is HTTP Basic accepted by the API
	ActivityStream           bool  // are activity entries written
	AdminsSeeAllUsers        bool  // do organization admins and auditors see every user
	AdminsManageAccounts     bool  // may organization admins create users and hand out roles
	SessionSeconds           int64 // from the last use of a session
	SessionsPerUser          int64 // how many sessions a user may have; negative: any number
	LocalAuthOff             bool  // are passwords of the local directory refused
}

// DefaultSettings are AWX 24.6.1's: 1000 years, one month, ten minutes.
func DefaultSettings() Settings {
	return Settings{
		AccessTokenSeconds:       31_536_000_000,
		RefreshTokenSeconds:      2_628_000,
		AuthorizationCodeSeconds: 600,
		BasicAuth:                true,
		ActivityStream:           true,
		AdminsSeeAllUsers:        true,
		AdminsManageAccounts:     true,
		SessionSeconds:           1800,
		SessionsPerUser:          -1,
	}
}

// ParseSettings lays stored values over the defaults. A key that is missing, also
// inside OAUTH2_PROVIDER, keeps its default: AWX stores that object as sent, even
// incomplete. A number too large for int64 counts as the largest.
func ParseSettings(stored map[string]json.RawMessage) Settings {
	s := DefaultSettings()
	var provider map[string]json.Number
	if json.Unmarshal(stored[SettingOAuth2Provider], &provider) == nil {
		readSeconds(&s.AccessTokenSeconds, provider["ACCESS_TOKEN_EXPIRE_SECONDS"])
		readSeconds(&s.RefreshTokenSeconds, provider["REFRESH_TOKEN_EXPIRE_SECONDS"])
		readSeconds(&s.AuthorizationCodeSeconds, provider["AUTHORIZATION_CODE_EXPIRE_SECONDS"])
	}
	readBool(&s.AllowExternalUsers, stored[SettingExternalUsers])
	readBool(&s.BasicAuth, stored[SettingBasicAuth])
	readBool(&s.ActivityStream, stored[SettingActivityStream])
	readBool(&s.AdminsSeeAllUsers, stored[SettingAdminsSeeAllUsers])
	readBool(&s.AdminsManageAccounts, stored[SettingAdminsManageAccounts])
	readSeconds(&s.SessionSeconds, json.Number(stored[SettingSessionAge]))
	readInteger(&s.SessionsPerUser, stored[SettingSessionsPerUser])
	readBool(&s.LocalAuthOff, stored[SettingLocalAuthOff])
	return s
}

func readSeconds(seconds *int64, number json.Number) {
	switch n, err := number.Int64(); {
	case err == nil && n > 0:
		*seconds = n
	case number != "" && isLargeInteger(number.String()):
		*seconds = math.MaxInt64
	}
}

// isLargeInteger tells an integer beyond int64 from everything else that Int64 refuses.
func isLargeInteger(digits string) bool {
	return len(digits) >= len("9223372036854775807") && strings.Trim(digits, "0123456789") == ""
}

func readBool(value *bool, raw json.RawMessage) {
	var b bool
	if len(raw) != 0 && json.Unmarshal(raw, &b) == nil {
		*value = b
	}
}

func readInteger(value *int64, raw json.RawMessage) {
	var n int64
	if len(raw) != 0 && json.Unmarshal(raw, &n) == nil {
		*value = n
	}
}

// Settings returns the settings in force now.
func (s *Service) Settings(ctx context.Context) (Settings, error) { return settingsOf(ctx, s.store) }

func settingsOf(ctx context.Context, from SettingReader) (Settings, error) {
	stored, err := from.StoredSettings(ctx)
	if err != nil {
		return Settings{}, Unavailable("reading settings", err)
	}
	return ParseSettings(stored), nil
}

// ChangeSettings stores values by key, deletes those that are nil, and records
// each real change in the activity stream. Values must have been validated.
func (s *Service) ChangeSettings(ctx context.Context, by Actor, values map[string]json.RawMessage) error {
	return s.store.Update(ctx, func(tx Tx) error {
		stored, err := tx.StoredSettings(ctx)
		if err != nil {
			return Unavailable("reading settings", err)
		}
		var entries []Activity
		for _, key := range sortedKeys(values) {
			entry, err := changeSetting(ctx, tx, key, stored[key], values[key])
			if err != nil {
				return err
			}
			if entry.Operation != "" {
				entries = append(entries, entry)
			}
		}
		after, err := settingsOf(ctx, tx)
		if err != nil || !after.ActivityStream && !ParseSettings(stored).ActivityStream {
			return err
		}
		// Recorded although the stream may be off from here on: who switched it off
		// is the last thing that it must not keep to itself.
		for _, entry := range entries {
			if err := s.appendActivity(ctx, tx, by, entry); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeSetting returns the entry about the change, without an operation if there is
// nothing to change. A value that is nil is the default.
func changeSetting(ctx context.Context, tx Tx, key string, before, after json.RawMessage) (Activity, error) {
	entry := Activity{Object: ObjectSetting, Setting: key}
	switch {
	case bytes.Equal(before, after):
		return Activity{}, nil
	case after == nil:
		entry.Operation, entry.Changes = OperationDelete, changesOf(pair{"value", storedValue(before)})
		return entry, Unavailable("resetting "+key, tx.DeleteSetting(ctx, key))
	case before == nil:
		entry.Operation, entry.Changes = OperationCreate, changesOf(pair{"value", givenValue(after)})
	default:
		entry.Operation = OperationUpdate
		entry.Changes = changesOf(pair{"value", []any{storedValue(before), givenValue(after)}})
	}
	return entry, Unavailable("storing "+key, tx.PutSetting(ctx, key, after))
}
