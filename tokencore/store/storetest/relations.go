package storetest

import (
	"encoding/json"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// relationTests look at every field that is reached through a relation to one row.
// The first two rows have a related one; the third has none, or names one that is
// not in the store.
var relationTests = []test{
	{"an application leads to its organization and user", func(t *testing.T, s store) {
		s.accounts(t)
		for i := range 3 {
			a := tokencore.Application{Name: letter(i), ClientID: letter(i), OrganizationID: other3(i), UserID: other3(i)}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
		}
		id := func(a tokencore.Application) int64 { return a.ID }
		checkFields(t, s, s.Applications, id, through("organization", organizationFields))
		checkFields(t, s, s.Applications, id, through("user", userFields))
	}},
	{"a token leads to its user and application", func(t *testing.T, s store) {
		s.accounts(t)
		s.applications(t)
		for i := range 3 {
			o := tokencore.Token{Digest: digest(tokencore.KindAccess, i), UserID: other3(i), ApplicationID: first2(i)}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
		}
		checkFields(t, s, s.Tokens, tokenID, through("user", userFields))
		checkFields(t, s, s.Tokens, tokenID, through("application", applicationFields))
	}},
	{"a token leads to the refresh token that points to it", func(t *testing.T, s store) {
		s.applications(t)
		for i := range 3 {
			o := tokencore.Token{Digest: digest(tokencore.KindAccess, i), UserID: 1}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
		}
		for i := range 2 {
			r := tokencore.RefreshToken{
				Digest: digest(tokencore.KindRefresh, i), UserID: int64(i + 1), ApplicationID: int64(i + 1), TokenID: int64(i + 1),
				GrantID: letter(i), Created: minute(i), Revoked: minute(i),
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateRefreshToken(s.ctx, &r) })
		}
		one := tokencore.RefreshToken{Digest: digest(tokencore.KindRefresh, "no token's"), UserID: 1}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateRefreshToken(s.ctx, &one) })
		checkFields(t, s, s.Tokens, tokenID, append(through("refresh", []field{
			{name: "id", low: int64(1), high: int64(2)},
			{name: "user", low: int64(1), high: int64(2)},
			{name: "application", low: int64(1), high: int64(2)},
			{name: "token", low: int64(1), high: int64(2)},
			{name: "grant", low: "a", high: "b"},
			{name: "created", low: minute(0), high: minute(1)},
			{name: "revoked", low: minute(0), high: minute(1)},
		}), field{name: "refresh", low: int64(1), high: int64(2), nullable: true}))
	}},
	{"a refresh token leads to its access token", func(t *testing.T, s store) {
		s.tokens(t)
		for i := range 3 {
			r := tokencore.RefreshToken{Digest: digest(tokencore.KindRefresh, "refresh", i), UserID: 1, TokenID: first2(i)}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateRefreshToken(s.ctx, &r) })
		}
		id := func(r tokencore.RefreshToken) int64 { return r.ID }
		checkFields(t, s, s.RefreshTokens, id, through("token", tokenFields))
	}},
	{"an activity entry leads to its actor, application and user", func(t *testing.T, s store) {
		s.accounts(t)
		s.applications(t)
		s.entries(t, func(i int) tokencore.Activity {
			return tokencore.Activity{
				ActorID: other3(i), ActorName: letter(i),
				Object: tokencore.ObjectApplication, ObjectID: other3(i), Object2: tokencore.ObjectUser, Object2ID: other3(i),
			}
		})
		checkFields(t, s, s.Activities, entryID, through("actor", userFields))
		checkFields(t, s, s.Activities, entryID, through("application", applicationFields))
		checkFields(t, s, s.Activities, entryID, through("user", userFields))
		checkFields(t, s, s.Activities, entryID, []field{
			{name: "actor", low: int64(1), high: int64(2), nullable: true},
			{name: "application", low: int64(1), high: int64(2), nullable: true},
			{name: "user", low: int64(1), high: int64(2), nullable: true},
		})
	}},
	{"an activity entry leads to its token and organization", func(t *testing.T, s store) {
		s.accounts(t)
		s.tokens(t)
		s.refreshToken(t, "of the second", 1, 0, 2)
		s.entries(t, func(i int) tokencore.Activity {
			return tokencore.Activity{
				Object: tokencore.ObjectToken, ObjectID: other3(i), Object2: tokencore.ObjectOrganization, Object2ID: other3(i),
			}
		})
		checkFields(t, s, s.Activities, entryID, through("token", tokenFields))
		checkFields(t, s, s.Activities, entryID, through("organization", organizationFields))
		checkFields(t, s, s.Activities, entryID, []field{
			{name: "token", low: int64(1), high: int64(2), nullable: true},
			{name: "token.refreshable", low: false, high: true, nullable: true},
			{name: "organization", low: int64(1), high: int64(2), nullable: true},
		})
	}},
	{"an activity entry leads to objects of its types only, and only while they exist", func(t *testing.T, s store) {
		o, ann, bob := s.organization(t, "org"), s.user(t, "ann"), s.user(t, "bob")
		app := s.application(t, "app", o.ID)
		token := s.token(t, "token", ann.ID, app.ID)
		all := []tokencore.Activity{
			{ActorID: ann.ID, Object: tokencore.ObjectApplication, ObjectID: app.ID},
			{ActorID: bob.ID, Object: tokencore.ObjectToken, ObjectID: token.ID},
			{Object: tokencore.ObjectOrganization, ObjectID: o.ID, Object2: tokencore.ObjectUser, Object2ID: bob.ID},
			{Object: tokencore.ObjectUser, ObjectID: ann.ID, Object2: tokencore.ObjectUser, Object2ID: bob.ID},
			{Object: tokencore.ObjectSetting, Object2: "OAUTH2_PROVIDER"},
			{Object: tokencore.ObjectSetting, ObjectID: app.ID},
		}
		for _, entry := range all {
			entry.Changes = json.RawMessage(`{}`)
			s.update(t, func(tx tokencore.Tx) error { return tx.AppendActivity(s.ctx, &entry) })
		}
		check := func(what string, where tokencore.Expr, want ...int64) {
			t.Helper()
			page, count, err := s.Activities(s.ctx, tokencore.Query{Where: where})
			same(t, what, ids(found(t, page, err), entryID), want)
			same(t, what+": count", count, len(want))
		}
		check("application", tokencore.Eq("application", app.ID), 1)
		check("token", tokencore.Eq("token", token.ID), 2)
		check("token's organization", tokencore.Eq("token.organization", o.ID), 2)
		check("organization", tokencore.Eq("organization", o.ID), 3)
		check("second object", tokencore.Eq("user", bob.ID), 3)
		check("the first of two objects counts", tokencore.Eq("user", ann.ID), 4)
		check("about or by", tokencore.Or{tokencore.Eq("user", bob.ID), tokencore.Eq("actor", bob.ID)}, 2, 3)
		check("in", compare("application", tokencore.In, []int64{app.ID, 99}), 1)
		check("no application", compare("application", tokencore.IsNull, true), 2, 3, 4, 5, 6)
		s.update(t, func(tx tokencore.Tx) error {
			if err := tx.DeleteOrganization(s.ctx, o.ID); err != nil {
				return err
			}
			return tx.DeleteUser(s.ctx, ann.ID)
		})
		check("application, deleted", tokencore.Eq("application", app.ID))
		check("token, deleted", tokencore.Eq("token", token.ID))
		check("organization, deleted", tokencore.Eq("organization", o.ID))
		check("actor, deleted", tokencore.Eq("actor", ann.ID))
		check("actors that are left", compare("actor", tokencore.IsNull, false), 2)
		check("the object that was deleted is still named", tokencore.Eq("object_id", app.ID), 1, 2, 3, 4, 6)
	}},
}

// entries appends three entries, which are the only ones.
func (s store) entries(t *testing.T, of func(i int) tokencore.Activity) {
	t.Helper()
	for i := range 3 {
		entry := of(i)
		s.update(t, func(tx tokencore.Tx) error { return tx.AppendActivity(s.ctx, &entry) })
	}
}

func tokenID(o tokencore.Token) int64 { return o.ID }

func entryID(a tokencore.Activity) int64 { return a.ID }

// other3 is the row's number in the first two rows and that of no row in the third.
func other3(i int) int64 {
	if i == 2 {
		return 77
	}
	return int64(i + 1)
}
