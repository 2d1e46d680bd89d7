package tokencore

import "slices"

// Actor is who asks: a user with roles, acting through a token or by password. The
// zero Actor is nobody: the token endpoint and the command line, whose activity
// entries name no actor.
type Actor struct {
	User  User
	Roles Roles
	// Scope limits what a token's bearer may do; a session or a password gives
	// ScopeRead|ScopeWrite.
	Scope Scope
	// Session is the one that the actor acts through; zero: none. It outlives a change
	// of the actor's own password, which ends the others.
	Session Digest
}

// Access answers AWX's permission questions (24.6.1, access.py): organization
// admins act for the applications of their organizations, members may see and use
// them, auditors see the tokens but not the applications, nobody "owns" an application.

// ReadsEverything reports whether the actor sees all rows.
func (a Actor) ReadsEverything() bool { return a.User.IsSuperuser || a.User.IsSystemAuditor }

// ReadsApplication reports whether the actor may see, and get tokens of, the application.
func (a Actor) ReadsApplication(app Application) bool {
	return a.ReadsEverything() || app.OrganizationID != 0 &&
		(a.Roles.Has(RoleAdmin, app.OrganizationID) || a.Roles.Has(RoleMember, app.OrganizationID))
}

// AdministersOrganization reports whether the actor may create applications there,
// and change and delete those that are.
func (a Actor) AdministersOrganization(organization int64) bool {
	return a.User.IsSuperuser || organization != 0 && a.Roles.Has(RoleAdmin, organization)
}

// AdministersAnyOrganization reports whether the actor may create applications somewhere.
func (a Actor) AdministersAnyOrganization() bool {
	return a.User.IsSuperuser || len(a.Roles.Admin) > 0
}

// ChangesApplication reports whether the actor may change and delete the application.
func (a Actor) ChangesApplication(app Application) bool {
	return a.AdministersOrganization(app.OrganizationID)
}

// ReadsToken reports whether the actor may see the token. The application is the
// token's own; it is not looked at for a personal token.
func (a Actor) ReadsToken(t Token, app Application) bool {
	if a.ReadsEverything() || t.UserID == a.User.ID {
		return true
	}
	return !t.Personal() && app.OrganizationID != 0 &&
		(a.Roles.Has(RoleAdmin, app.OrganizationID) || a.Roles.Has(RoleAuditor, app.OrganizationID))
}

// ChangesToken reports whether the actor may change and delete the token.
func (a Actor) ChangesToken(t Token, app Application) bool {
	if a.User.IsSuperuser || t.UserID == a.User.ID {
		return true
	}
	return !t.Personal() && a.AdministersOrganization(app.OrganizationID)
}

// ReadsOrganization reports whether the actor may see the organization.
func (a Actor) ReadsOrganization(id int64) bool {
	return a.ReadsEverything() || slices.Contains(a.Roles.Organizations(RoleAdmin, RoleMember, RoleAuditor), id)
}

// VisibleApplications is the condition on applications that ReadsApplication states.
func (a Actor) VisibleApplications() Expr {
	if a.ReadsEverything() {
		return And{}
	}
	return Compare{"organization", In, a.Roles.Organizations(RoleAdmin, RoleMember)}
}

// VisibleTokens is the condition on tokens that ReadsToken states.
func (a Actor) VisibleTokens() Expr {
	if a.ReadsEverything() {
		return And{}
	}
	return Or{
		Eq("user", a.User.ID),
		Compare{"application.organization", In, a.Roles.Organizations(RoleAdmin, RoleAuditor)},
	}
}

// VisibleOrganizations is the condition on organizations that ReadsOrganization states.
func (a Actor) VisibleOrganizations() Expr {
	if a.ReadsEverything() {
		return And{}
	}
	return Compare{"id", In, a.Roles.Organizations(RoleAdmin, RoleMember, RoleAuditor)}
}

// VisibleActivities is the condition on activity entries: everything for who sees all
// rows, else what is about oneself or a visible application or token, and, for admins and
// auditors of an organization, what is about it or its members. Entries about
// what has been deleted since, and about settings, are for the former only.
func (a Actor) VisibleActivities() Expr {
	if a.ReadsEverything() {
		return And{}
	}
	audited := a.Roles.Organizations(RoleAdmin, RoleAuditor)
	return Or{
		Eq("user", a.User.ID),
		Compare{"organization", In, audited},
		Related{"user_organizations", Compare{"id", In, audited}},
		Compare{"application.organization", In, a.Roles.Organizations(RoleAdmin, RoleMember)},
		Eq("token.user", a.User.ID),
		Compare{"token.organization", In, audited},
	}
}

// VisibleUsers is the condition on users: everybody for who may see all, else
// oneself, all superusers, and the members, but not the admins and auditors, of every
// organization in which the actor holds any role. With ORG_ADMINS_CAN_SEE_ALL_USERS,
// admins and auditors of any organization see all.
func (a Actor) VisibleUsers(settings Settings) Expr {
	if a.ReadsEverything() || settings.AdminsSeeAllUsers && len(a.Roles.Admin)+len(a.Roles.Auditor) > 0 {
		return And{}
	}
	return Or{
		Eq("id", a.User.ID),
		Eq("is_superuser", true),
		Related{"organizations", Compare{"id", In, a.Roles.Organizations(RoleAdmin, RoleMember, RoleAuditor)}},
	}
}
