package awxapi

import (
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

// accountRights judges what the requester may do with users (AWX 24.6.1, access.py,
// UserAccess). An organization's admin administers a user only if every organization
// of that user is administered, too: otherwise adding somebody to one's own
// organization would be a way to set that person's password.
type accountRights struct {
	actor    tokencore.Actor
	settings tokencore.Settings
	mayWrite bool
	roles    func(userID int64) (tokencore.Roles, error)
}

func (a *API) accountRights(r *request) (accountRights, error) {
	settings, err := a.svc.Settings(r.Context())
	if err != nil {
		return accountRights{}, err
	}
	return accountRights{
		actor: r.actor, settings: settings, mayWrite: r.mayWrite(),
		roles: func(userID int64) (tokencore.Roles, error) {
			roles, err := a.svc.Directory().Roles(r.Context(), userID)
			return roles, tokencore.Unavailable("looking up roles", err)
		},
	}, nil
}

// managesAccounts reports whether the requester may create users, and hand out
// roles of what is administered.
func (x accountRights) managesAccounts() bool {
	return x.actor.User.IsSuperuser || x.settings.AdminsManageAccounts && x.actor.AdministersAnyOrganization()
}

// administers reports whether the requester may decide about everything of the
// user. Users without an organization have no admin but the superusers; orphans
// says that they may be taken in, if no role of theirs is beyond the requester's.
func (x accountRights) administers(u tokencore.User, orphans bool) (bool, error) {
	switch {
	case x.actor.User.IsSuperuser:
		return true, nil
	case !x.managesAccounts(), u.IsSuperuser, u.IsSystemAuditor:
		return false, nil
	}
	theirs, err := x.roles(u.ID)
	if err != nil {
		return false, err
	}
	if len(theirs.Admin)+len(theirs.Member) == 0 {
		return orphans && x.administersAll(theirs.Auditor), nil
	}
	return x.administersAll(theirs.Organizations(tokencore.RoleAdmin, tokencore.RoleMember)), nil
}

func (x accountRights) administersAll(organizations []int64) bool {
	return !slices.ContainsFunc(organizations, func(id int64) bool { return !x.actor.AdministersOrganization(id) })
}

// changes reports whether the requester may edit the user. One's own account goes
// with the setting that allows organizations to manage accounts, as in AWX.
func (x accountRights) changes(u tokencore.User) (bool, error) {
	if u.ID == x.actor.User.ID && x.settings.AdminsManageAccounts {
		return true, nil
	}
	return x.administers(u, false)
}

// deletes reports whether the requester may delete the user; nobody may oneself, so
// the last superuser stays.
func (x accountRights) deletes(u tokencore.User) (bool, error) {
	if u.ID == x.actor.User.ID {
		return false, nil
	}
	return x.administers(u, false)
}

// capabilities is what AWX shows of the above. A read token's bearer has none.
func (x accountRights) capabilities(u tokencore.User) (c capabilities, err error) {
	if !x.mayWrite {
		return capabilities{}, nil
	}
	if c.Edit, err = x.changes(u); err != nil {
		return capabilities{}, err
	}
	c.Delete, err = x.deletes(u)
	return c, err
}

// gives reports whether the requester may give the user a role of the organization,
// or take it. Members and admins become editable for the organization's admins, so
// both roles demand that they already are.
func (x accountRights) gives(u tokencore.User, organization int64, role tokencore.Role) (bool, error) {
	if !x.managesAccounts() || !x.actor.AdministersOrganization(organization) {
		return false, nil
	}
	if role == tokencore.RoleAuditor {
		return true, nil
	}
	return x.administers(u, true)
}
