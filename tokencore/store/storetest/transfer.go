package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// Rows can be taken over only by stores that offer it; see tokencore.Importer.
var transferTests = []test{
	{"import keeps ids, digests and times, and may be repeated", func(t *testing.T, s store) {
		exporter, ok := s.Store.(tokencore.Exporter)
		if !ok {
			return
		}
		rows := transferred()
		for range 2 {
			if err := s.importRows(rows); err != nil {
				t.Fatal(err)
			}
		}
		user, err := s.User(s.ctx, 40)
		arrived(t, user, err, rows.Users[0])
		organization, err := s.Organization(s.ctx, 50)
		arrived(t, organization, err, rows.Organizations[0])
		holders, err := s.Holders(s.ctx, 50, tokencore.RoleAdmin)
		arrived(t, holders, err, []int64{40})
		application, err := s.Application(s.ctx, 60)
		arrived(t, application, err, rows.Applications[0])
		token, err := s.Token(s.ctx, 70)
		want := rows.Tokens[0]
		want.SourceID, want.Refreshable = 80, true
		arrived(t, token, err, want)
		refresh, err := s.RefreshTokenByDigest(s.ctx, rows.RefreshTokens[0].Digest)
		arrived(t, refresh, err, rows.RefreshTokens[0])
		codes, err := exporter.ExportCodes(s.ctx, 0, 10)
		arrived(t, codes, err, rows.Codes)
		codes, err = exporter.ExportCodes(s.ctx, 90, 10)
		arrived(t, len(codes), err, 0)
		sessions, err := exporter.ExportSessions(s.ctx, tokencore.Digest{}, 10)
		arrived(t, sessions, err, rows.Sessions)
		settings, err := s.StoredSettings(s.ctx)
		arrived(t, settings, err, rows.Settings)
		activities, _, err := s.Activities(s.ctx, tokencore.Query{})
		arrived(t, activities, err, rows.Activities)
	}},
	{"ids that are given after an import are higher", func(t *testing.T, s store) {
		if _, ok := s.Store.(tokencore.Exporter); !ok {
			return
		}
		if err := s.importRows(transferred()); err != nil {
			t.Fatal(err)
		}
		err := s.Update(s.ctx, func(tx tokencore.Tx) error {
			next := tokencore.Token{Digest: tokencore.DigestOf(tokencore.KindAccess, "next"), UserID: 40}
			if err := tx.CreateToken(s.ctx, &next); err != nil {
				return err
			}
			if next.ID <= 70 {
				t.Errorf("the next token has id %d", next.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}},
	{"a row that breaks a rule is refused with the whole batch", func(t *testing.T, s store) {
		if _, ok := s.Store.(tokencore.Exporter); !ok {
			return
		}
		if err := s.importRows(transferred()); err != nil {
			t.Fatal(err)
		}
		again := transferred().Users[0]
		again.ID = 41
		other := again
		other.ID, other.Username = 42, "other"
		if err := s.importRows(tokencore.Rows{Users: []tokencore.User{other, again}}); !errors.Is(err, tokencore.ErrConflict) {
			t.Errorf("got %v, want a conflict", err)
		}
		if _, err := s.User(s.ctx, 42); !errors.Is(err, tokencore.ErrNotFound) {
			t.Errorf("half of the batch is there: %v", err)
		}
		stray := tokencore.Token{ID: 99, Digest: tokencore.DigestOf(tokencore.KindAccess, "stray"), ApplicationID: 12345}
		if err := s.importRows(tokencore.Rows{Tokens: []tokencore.Token{stray}}); !errors.Is(err, tokencore.ErrNotFound) {
			t.Errorf("got %v, want that the application is not found", err)
		}
	}},
}

func (s store) importRows(rows tokencore.Rows) error {
	return s.Update(s.ctx, func(tx tokencore.Tx) error { return tx.(tokencore.Importer).Import(s.ctx, rows) })
}

func arrived[T any](t *testing.T, got T, err error, want T) {
	t.Helper()
	if err != nil {
		t.Error(err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// transferred are rows of each kind, with ids as another store may have given them.
func transferred() tokencore.Rows {
	at := func(hours int) time.Time {
		return time.Date(2024, 7, 2, 10, 30, 0, 123000, time.UTC).Add(time.Duration(hours) * time.Hour)
	}
	return tokencore.Rows{
		Users: []tokencore.User{{
			ID: 40, AnsibleID: "a-40", Username: "ada", IsActive: true, PasswordHash: "hash", Created: at(0), Modified: at(1), LastLogin: at(2),
			Social: []tokencore.SocialLogin{{Provider: "github", UID: "7"}},
		}},
		Organizations: []tokencore.Organization{{ID: 50, AnsibleID: "a-50", Name: "Default", CreatedBy: 40, MaxHosts: 3, Created: at(0), Modified: at(1)}},
		Holdings:      []tokencore.Holding{{UserID: 40, OrganizationID: 50, Role: tokencore.RoleAdmin}},
		Applications: []tokencore.Application{{
			ID: 60, Name: "app", ClientID: "client", SecretDigest: tokencore.DigestOf(tokencore.KindAccess, "secret"), OrganizationID: 50,
			Created: at(0), Modified: at(1),
		}},
		Tokens: []tokencore.Token{{
			ID: 70, Digest: tokencore.DigestOf(tokencore.KindAccess, "token"), Hint: "wxyz", UserID: 40, UserAnsibleID: "a-40", ApplicationID: 60,
			GrantID: "grant", Description: "d", Scope: "write", Created: at(0), Modified: at(1), Expires: at(9), LastUsed: at(2), LastUsedFrom: "192.0.2.1",
		}},
		RefreshTokens: []tokencore.RefreshToken{{
			ID: 80, Digest: tokencore.DigestOf(tokencore.KindRefresh, "refresh"), Hint: "abcd", UserID: 40, UserAnsibleID: "a-40", ApplicationID: 60,
			TokenID: 70, GrantID: "grant", Scope: "write", Created: at(0), Revoked: at(3),
		}},
		Sources: []tokencore.Source{{TokenID: 70, RefreshTokenID: 80}},
		Codes: []tokencore.AuthorizationCode{{
			ID: 90, Digest: tokencore.DigestOf(tokencore.KindCode, "code"), UserID: 40, UserAnsibleID: "a-40", ApplicationID: 60, GrantID: "grant",
			RedirectURI: "https://example.com/", Scope: "read", Created: at(0), Expires: at(1), Used: at(1),
		}},
		Sessions:   []tokencore.Session{{Digest: tokencore.DigestOf(tokencore.KindSession, "session"), UserID: 40, Created: at(0), Expires: at(1)}},
		Settings:   map[string]json.RawMessage{"AUTH_BASIC_ENABLED": json.RawMessage(`false`)},
		Activities: []tokencore.Activity{{ID: 100, Time: at(0), Operation: "create", Node: "n", ActorID: 40, ActorName: "ada", Object: "user", ObjectID: 40, Changes: json.RawMessage(`{"a":1}`)}},
	}
}
