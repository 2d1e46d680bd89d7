package storetest

import (
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var userTests = []test{
	{"what was created comes back by id and by name", func(t *testing.T, s store) {
		u := s.user(t, "ann")
		byID, err := s.User(s.ctx, u.ID)
		same(t, "by id", found(t, byID, err), u)
		byName, err := s.UserByName(s.ctx, "ann")
		same(t, "by name", found(t, byName, err), u)
		page, count, err := s.Users(s.ctx, tokencore.Query{})
		same(t, "page", found(t, page, err), []tokencore.User{u})
		same(t, "count", count, 1)
	}},
	{"the first one has id 1", func(t *testing.T, s store) {
		same(t, "id", s.user(t, "admin").ID, 1)
	}},
	{"unknown ones are not found, and names are compared exactly", func(t *testing.T, s store) {
		u := s.user(t, "ann")
		row, err := s.User(s.ctx, u.ID+1)
		missing(t, row, err)
		for _, name := range []string{"", "Ann", "ann ", "an%", "bob"} {
			row, err = s.UserByName(s.ctx, name)
			missing(t, row, err)
		}
		gone := tokencore.User{ID: u.ID + 1, Username: "gone"}
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.UpdateUser(s.ctx, gone) })
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.DeleteUser(s.ctx, gone.ID) })
	}},
	{"a name is taken once", func(t *testing.T, s store) {
		s.user(t, "ann")
		bob := s.user(t, "bob")
		s.user(t, "Ann")
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &tokencore.User{Username: "ann"}) })
		bob.Username = "ann"
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error { return tx.UpdateUser(s.ctx, bob) })
	}},
	{"an update overwrites every column", func(t *testing.T, s store) {
		u := s.user(t, "ann")
		want := tokencore.User{ID: u.ID, Username: "anna", Created: start.Add(time.Hour), Modified: start.Add(2 * time.Hour)}
		s.update(t, func(tx tokencore.Tx) error { return tx.UpdateUser(s.ctx, want) })
		got, err := s.User(s.ctx, u.ID)
		same(t, "user", found(t, got, err), want)
		old, err := s.UserByName(s.ctx, "ann")
		missing(t, old, err)
	}},
	{"deleting one also deletes roles, tokens, refresh tokens, codes and sessions", func(t *testing.T, s store) {
		o := s.organization(t, "org")
		a := s.application(t, "app", o.ID)
		ann, bob := s.user(t, "ann"), s.user(t, "bob")
		for _, u := range []tokencore.User{ann, bob} {
			s.grantRole(t, o.ID, u.ID, tokencore.RoleMember)
			token := s.token(t, u.Username, u.ID, a.ID)
			s.refreshToken(t, u.Username, u.ID, a.ID, token.ID)
			s.code(t, u.Username, u.ID, a.ID, start)
			s.session(t, u.Username, u.ID, start)
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteUser(s.ctx, ann.ID) })
		row, err := s.User(s.ctx, ann.ID)
		missing(t, row, err)
		s.checkCredentials(t, "ann", false)
		s.checkCredentials(t, "bob", true)
		session, err := s.Session(s.ctx, digest(tokencore.KindSession, "ann"))
		missing(t, session, err)
		session, err = s.Session(s.ctx, digest(tokencore.KindSession, "bob"))
		found(t, session, err)
		holders, err := s.Holders(s.ctx, o.ID, tokencore.RoleMember)
		same(t, "holders", found(t, holders, err), []int64{bob.ID})
		roles, err := s.Roles(s.ctx, ann.ID)
		same(t, "roles", found(t, roles, err), tokencore.Roles{})
	}},
	{"an id is never used again", func(t *testing.T, s store) {
		u := s.user(t, "ann")
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteUser(s.ctx, u.ID) })
		if again := s.user(t, "ann"); again.ID <= u.ID {
			t.Errorf("id %d came after id %d", again.ID, u.ID)
		}
	}},
}

var organizationTests = []test{
	{"what was created comes back by id and by name", func(t *testing.T, s store) {
		o := s.organization(t, "org")
		byID, err := s.Organization(s.ctx, o.ID)
		same(t, "by id", found(t, byID, err), o)
		byName, err := s.OrganizationByName(s.ctx, "org")
		same(t, "by name", found(t, byName, err), o)
		page, count, err := s.Organizations(s.ctx, tokencore.Query{})
		same(t, "page", found(t, page, err), []tokencore.Organization{o})
		same(t, "count", count, 1)
	}},
	{"unknown ones are not found, and names are compared exactly", func(t *testing.T, s store) {
		o := s.organization(t, "org")
		row, err := s.Organization(s.ctx, o.ID+1)
		missing(t, row, err)
		row, err = s.OrganizationByName(s.ctx, "Org")
		missing(t, row, err)
		gone := tokencore.Organization{ID: o.ID + 1, Name: "gone"}
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.UpdateOrganization(s.ctx, gone) })
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.DeleteOrganization(s.ctx, gone.ID) })
	}},
	{"a name is taken once", func(t *testing.T, s store) {
		s.organization(t, "org")
		other := s.organization(t, "other")
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error {
			return tx.CreateOrganization(s.ctx, &tokencore.Organization{Name: "org"})
		})
		other.Name = "org"
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error { return tx.UpdateOrganization(s.ctx, other) })
	}},
	{"an update overwrites every column", func(t *testing.T, s store) {
		o := s.organization(t, "org")
		want := tokencore.Organization{ID: o.ID, Name: "new", Created: start.Add(time.Hour), Modified: start.Add(2 * time.Hour)}
		s.update(t, func(tx tokencore.Tx) error { return tx.UpdateOrganization(s.ctx, want) })
		got, err := s.Organization(s.ctx, o.ID)
		same(t, "organization", found(t, got, err), want)
	}},
	{"deleting one also deletes its roles, its applications and their tokens", func(t *testing.T, s store) {
		a, b, u := s.organization(t, "a"), s.organization(t, "b"), s.user(t, "ann")
		for _, o := range []tokencore.Organization{a, b} {
			s.grantRole(t, o.ID, u.ID, tokencore.RoleAdmin)
			owned := s.application(t, o.Name, o.ID)
			token := s.token(t, o.Name, u.ID, owned.ID)
			s.refreshToken(t, o.Name, u.ID, owned.ID, token.ID)
			s.code(t, o.Name, u.ID, owned.ID, start)
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteOrganization(s.ctx, a.ID) })
		row, err := s.Organization(s.ctx, a.ID)
		missing(t, row, err)
		owned, err := s.ApplicationByClientID(s.ctx, "client-a")
		missing(t, owned, err)
		s.checkCredentials(t, "a", false)
		s.checkCredentials(t, "b", true)
		roles, err := s.Roles(s.ctx, u.ID)
		same(t, "roles", found(t, roles, err), tokencore.Roles{Admin: []int64{b.ID}})
	}},
}

var roleTests = []test{
	{"roles and holders come back in ascending order", func(t *testing.T, s store) {
		x, y, z := s.organization(t, "x"), s.organization(t, "y"), s.organization(t, "z")
		ann, bob := s.user(t, "ann"), s.user(t, "bob")
		for _, o := range []tokencore.Organization{z, x} {
			s.grantRole(t, o.ID, bob.ID, tokencore.RoleAdmin)
			s.grantRole(t, o.ID, ann.ID, tokencore.RoleAdmin)
		}
		s.grantRole(t, y.ID, ann.ID, tokencore.RoleMember)
		s.grantRole(t, y.ID, ann.ID, tokencore.RoleAuditor)
		roles, err := s.Roles(s.ctx, ann.ID)
		same(t, "roles", found(t, roles, err), tokencore.Roles{
			Admin: []int64{x.ID, z.ID}, Member: []int64{y.ID}, Auditor: []int64{y.ID},
		})
		holders, err := s.Holders(s.ctx, z.ID, tokencore.RoleAdmin)
		same(t, "holders", found(t, holders, err), []int64{ann.ID, bob.ID})
		holders, err = s.Holders(s.ctx, z.ID, tokencore.RoleMember)
		same(t, "no holders", len(found(t, holders, err)), 0)
	}},
	{"granting and revoking are idempotent", func(t *testing.T, s store) {
		o, u := s.organization(t, "org"), s.user(t, "ann")
		s.grantRole(t, o.ID, u.ID, tokencore.RoleAdmin)
		s.grantRole(t, o.ID, u.ID, tokencore.RoleAdmin)
		s.grantRole(t, o.ID, u.ID, tokencore.RoleMember)
		for range 2 {
			s.update(t, func(tx tokencore.Tx) error { return tx.RevokeRole(s.ctx, o.ID, u.ID, tokencore.RoleAdmin) })
		}
		roles, err := s.Roles(s.ctx, u.ID)
		same(t, "roles", found(t, roles, err), tokencore.Roles{Member: []int64{o.ID}})
	}},
	{"an unknown user or organization is not found", func(t *testing.T, s store) {
		o, u := s.organization(t, "org"), s.user(t, "ann")
		for _, pair := range [][2]int64{{o.ID + 1, u.ID}, {o.ID, u.ID + 1}} {
			s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.GrantRole(s.ctx, pair[0], pair[1], tokencore.RoleAdmin) })
			s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.RevokeRole(s.ctx, pair[0], pair[1], tokencore.RoleAdmin) })
		}
	}},
	{"a role that does not exist cannot be granted", func(t *testing.T, s store) {
		o, u := s.organization(t, "org"), s.user(t, "ann")
		s.refuse(t, tokencore.ErrUnavailable, func(tx tokencore.Tx) error { return tx.GrantRole(s.ctx, o.ID, u.ID, "owner") })
	}},
}
