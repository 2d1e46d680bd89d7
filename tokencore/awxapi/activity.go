package awxapi

import (
	"maps"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

const modelActivity = "ActivityStream"

// activityRoutes are the lists of what was changed. With a remote directory the whole
// stream, and that of users and organizations, are not ours alone: AWX also tells of jobs
// and inventories, about which nothing is known here.
func (a *API) activityRoutes() []route {
	routes := []route{
		{
			path: "/api/v2/applications/{application}/activity_stream/", name: "O Auth2 Application Activity Stream List",
			about: "What was done to one application.", get: a.listApplicationActivity,
		},
		{
			path: "/api/v2/tokens/{id}/activity_stream/", name: "O Auth2 Token Activity Stream List",
			about: "What was done to one access token.", get: a.listTokenActivity,
		},
	}
	if a.config.Accounts == nil {
		return routes
	}
	return slices.Concat(routes, a.streamRoutes())
}

// streamRoutes are the lists that also tell of what is not about tokens. With a remote
// directory AWX's entries and ours are in them.
func (a *API) streamRoutes() []route {
	return []route{
		{
			path: "/api/v2/activity_stream/", name: "Activity Stream List",
			about: "What was done to the things that you may see.", get: a.listActivity,
		},
		{
			path: "/api/v2/activity_stream/{id}/", name: "Activity Stream Detail",
			about: "One change.", detail: activityModel, get: a.getActivity,
		},
		{
			path: "/api/v2/users/{user}/activity_stream/", name: "User Activity Stream List",
			about: "What was done to one user, and what that user did.", get: a.listUserActivity,
		},
		{
			path: "/api/v2/organizations/{organization}/activity_stream/", name: "Organization Activity Stream List",
			about: "What was done to one organization.", get: a.listOrganizationActivity,
		},
	}
}

// activityModel is what may be asked about activity entries. The columns of an
// object are its current ones, and absent once it has been deleted.
var activityModel = &model{
	name: modelActivity, typeName: "activity_stream",
	fields: map[string]field{
		"id":                   {kind: numberField, column: "id"},
		"timestamp":            {kind: timeField, column: "time"},
		"operation":            {kind: textField, column: "operation"},
		"changes":              {kind: textField, column: "changes"},
		"object1":              {kind: textField, column: "object"},
		"object2":              {kind: textField, column: "object2"},
		"setting":              {kind: textField, column: "setting"},
		"action_node":          {kind: textField, column: "node"},
		"actor":                {kind: relationField, column: "actor", related: userOf("actor")},
		"user":                 {kind: relationField, column: "user", related: userOf("user")},
		"organization":         {kind: relationField, column: "organization", related: organizationOf("organization")},
		"o_auth2_application":  {kind: relationField, column: "application", related: applicationOf("application")},
		"o_auth2_access_token": {kind: relationField, column: "token", related: tokenOf("token")},
	},
	search: []tokencore.Field{"changes"},
}

// entryOffset is added to the ids of our entries where AWX has entries of its own, so that
// an id stands for one of them. AWX will not come that far, and JavaScript counts on exactly.
const entryOffset = 1_000_000_000_000

// mergedActivityModel is activityModel with such ids.
var mergedActivityModel = func() *model {
	m := *activityModel
	m.fields = maps.Clone(m.fields)
	m.fields["id"] = field{kind: numberField, column: "id", offset: entryOffset}
	return &m
}()

// entries returns the model of activity entries, and what has been added to their ids.
func (a *API) entries() (m *model, offset int64) {
	if a.config.Accounts == nil {
		return mergedActivityModel, entryOffset
	}
	return activityModel, 0
}

func (a *API) listActivity(r *request) (answer, error) { return a.pageOfActivity(r, tokencore.And{}) }

func (a *API) listApplicationActivity(r *request) (answer, error) {
	app, err := a.readableApplication(r, 0)
	if err != nil {
		return answer{}, err
	}
	return a.pageOfActivity(r, tokencore.Eq("application", app.ID))
}

func (a *API) listTokenActivity(r *request) (answer, error) {
	t, app, err := a.token(r)
	if err != nil {
		return answer{}, err
	}
	if !r.actor.ReadsToken(t, app) {
		return answer{}, forbidden()
	}
	return a.pageOfActivity(r, tokencore.Eq("token", t.ID))
}

func (a *API) listUserActivity(r *request) (answer, error) {
	user, err := a.readableUser(r, 0)
	if err != nil {
		return answer{}, err
	}
	return a.pageOfActivity(r, tokencore.Or{tokencore.Eq("actor", user.ID), tokencore.Eq("user", user.ID)})
}

func (a *API) listOrganizationActivity(r *request) (answer, error) {
	o, err := a.readableOrganization(r, 0)
	if err != nil {
		return answer{}, err
	}
	return a.pageOfActivity(r, tokencore.Eq("organization", o.ID))
}

// pageOfActivity lists the entries that the condition selects and the requester may see.
func (a *API) pageOfActivity(r *request, where tokencore.Expr) (answer, error) {
	visible := tokencore.And{where, r.actor.VisibleActivities()}
	m, _ := a.entries()
	return list(r, m, visible, a.svc.Store().Activities, func(entries []tokencore.Activity) ([]activityJSON, error) {
		return a.activitiesJSON(r, entries)
	})
}

func (a *API) getActivity(r *request) (answer, error) {
	entry, err := a.activity(r, tokencore.And{})
	if err != nil {
		return answer{}, err
	}
	if entry == nil {
		return answer{}, noSuch(modelActivity)
	}
	if err := narrow(r, entry.ID, a.svc.Store().Activities); err != nil {
		return answer{}, err
	}
	if entry, err = a.activity(r, r.actor.VisibleActivities()); err != nil {
		return answer{}, err
	}
	if entry == nil {
		return answer{}, forbidden()
	}
	rows, err := a.activitiesJSON(r, []tokencore.Activity{*entry})
	if err != nil {
		return answer{}, err
	}
	return ok(rows[0]), nil
}

// activity returns the entry of the path, nil if there is none for which the
// condition holds.
func (a *API) activity(r *request, where tokencore.Expr) (*tokencore.Activity, error) {
	_, offset := a.entries()
	id := r.id(0) - offset
	found, _, err := a.svc.Store().Activities(r.Context(), tokencore.Query{
		Where: tokencore.And{tokencore.Eq("id", id), where}, Limit: 1, SkipCount: true,
	})
	if err != nil {
		return nil, tokencore.Unavailable("loading activity entry", err)
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}
