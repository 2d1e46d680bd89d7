package memory

import (
	"iter"

	"github.com/awxgate/awxgate/tokencore"
)

// toOne finds the column of the one row that a relation leads to.
type toOne[T any] func(name tokencore.Field) (column[T], bool)

// toMany returns the ids, as the column "id" gives them, of the rows that have a
// related row for which the condition holds.
type toMany func(d *data, where tokencore.Expr) (map[any]bool, error)

func allApplications(d *data) table[tokencore.Application]   { return d.applications }
func allTokens(d *data) table[tokencore.Token]               { return d.tokens }
func allRefreshTokens(d *data) table[tokencore.RefreshToken] { return d.refreshTokens }
func allUsers(d *data) table[tokencore.User]                 { return d.users }
func allOrganizations(d *data) table[tokencore.Organization] { return d.organizations }

// leadsTo is the relation to the row with the id that key gives. If there is none,
// every column of it is absent.
func leadsTo[T, R any](rows func(*data) table[R], own columns[R], key func(*data, T) int64) toOne[T] {
	return func(name tokencore.Field) (column[T], bool) {
		there, ok := own[name]
		return column[T]{there.kind, func(d *data, row T) any {
			related, ok := rows(d).rows[key(d, row)]
			if !ok {
				return nil
			}
			return there.of(d, related)
		}}, ok
	}
}

// leadsToMany is the relation to many rows; pairs gives each with the id of its owner.
func leadsToMany[R any](own columns[R], pairs func(*data) iter.Seq2[int64, R]) toMany {
	return func(d *data, where tokencore.Expr) (map[any]bool, error) {
		holds, err := fields[R]{own: own}.condition(d, where)
		if err != nil {
			return nil, err
		}
		owners := make(map[any]bool)
		for owner, row := range pairs(d) {
			if holds(row) {
				owners[owner] = true
			}
		}
		return owners, nil
	}
}

// owns is the relation to the rows that name their owner.
func owns[R any](rows func(*data) table[R], own columns[R], owner func(R) int64) toMany {
	return leadsToMany(own, func(d *data) iter.Seq2[int64, R] {
		return func(yield func(int64, R) bool) {
			for _, row := range rows(d).rows {
				if !yield(owner(row), row) {
					return
				}
			}
		}
	})
}

// organizationsOf is the relation of users to the organizations in which they hold the role.
func organizationsOf(role tokencore.Role) toMany {
	return leadsToMany(organizationColumns, func(d *data) iter.Seq2[int64, tokencore.Organization] {
		return func(yield func(int64, tokencore.Organization) bool) {
			for h := range d.roles {
				if h.role == role && !yield(h.user, d.organizations.rows[h.organization]) {
					return
				}
			}
		}
	})
}

// organizationsOfUserIn is the relation of activity entries to the organizations of
// which the user whom they are about is a member.
func organizationsOfUserIn(d *data, where tokencore.Expr) (map[any]bool, error) {
	users, err := organizationsOf(tokencore.RoleMember)(d, where)
	if err != nil {
		return nil, err
	}
	entries := make(map[any]bool)
	for _, a := range d.activities.rows {
		if users[objectOf(tokencore.ObjectUser)(d, a)] {
			entries[a.ID] = true
		}
	}
	return entries, nil
}

// usersWith is the relation of organizations to the users who hold the role in them.
func usersWith(role tokencore.Role) toMany {
	return leadsToMany(userColumns, func(d *data) iter.Seq2[int64, tokencore.User] {
		return func(yield func(int64, tokencore.User) bool) {
			for h := range d.roles {
				if h.role == role && !yield(h.organization, d.users.rows[h.user]) {
					return
				}
			}
		}
	})
}

// objectOf gives the id of the first object of that type.
func objectOf(kind string) func(*data, tokencore.Activity) int64 {
	return func(_ *data, a tokencore.Activity) int64 {
		switch kind {
		case a.Object:
			return a.ObjectID
		case a.Object2:
			return a.Object2ID
		default:
			return 0
		}
	}
}
