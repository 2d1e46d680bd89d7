package awxapi

import "github.com/awxgate/awxgate/tokencore"

// organizationRoutes are the paths about organizations. With a remote directory
// there are none: AWX itself serves them.
func (a *API) organizationRoutes() []route {
	if a.config.Accounts == nil {
		return nil
	}
	const base = "/api/v2/organizations/{organization}/"
	return []route{
		{
			path: "/api/v2/organizations/", name: "Organization List", about: "The organizations that you may see.",
			get: a.listOrganizations, post: a.createOrganization,
		},
		{
			path: base, name: "Organization Detail", about: "One organization.",
			detail: organizationModel, get: a.getOrganization, put: a.putOrganization, patch: a.patchOrganization, delete: a.deleteOrganization,
		},
		{
			path: base + "users/", name: "Organization Users List", about: "The members of the organization.",
			get: a.listHolders(tokencore.RoleMember), post: a.changeHolders(tokencore.RoleMember),
		},
		{
			path: base + "admins/", name: "Organization Admins List", about: "The users who administer the organization.",
			get: a.listHolders(tokencore.RoleAdmin), post: a.changeHolders(tokencore.RoleAdmin),
		},
		{
			// AWX has no such path; there the role's own list of users is the only way.
			path: base + "auditors/", name: "Organization Auditors List", about: "The users who audit the organization.",
			get: a.listHolders(tokencore.RoleAuditor), post: a.changeHolders(tokencore.RoleAuditor),
		},
	}
}

// organizationModel is what may be asked about organizations. AWX's UI asks for those
// that one administers when it offers them for an application.
var organizationModel = organizationOf("").with(&model{
	typeName: tokencore.ObjectOrganization,
	fields: map[string]field{
		"applications": {kind: relationField, many: "applications", related: applicationOf("")},
	},
	order: []tokencore.Order{{Field: "name"}},
	roles: map[string]func(tokencore.Actor) tokencore.Expr{
		"admin_role": administeredOrganizations,
		"read_role":  tokencore.Actor.VisibleOrganizations,
	},
}, organizationRelationsElsewhere, resourceOf("name"))

func administeredOrganizations(a tokencore.Actor) tokencore.Expr {
	if a.User.IsSuperuser {
		return tokencore.And{}
	}
	return tokencore.Compare{Field: "id", Op: tokencore.In, Value: a.Roles.Admin}
}

func (a *API) listOrganizations(r *request) (answer, error) {
	return a.pageOfOrganizations(r, tokencore.And{})
}

// pageOfOrganizations lists the organizations that the condition selects and the
// requester may see.
func (a *API) pageOfOrganizations(r *request, where tokencore.Expr) (answer, error) {
	visible := tokencore.And{where, r.actor.VisibleOrganizations()}
	return list(r, organizationModel, visible, a.svc.Store().Organizations, func(rows []tokencore.Organization) ([]organizationJSON, error) {
		return a.organizationsJSON(r, rows)
	})
}

func (a *API) listOrganizationsOfMember(r *request) (answer, error) {
	return a.listOrganizationsOf(r, func(held tokencore.Roles) []int64 { return held.Member })
}

func (a *API) listOrganizationsOfAdmin(r *request) (answer, error) {
	return a.listOrganizationsOf(r, func(held tokencore.Roles) []int64 { return held.Admin })
}

// listOrganizationsOf lists where a user holds a role; a member who is admin
// elsewhere is not a member there, as in AWX.
func (a *API) listOrganizationsOf(r *request, role func(held tokencore.Roles) []int64) (answer, error) {
	user, err := a.readableUser(r, 0)
	if err != nil {
		return answer{}, err
	}
	held, err := a.svc.Directory().Roles(r.Context(), user.ID)
	if err != nil {
		return answer{}, tokencore.Unavailable("looking up roles", err)
	}
	return a.pageOfOrganizations(r, tokencore.Compare{Field: "id", Op: tokencore.In, Value: role(held)})
}

func (a *API) getOrganization(r *request) (answer, error) {
	o, err := a.organization(r, 0)
	if err != nil {
		return answer{}, err
	}
	if !r.actor.ReadsOrganization(o.ID) {
		return answer{}, forbidden()
	}
	body, err := a.organizationDetailJSON(r, o)
	return ok(body), err
}

// deleteOrganization takes the organization's applications and their tokens with it.
func (a *API) deleteOrganization(r *request) (answer, error) {
	o, err := a.organization(r, 0)
	if err != nil {
		a.announceGone(r, tokencore.ChangeAll, err)
		return answer{}, err
	}
	if !r.actor.AdministersOrganization(o.ID) {
		return answer{}, forbidden()
	}
	if err := a.svc.DeleteOrganization(r.Context(), r.actor, o.ID); err != nil {
		return answer{}, found(modelOrganization, err)
	}
	return noContent(), nil
}
