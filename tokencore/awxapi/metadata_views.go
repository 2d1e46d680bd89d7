package awxapi

import "slices"

// view is what OPTIONS says about one path: which objects are there, and in what
// its methods differ from the object's own fields. A path without a view has no actions.
type view struct {
	object *objectInfo
	list   bool
	plain  bool // a list that offers no search in related objects
	// fields are those of the path, if they are not simply the object's.
	fields func(a *API, r *request, writing bool) ([]fieldInfo, error)

	parent permission // to read what the path belongs to
	post   permission // nil: everybody who comes this far
	put    permission

	without, demands string // a field that POST does not take, or cannot do without
	attach           bool   // POST takes the id of something that exists as well
}

// views are the paths that serve objects.
var views = map[string]view{
	"/api/v2/applications/":               {object: applicationInfo, list: true, post: mayCreateApplication},
	"/api/v2/applications/{application}/": {object: applicationInfo, put: mayChangeApplication},
	"/api/v2/users/{user}/applications/":  {object: applicationInfo, list: true, post: mayCreateApplication},
	"/api/v2/organizations/{organization}/applications/": {
		object: applicationInfo, list: true, parent: mayReadOrganization, post: mayCreateApplicationThere,
	},

	"/api/v2/tokens/":                            {object: tokenInfo, list: true},
	"/api/v2/tokens/{id}/":                       {object: tokenInfo, put: mayChangeToken},
	"/api/v2/applications/{application}/tokens/": {object: tokenInfo, list: true, parent: mayReadApplication},
	"/api/v2/users/{user}/tokens/":               {object: tokenInfo, list: true, parent: mayReadUser},
	"/api/v2/users/{user}/personal_tokens/":      {object: tokenInfo, list: true, parent: mayReadUser, without: "application"},
	"/api/v2/users/{user}/authorized_tokens/":    {object: tokenInfo, list: true, parent: mayReadUser, demands: "application"},

	"/api/v2/me/":                                  {object: userInfo, list: true},
	"/api/v2/users/":                               {object: userInfo, list: true, post: mayCreateUser},
	"/api/v2/users/{user}/":                        {object: userInfo, put: mayChangeUser},
	"/api/v2/users/{user}/organizations/":          {object: organizationInfo, list: true, parent: mayReadUser},
	"/api/v2/users/{user}/admin_of_organizations/": {object: organizationInfo, list: true, parent: mayReadUser},

	"/api/v2/organizations/":                         {object: organizationInfo, list: true, post: mustBeSuperuser},
	"/api/v2/organizations/{organization}/":          {object: organizationInfo, put: mayChangeOrganization},
	"/api/v2/organizations/{organization}/users/":    {object: userInfo, list: true, parent: mayReadOrganization, attach: true},
	"/api/v2/organizations/{organization}/admins/":   {object: userInfo, list: true, parent: mayReadOrganization, attach: true},
	"/api/v2/organizations/{organization}/auditors/": {object: userInfo, list: true, parent: mayReadOrganization, attach: true},

	"/api/v2/activity_stream/":                              {object: activityInfo, list: true, plain: true},
	"/api/v2/activity_stream/{id}/":                         {object: activityInfo},
	"/api/v2/applications/{application}/activity_stream/":   {object: activityInfo, list: true, parent: mayReadApplication},
	"/api/v2/tokens/{id}/activity_stream/":                  {object: activityInfo, list: true, parent: mayReadToken},
	"/api/v2/users/{user}/activity_stream/":                 {object: activityInfo, list: true, parent: mayReadUser},
	"/api/v2/organizations/{organization}/activity_stream/": {object: activityInfo, list: true, parent: mayReadOrganization},

	"/api/v2/settings/":        {object: settingCategoryInfo, list: true},
	"/api/v2/settings/{slug}/": {object: settingInfo, fields: settingFields, put: mayChangeSettings},
}

// view returns what OPTIONS says about the route's path.
func (rt *route) view() (view, bool) {
	if slices.ContainsFunc(standIns, func(s standIn) bool { return s.path() == rt.path }) {
		return standInView, true
	}
	v, described := views[rt.path]
	return v, described
}

// fieldsOf returns the fields of the path.
func (v view) fieldsOf(a *API, r *request, writing bool) ([]fieldInfo, error) {
	if v.fields != nil {
		return v.fields(a, r, writing)
	}
	return v.object.fields, nil
}

// reading returns the fields that GET shows.
func (v view) reading(a *API, r *request) (members, error) {
	fields, err := v.fieldsOf(a, r, false)
	m := make(members, len(fields))
	for i, f := range fields {
		m[i] = member{f.name, f.describe(v.object, false)}
	}
	return m, err
}

// creating returns the fields that POST reads.
func (v view) creating(a *API, r *request) (members, error) {
	fields, err := v.fieldsOf(a, r, true)
	m := members{}
	for _, f := range fields {
		if (f.writable || v.attach && f.name == "id") && f.name != v.without {
			f.required = f.required || f.name == v.demands
			m = append(m, member{f.name, f.describe(v.object, true)})
		}
	}
	return m, err
}

// replacing returns the fields that PUT reads.
func (v view) replacing(a *API, r *request) (members, error) {
	fields, err := v.fieldsOf(a, r, true)
	m := members{}
	for _, f := range fields {
		if f.writable && !f.fixed {
			m = append(m, member{f.name, f.describe(v.object, true)})
		}
	}
	return m, err
}
