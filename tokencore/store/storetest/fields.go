package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
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
		s.accounts(t)
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
			{name: "organization.name", low: "org a", high: "org b", nullable: true},
			{name: "organization.description", low: "desc a", high: "desc b", nullable: true},
			{name: "user", low: int64(1), high: int64(2), nullable: true},
			{name: "user.username", low: "user a", high: "user b", nullable: true},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "modified", low: minute(0), high: minute(1)},
		})
	}},
	{"of tokens", func(t *testing.T, s store) {
		s.accounts(t)
		for i := range 2 {
			a := tokencore.Application{Name: "app " + letter(i), ClientID: letter(i), OrganizationID: int64(i + 1)}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
		}
		for i := range 3 {
			o := tokencore.Token{
				Digest: digest(tokencore.KindAccess, i), UserID: int64(i + 1), ApplicationID: first2(i), GrantID: letter(i),
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
			{name: "user.username", low: "user a", high: "user b", nullable: true}, // the third user is in another directory
			{name: "application", low: int64(1), high: int64(2), nullable: true},
			{name: "application.name", low: "app a", high: "app b", nullable: true},
			{name: "application.organization", low: int64(1), high: int64(2), nullable: true},
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
			{name: "token.expires", low: minute(0), high: minute(1), nullable: true},
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
			o := tokencore.Organization{Name: letter(i), Description: letter(i), Created: minute(i), Modified: minute(i)}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateOrganization(s.ctx, &o) })
		}
		checkFields(t, s, s.Organizations, func(o tokencore.Organization) int64 { return o.ID }, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "name", low: "a", high: "b"},
			{name: "description", low: "a", high: "b"},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "modified", low: minute(0), high: minute(1)},
		})
	}},
	{"of the activity stream", func(t *testing.T, s store) {
		for i := range 3 {
			a := tokencore.Activity{
				Time: minute(i), Operation: letter(i), ActorID: first2(i), ActorName: letter(i), Object: letter(i),
				ObjectID: first2(i), Object2: letter(i), Object2ID: first2(i), Changes: json.RawMessage(`"` + letter(i) + `"`),
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.AppendActivity(s.ctx, &a) })
		}
		checkFields(t, s, s.Activities, func(a tokencore.Activity) int64 { return a.ID }, []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "time", low: minute(0), high: minute(1)},
			{name: "operation", low: "a", high: "b"},
			{name: "actor", low: int64(1), high: int64(2), nullable: true},
			{name: "actor_name", low: "a", high: "b"},
			{name: "object", low: "a", high: "b"},
			{name: "object_id", low: int64(1), high: int64(2), nullable: true},
			{name: "object2", low: "a", high: "b"},
			{name: "object2_id", low: int64(1), high: int64(2), nullable: true},
			{name: "changes", low: `"a"`, high: `"b"`},
		})
	}},
}

// forbidden must be refused for every kind of row: what would let a filter guess
// a credential letter by letter, what does not exist, and what is SQL.
var forbidden = []tokencore.Field{
	"digest", "hint", "secret", "password", "password_hash", "secret_digest", "client_secret", "client_id", "token_digest",
	"token.digest", "token.hint", "refresh_token", "refresh_token.digest", "user.password", "user.password_hash",
	"application.client_secret", "application.secret_digest", "application.client_id", "challenge", "last_used_from", "ldap_dn",
	"", ".", "id.", ".id", "ID", "Name", "nope", "user.nope", "nope.name", "user.organization", "organization.applications.name",
	"id; DROP TABLE tokens", "id--", "id desc", "1", "*", "rowid", "id\x00", "(SELECT 1)",
}

// checkFields filters and sorts by every field, and by none of the forbidden ones.
func checkFields[T any](
	t *testing.T, s store, query func(context.Context, tokencore.Query) ([]T, int, error), id func(T) int64, fields []field,
) {
	t.Helper()
	check := func(what string, q tokencore.Query, want ...int64) {
		t.Helper()
		page, count, err := query(s.ctx, q)
		same(t, what, ids(found(t, page, err), id), want)
		same(t, what+": count", count, len(want))
	}
	for _, f := range fields {
		where := func(op tokencore.Op, value any, want ...int64) {
			t.Helper()
			check(fmt.Sprintf("%s, op %d, %v", f.name, op, value), tokencore.Query{Where: compare(f.name, op, value)}, want...)
		}
		third := []int64{3}
		if f.nullable {
			third = nil
		}
		where(tokencore.Equal, f.low, 1)
		where(tokencore.IsNull, false, append([]int64{1, 2}, third...)...)
		if f.nullable {
			where(tokencore.IsNull, true, 3)
			check(string(f.name)+", not", tokencore.Query{Where: tokencore.Not{Expr: tokencore.Eq(f.name, f.low)}}, 2, 3)
		}
		order := []tokencore.Order{{Field: f.name}}
		check(string(f.name)+", ascending", tokencore.Query{Order: order}, 1, 2, 3)
		order[0].Descending = true
		if _, truth := f.low.(bool); truth {
			where(tokencore.Equal, f.high, 2, 3)
			check(string(f.name)+", descending", tokencore.Query{Order: order}, 2, 3, 1)
			continue
		}
		check(string(f.name)+", descending", tokencore.Query{Order: order}, 3, 2, 1)
		where(tokencore.Equal, f.high, 2)
		where(tokencore.Greater, f.low, append([]int64{2}, third...)...)
		where(tokencore.GreaterOrEqual, f.high, append([]int64{2}, third...)...)
		where(tokencore.Less, f.high, 1)
		where(tokencore.LessOrEqual, f.high, 1, 2)
		switch low := f.low.(type) {
		case int64:
			where(tokencore.In, []int64{low, -1}, 1)
		case string:
			where(tokencore.In, []string{low, "none"}, 1)
			where(tokencore.EqualFold, strings.ToUpper(low), 1)
			where(tokencore.Contains, low, 1)
			where(tokencore.ContainsFold, strings.ToUpper(low), 1)
			where(tokencore.HasPrefix, low, 1)
			where(tokencore.HasPrefixFold, strings.ToUpper(low), 1)
			where(tokencore.HasSuffix, low, 1)
			where(tokencore.HasSuffixFold, strings.ToUpper(low), 1)
		}
	}
	for _, name := range forbidden {
		_, _, err := query(s.ctx, tokencore.Query{Where: tokencore.Eq(name, "x")})
		wantFieldError(t, "filter by "+string(name), err)
		_, _, err = query(s.ctx, tokencore.Query{Where: tokencore.Not{Expr: tokencore.Or{tokencore.Eq(name, int64(1))}}})
		wantFieldError(t, "nested filter by "+string(name), err)
		_, _, err = query(s.ctx, tokencore.Query{Order: []tokencore.Order{{Field: "id"}, {Field: name}}})
		wantFieldError(t, "order by "+string(name), err)
	}
}

// accounts makes two users and two organizations with ids 1 and 2.
func (s store) accounts(t *testing.T) {
	t.Helper()
	for i := range 2 {
		u := tokencore.User{Username: "user " + letter(i)}
		o := tokencore.Organization{Name: "org " + letter(i), Description: "desc " + letter(i)}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &u) })
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateOrganization(s.ctx, &o) })
	}
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
