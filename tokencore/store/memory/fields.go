package memory

import (
	"fmt"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// fields is the allow-list for one kind of row: its own columns, and the relations
// through which the own columns of other rows are reached.
type fields[T any] struct {
	own  columns[T]
	one  map[string]toOne[T]
	many map[string]toMany
}

var applicationFields = fields[tokencore.Application]{
	own: applicationColumns,
	one: map[string]toOne[tokencore.Application]{
		"organization": leadsTo(allOrganizations, organizationColumns, func(_ *data, a tokencore.Application) int64 { return a.OrganizationID }),
		"user":         leadsTo(allUsers, userColumns, func(_ *data, a tokencore.Application) int64 { return a.UserID }),
	},
	many: map[string]toMany{
		"tokens": owns(allTokens, tokenColumns, func(t tokencore.Token) int64 { return t.ApplicationID }),
	},
}

var tokenFields = fields[tokencore.Token]{
	own: tokenColumns,
	one: map[string]toOne[tokencore.Token]{
		"user":        leadsTo(allUsers, userColumns, func(_ *data, t tokencore.Token) int64 { return t.UserID }),
		"application": leadsTo(allApplications, applicationColumns, func(_ *data, t tokencore.Token) int64 { return t.ApplicationID }),
		"refresh": leadsTo(allRefreshTokens, refreshTokenColumns, func(d *data, t tokencore.Token) int64 {
			if pointing := d.refreshOf[t.ID]; len(pointing) > 0 {
				return pointing[0]
			}
			return 0
		}),
	},
}

var refreshTokenFields = fields[tokencore.RefreshToken]{
	own: refreshTokenColumns,
	one: map[string]toOne[tokencore.RefreshToken]{
		"token": leadsTo(allTokens, tokenColumns, func(_ *data, r tokencore.RefreshToken) int64 { return r.TokenID }),
	},
}

var userFields = fields[tokencore.User]{
	own: userColumns,
	many: map[string]toMany{
		"tokens":                 owns(allTokens, tokenColumns, func(t tokencore.Token) int64 { return t.UserID }),
		"organizations":          organizationsOf(tokencore.RoleMember),
		"admin_of_organizations": organizationsOf(tokencore.RoleAdmin),
	},
}

var organizationFields = fields[tokencore.Organization]{
	own: organizationColumns,
	many: map[string]toMany{
		"applications": owns(allApplications, applicationColumns, func(a tokencore.Application) int64 { return a.OrganizationID }),
		"users":        usersWith(tokencore.RoleMember),
		"admins":       usersWith(tokencore.RoleAdmin),
	},
}

var activityFields = fields[tokencore.Activity]{
	own: activityColumns,
	one: map[string]toOne[tokencore.Activity]{
		"actor":        leadsTo(allUsers, userColumns, func(_ *data, a tokencore.Activity) int64 { return a.ActorID }),
		"application":  leadsTo(allApplications, applicationColumns, objectOf(tokencore.ObjectApplication)),
		"token":        leadsTo(allTokens, tokenColumns, objectOf(tokencore.ObjectToken)),
		"user":         leadsTo(allUsers, userColumns, objectOf(tokencore.ObjectUser)),
		"organization": leadsTo(allOrganizations, organizationColumns, objectOf(tokencore.ObjectOrganization)),
	},
	many: map[string]toMany{"user_organizations": organizationsOfUserIn},
}

// column finds a field: an own one, one of a related row, or the id of that row.
func (f fields[T]) column(name tokencore.Field) (column[T], error) {
	if own, ok := f.own[name]; ok {
		return own, nil
	}
	relation, there, dotted := strings.Cut(string(name), ".")
	if !dotted {
		there = "id"
	}
	if reach, ok := f.one[relation]; ok {
		if related, ok := reach(tokencore.Field(there)); ok {
			return related, nil
		}
	}
	return column[T]{}, fmt.Errorf("%w: %q", tokencore.ErrField, name)
}
