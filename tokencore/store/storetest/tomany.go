package storetest

import (
	"context"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// toManyTests ask for rows by others that are related to them.
var toManyTests = []test{
	{"applications are found by their tokens", func(t *testing.T, s store) {
		w := s.web(t)
		checkRelated(t, s, s.Applications, func(a tokencore.Application) string { return a.Name }, []relatedTest{
			{"any", related("tokens", nil), "a b"},
			{"none", tokencore.Not{Expr: related("tokens", nil)}, "c"},
			{"by user", related("tokens", tokencore.Eq("user", w.bob)), "a"},
			{"one token must satisfy both", related("tokens", tokencore.And{
				tokencore.Eq("user", w.ann), tokencore.Eq("description", "bob's"),
			}), ""},
			{"two tokens may satisfy one each", tokencore.And{
				related("tokens", tokencore.Eq("user", w.ann)), related("tokens", tokencore.Eq("user", w.bob)),
			}, "a"},
			{"some is not", related("tokens", tokencore.Not{Expr: tokencore.Eq("user", w.ann)}), "a b"},
			{"not some", tokencore.Not{Expr: related("tokens", tokencore.Eq("user", w.ann))}, "b c"},
			{"either", tokencore.Or{related("tokens", tokencore.Eq("user", w.cat)), tokencore.Eq("name", "c")}, "b c"},
			{"by text", related("tokens", compare("description", tokencore.HasPrefixFold, "ANN")), "a"},
			{"by pattern", related("tokens", compare("description", tokencore.Regex, "^(ann|cat)'s$")), "a b"},
			{"by an absent value", related("tokens", compare("last_used", tokencore.IsNull, true)), "a b"},
			{"Not of a comparison with an absent value", related("tokens", tokencore.Not{Expr: tokencore.Eq("last_used", start)}), "a b"},
			{"whether they can be refreshed", related("tokens", tokencore.Eq("refreshable", true)), "b"},
			{"in a list", related("tokens", compare("user", tokencore.In, []int64{w.cat, 77})), "b"},
			{"the empty Or", related("tokens", tokencore.Or{}), ""},
		})
	}},
	{"users are found by their tokens and organizations", func(t *testing.T, s store) {
		w := s.web(t)
		checkRelated(t, s, s.Users, func(u tokencore.User) string { return u.Username }, []relatedTest{
			{"with tokens", related("tokens", nil), "ann bob cat"},
			{"with personal tokens", related("tokens", compare("application", tokencore.IsNull, true)), "bob"},
			{"by application", related("tokens", tokencore.Eq("application", w.a)), "ann bob"},
			{"by the application's organization", related("tokens", tokencore.Eq("organization", w.y)), "cat"},
			{"members of any organization", related("organizations", nil), "bob cat"},
			{"members, but not admins and auditors", related("organizations", tokencore.Eq("id", w.x)), "bob"},
			{"members by name", related("organizations", tokencore.Eq("name", "y")), "bob cat"},
			{"members of one of these", related("organizations", compare("id", tokencore.In, []int64{w.x, w.y})), "bob cat"},
			{"members of none of these", related("organizations", compare("id", tokencore.In, []int64{})), ""},
			{"no members", tokencore.Not{Expr: related("organizations", nil)}, "ann dan"},
			{"admins", related("admin_of_organizations", nil), "ann"},
			{"admins by name", related("admin_of_organizations", tokencore.Eq("name", "x")), "ann"},
			{"admins of another", related("admin_of_organizations", tokencore.Eq("name", "y")), ""},
		})
	}},
	{"organizations are found by their applications, members and admins", func(t *testing.T, s store) {
		w := s.web(t)
		checkRelated(t, s, s.Organizations, func(o tokencore.Organization) string { return o.Name }, []relatedTest{
			{"with applications", related("applications", nil), "x y"},
			{"by application", related("applications", tokencore.Eq("name", "b")), "y"},
			{"with members", related("users", nil), "x y"},
			{"by member", related("users", tokencore.Eq("username", "cat")), "y"},
			{"an admin is no member", related("users", tokencore.Eq("id", w.ann)), ""},
			{"with admins", related("admins", nil), "x"},
			{"by admin", related("admins", tokencore.Eq("id", w.ann)), "x"},
			{"a member is no admin", related("admins", tokencore.Eq("id", w.bob)), ""},
			{"without anything", tokencore.Not{Expr: tokencore.Or{related("applications", nil), related("users", nil)}}, "z"},
		})
	}},
	{"activity entries are found by the organizations of the user whom they are about", func(t *testing.T, s store) {
		w := s.web(t)
		for _, entry := range []tokencore.Activity{
			{Operation: "ann", Object: tokencore.ObjectUser, ObjectID: w.ann},
			{Operation: "bob", Object: tokencore.ObjectUser, ObjectID: w.bob},
			{Operation: "cat", Object: tokencore.ObjectOrganization, ObjectID: w.x, Object2: tokencore.ObjectUser, Object2ID: w.cat},
			{Operation: "x", Object: tokencore.ObjectOrganization, ObjectID: w.x, ActorID: w.bob},
		} {
			s.update(t, func(tx tokencore.Tx) error { return tx.AppendActivity(s.ctx, &entry) })
		}
		checkRelated(t, s, s.Activities, func(a tokencore.Activity) string { return a.Operation }, []relatedTest{
			{"members of any", related("user_organizations", nil), "bob cat"},
			{"members of one, but not its admins and auditors", related("user_organizations", tokencore.Eq("id", w.x)), "bob"},
			{"members of one of these", related("user_organizations", compare("id", tokencore.In, []int64{w.x, w.y})), "bob cat"},
			{"members of none of these", related("user_organizations", compare("id", tokencore.In, []int64{})), ""},
			{"not members", tokencore.Not{Expr: related("user_organizations", nil)}, "ann x"},
		})
	}},
	{"a relation that the rows do not have, or that would chain, is refused", func(t *testing.T, s store) {
		s.web(t)
		for name, err := range map[string]error{
			"applications by applications": refusal(s, s.Applications, related("applications", nil)),
			"applications by user":         refusal(s, s.Applications, related("user", tokencore.Eq("id", int64(1)))),
			"tokens by tokens":             refusal(s, s.Tokens, related("tokens", nil)),
			"tokens by application":        refusal(s, s.Tokens, related("application", nil)),
			"refresh tokens by tokens":     refusal(s, s.RefreshTokens, related("tokens", nil)),
			"users by applications":        refusal(s, s.Users, related("applications", nil)),
			"organizations by tokens":      refusal(s, s.Organizations, related("tokens", nil)),
			"entries by users":             refusal(s, s.Activities, related("users", nil)),
			"a relation to one inside":     refusal(s, s.Applications, related("tokens", tokencore.Eq("user.username", "ann"))),
			"the id of one inside":         refusal(s, s.Applications, related("tokens", tokencore.Eq("refresh", int64(1)))),
			"a relation to many inside":    refusal(s, s.Organizations, related("applications", related("tokens", nil))),
			"a value that does not fit":    refusal(s, s.Applications, related("tokens", tokencore.Eq("user", "ann"))),
			"a bad pattern inside":         refusal(s, s.Applications, related("tokens", compare("scope", tokencore.Regex, "["))),
		} {
			wantFieldError(t, name, err)
		}
	}},
}

func related(relation string, where tokencore.Expr) tokencore.Related {
	return tokencore.Related{Relation: relation, Where: where}
}

func refusal[T any](s store, query func(context.Context, tokencore.Query) ([]T, int, error), where tokencore.Expr) error {
	_, _, err := query(s.ctx, tokencore.Query{Where: tokencore.Not{Expr: tokencore.And{where}}})
	return err
}

type relatedTest struct {
	name  string
	where tokencore.Expr
	want  string // names, in the order of their ids
}

func checkRelated[T any](
	t *testing.T, s store, query func(context.Context, tokencore.Query) ([]T, int, error), name func(T) string, tests []relatedTest,
) {
	t.Helper()
	for _, test := range tests {
		page, count, err := query(s.ctx, tokencore.Query{Where: test.where})
		names := make([]string, 0, len(page))
		for _, row := range found(t, page, err) {
			names = append(names, name(row))
		}
		same(t, test.name, strings.Join(names, " "), test.want)
		same(t, test.name+": count", count, len(page))
	}
}

// web is rows that are related to each other, by id.
type web struct{ x, y, ann, bob, cat, a int64 }

// web makes organizations x, y and z, applications a and b of x and y, and c of none.
// Ann is admin of x; Bob is member of x and y; Cat is auditor of x and member of y.
func (s store) web(t *testing.T) web {
	t.Helper()
	x, y := s.organization(t, "x"), s.organization(t, "y")
	s.organization(t, "z")
	ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	s.user(t, "dan")
	s.grantRole(t, x.ID, ann.ID, tokencore.RoleAdmin)
	s.grantRole(t, x.ID, bob.ID, tokencore.RoleMember)
	s.grantRole(t, y.ID, bob.ID, tokencore.RoleMember)
	s.grantRole(t, x.ID, cat.ID, tokencore.RoleAuditor)
	s.grantRole(t, y.ID, cat.ID, tokencore.RoleMember)
	a, b := s.application(t, "a", x.ID), s.application(t, "b", y.ID)
	s.application(t, "c", 0)
	for i, one := range []struct {
		description       string
		user, application int64
	}{{"ann's", ann.ID, a.ID}, {"bob's", bob.ID, a.ID}, {"cat's", cat.ID, b.ID}, {"bob's own", bob.ID, 0}} {
		o := tokencore.Token{
			Digest: digest(tokencore.KindAccess, i), UserID: one.user, ApplicationID: one.application, Description: one.description,
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
		if one.user == cat.ID {
			s.refreshToken(t, "cat's", cat.ID, b.ID, o.ID)
		}
	}
	return web{x: x.ID, y: y.ID, ann: ann.ID, bob: bob.ID, cat: cat.ID, a: a.ID}
}
