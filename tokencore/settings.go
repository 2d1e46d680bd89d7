package tokencore

import (
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
		for _, key := range sortedKeys(values) {
			if err := s.changeSetting(ctx, tx, by, key, stored, values[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) changeSetting(ctx context.Context, tx Tx, by Actor, key string, stored map[string]json.RawMessage, value json.RawMessage) error {
	old, had := stored[key]
	entry := Activity{Object: ObjectSetting, Object2: key}
	switch {
	case value == nil && !had:
		return nil
	case value == nil:
		if err := tx.DeleteSetting(ctx, key); err != nil {
			return Unavailable("resetting "+key, err)
		}
		entry.Operation, entry.Changes = OperationDelete, changesOf(pair{"value", string(old)})
	case had && string(old) == string(value):
		return nil
	default:
		if err := tx.PutSetting(ctx, key, value); err != nil {
			return Unavailable("storing "+key, err)
		}
		if entry.Operation = OperationCreate; had {
			entry.Operation = OperationUpdate
			entry.Changes = changesOf(pair{"value", []string{string(old), string(value)}})
		} else {
			entry.Changes = changesOf(pair{"value", string(value)})
		}
	}
	return s.record(ctx, tx, by, entry)
}
