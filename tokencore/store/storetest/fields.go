package storetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// field is a documented field and its value in the first two of three rows, the
// lower one first. In the third row the value is absent when the field may be,
// and above the others when it may not (for a bool: true again).
type field struct {
	name      tokencore.Field
	low, high any
	nullable  bool
}

// fieldTests look at every field that store.go names, of every kind of row.
var fieldTests = []test{
	{"of applications", func(t *testing.T, s store) {
		for i := range 3 {
			a := tokencore.Application{
				Name: letter(i), Description: letter(i), ClientID: letter(i), ClientType: tokencore.ClientType(letter(i)),
				RedirectURIs: letter(i), GrantType: tokencore.GrantType(letter(i)), SkipAuthorization: i > 0,
				OrganizationID: first2(i), UserID: first2(i), Created: minute(i), Modified: minute(i),
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
		}
		checkFields(t, s, s.Applications, func(a tokencore.Application) int64 { return a.ID }, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "name", low: "a", high: "b"},
			{name: "description", low: "a", high: "b"},
			{name: "client_type", low: "a", high: "b"},
			{name: "redirect_uris", low: "a", high: "b"},
			{name: "grant_type", low: "a", high: "b"},
			{name: "skip_authorization", low: false, high: true},
			{name: "organization", low: int64(1), high: int64(2), nullable: true},
			{name: "user", low: int64(1), high: int64(2), nullable: true},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "modified", low: minute(0), high: minute(1)},
		})
	}},
	{"of tokens", func(t *testing.T, s store) {
		for i := range 2 {
			s.application(t, letter(i), int64(i+1))
			s.refreshToken(t, "source "+letter(i), 1, 0, 0)
		}
		for i := range 3 {
			o := tokencore.Token{
				Digest: digest(tokencore.KindAccess, i), UserID: int64(i + 1), ApplicationID: first2(i), SourceID: first2(i), GrantID: letter(i),
				Description: letter(i), Scope: letter(i), Created: minute(i), Modified: minute(i), Expires: minute(i),
			}
			if i < 2 {
				o.LastUsed = minute(i)
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
			if i > 0 {
				s.refreshToken(t, letter(i), 1, 0, o.ID)
			}
		}
		checkFields(t, s, s.Tokens, func(o tokencore.Token) int64 { return o.ID }, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "description", low: "a", high: "b"},
			{name: "scope", low: "a", high: "b"},
			{name: "user", low: int64(1), high: int64(2)},
			{name: "application", low: int64(1), high: int64(2), nullable: true},
			{name: "organization", low: int64(1), high: int64(2), nullable: true},
			{name: "source", low: int64(1), high: int64(2), nullable: true},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "modified", low: minute(0), high: minute(1)},
			{name: "expires", low: minute(0), high: minute(1)},
			{name: "last_used", low: minute(0), high: minute(1), nullable: true},
			{name: "grant", low: "a", high: "b"},
			{name: "refreshable", low: false, high: true},
		})
	}},
	{"of refresh tokens", func(t *testing.T, s store) {
		for i := range 2 {
			a := tokencore.Application{Name: letter(i), ClientID: letter(i)}
			o := tokencore.Token{Digest: digest(tokencore.KindAccess, i), UserID: 1, Expires: minute(i)}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
		}
		for i := range 3 {
			r := tokencore.RefreshToken{
				Digest: digest(tokencore.KindRefresh, i), UserID: int64(i + 1), ApplicationID: first2(i),
				TokenID: first2(i), GrantID: letter(i), Created: minute(i),
			}
			if i < 2 {
				r.Revoked = minute(i)
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateRefreshToken(s.ctx, &r) })
		}
		checkFields(t, s, s.RefreshTokens, func(r tokencore.RefreshToken) int64 { return r.ID }, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "user", low: int64(1), high: int64(2)},
			{name: "application", low: int64(1), high: int64(2), nullable: true},
			{name: "token", low: int64(1), high: int64(2), nullable: true},
			{name: "grant", low: "a", high: "b"},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "revoked", low: minute(0), high: minute(1), nullable: true},
		})
	}},
	{"of users", func(t *testing.T, s store) {
		for i := range 3 {
			u := tokencore.User{
				Username: letter(i), FirstName: letter(i), LastName: letter(i), Email: letter(i),
				IsSuperuser: i > 0, IsSystemAuditor: i > 0, IsActive: i > 0, Created: minute(i), Modified: minute(i),
			}
			if i < 2 {
				u.LastLogin = minute(i)
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &u) })
		}
		checkFields(t, s, s.Users, userID, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "username", low: "a", high: "b"},
			{name: "first_name", low: "a", high: "b"},
			{name: "last_name", low: "a", high: "b"},
			{name: "email", low: "a", high: "b"},
			{name: "is_superuser", low: false, high: true},
			{name: "is_system_auditor", low: false, high: true},
			{name: "is_active", low: false, high: true},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "modified", low: minute(0), high: minute(1)},
			{name: "last_login", low: minute(0), high: minute(1), nullable: true},
		})
	}},
	{"of organizations", func(t *testing.T, s store) {
		for i := range 3 {
			o := tokencore.Organization{
				Name: letter(i), Description: letter(i), MaxHosts: int64(i), CreatedBy: first2(i), ModifiedBy: first2(i),
				Created: minute(i), Modified: minute(i),
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateOrganization(s.ctx, &o) })
		}
		checkFields(t, s, s.Organizations, func(o tokencore.Organization) int64 { return o.ID }, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "name", low: "a", high: "b"},
			{name: "description", low: "a", high: "b"},
			{name: "max_hosts", low: int64(0), high: int64(1)},
			{name: "created_by", low: int64(1), high: int64(2), nullable: true},
			{name: "modified_by", low: int64(1), high: int64(2), nullable: true},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "modified", low: minute(0), high: minute(1)},
		})
	}},
	{"of the activity stream", func(t *testing.T, s store) {
		for i := range 3 {
			a := tokencore.Activity{
				Time: minute(i), Operation: letter(i), Node: letter(i), ActorName: letter(i), Object: letter(i),
				ObjectID: first2(i), Object2: letter(i), Object2ID: first2(i), Role: tokencore.Role(letter(i)), Setting: letter(i),
				Changes: json.RawMessage(`"` + letter(i) + `"`),
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.AppendActivity(s.ctx, &a) })
		}
		checkFields(t, s, s.Activities, func(a tokencore.Activity) int64 { return a.ID }, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "time", low: minute(0), high: minute(1)},
			{name: "operation", low: "a", high: "b"},
			{name: "node", low: "a", high: "b"},
			{name: "actor_name", low: "a", high: "b"},
			{name: "object", low: "a", high: "b"},
			{name: "object_id", low: int64(1), high: int64(2), nullable: true},
			{name: "object2", low: "a", high: "b"},
			{name: "object2_id", low: int64(1), high: int64(2), nullable: true},
			{name: "role", low: "a", high: "b"},
			{name: "setting", low: "a", high: "b"},
			{name: "changes", low: `"a"`, high: `"b"`},
		})
	}},
}

func letter(i int) string { return string(rune('a' + i)) }

func minute(i int) time.Time { return start.Add(time.Duration(i) * time.Minute) }

// first2 is the row's number in the first two rows and absent in the third.
func first2(i int) int64 {
	if i == 2 {
		return 0
	}
	return int64(i + 1)
}
