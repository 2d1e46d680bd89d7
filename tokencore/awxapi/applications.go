package awxapi

import "github.com/awxgate/awxgate/tokencore"

func (a *API) applicationRoutes() []route {
	const collection = "Applications get tokens for their users, by the grant that each is registered for."
	return []route{
		{
			path: "/api/v2/applications/", name: "OAuth 2 Applications", about: collection,
			get: a.listApplications, post: a.createApplication,
		},
		{
			path: "/api/v2/applications/{application}/", name: "OAuth 2 Application Detail", about: "One application.",
			detail: applicationModel, get: a.getApplication, put: a.putApplication, patch: a.patchApplication, delete: a.deleteApplication,
		},
		{
			path: "/api/v2/organizations/{organization}/applications/", name: "Organization OAuth2 Applications",
			about: "The applications of one organization.",
			get:   a.listOrganizationApplications, post: a.createOrganizationApplication,
		},
		{
			// AWX serves the whole collection here, whoever the user is.
			path: "/api/v2/users/{user}/applications/", name: "OAuth 2 Applications", about: collection,
			get: a.listUserApplications, post: a.createApplication,
		},
	}
}

// applicationModel is what may be asked about applications.
var applicationModel = applicationOf("").with(&model{
	typeName: tokencore.ObjectApplication,
	fields: map[string]field{
		"organization":      {kind: relationField, column: "organization", related: organizationOf("organization")},
		"user":              {kind: relationField, column: "user", related: userOf("user")},
		"oauth2accesstoken": {kind: relationField, many: "tokens", related: tokenOf("")},
	},
	order: []tokencore.Order{{Field: "organization.name"}, {Field: "name"}},
})

func (a *API) listApplications(r *request) (answer, error) {
	return a.pageOfApplications(r, r.actor.VisibleApplications())
}

func (a *API) listUserApplications(r *request) (answer, error) {
	if !isID(r.captured[0]) {
		if _, err := a.user(r, 0); onlyTechnical(err) != nil {
			return answer{}, err
		}
	}
	return a.listApplications(r)
}

func (a *API) listOrganizationApplications(r *request) (answer, error) {
	o, err := a.readableOrganization(r, 0)
	if err != nil {
		return answer{}, err
	}
	return a.pageOfApplications(r, tokencore.And{tokencore.Eq("organization", o.ID), r.actor.VisibleApplications()})
}

func (a *API) pageOfApplications(r *request, where tokencore.Expr) (answer, error) {
	return list(r, applicationModel, where, a.svc.Store().Applications, func(apps []tokencore.Application) ([]applicationJSON, error) {
		return a.applicationsJSON(r, apps)
	})
}

func (a *API) getApplication(r *request) (answer, error) {
	app, err := a.application(r, 0)
	if err != nil {
		return answer{}, err
	}
	if !r.actor.ReadsApplication(app) {
		return answer{}, forbidden()
	}
	body, err := a.applicationJSON(r, app, tokencore.Secret{})
	return ok(body), err
}

func (a *API) deleteApplication(r *request) (answer, error) {
	app, err := a.application(r, 0)
	if err != nil {
		a.announceGone(r, tokencore.ChangeApplication, err)
		return answer{}, err
	}
	if !r.actor.ChangesApplication(app) {
		return answer{}, forbidden()
	}
	if err := a.svc.DeleteApplication(r.Context(), r.actor, app.ID); err != nil {
		return answer{}, found(modelApplication, err)
	}
	return noContent(), nil
}
