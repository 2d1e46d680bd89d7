package awxapi

import "net/http"

// standIn is a collection of AWX proper that does not exist here.
type standIn struct{ segment, name string }

// standIns are the collections without which awxkit dies on the way to something
// that does exist: "awx users" asks eight of them for their roles, "awx import" and
// "awx export" walk through all. They are empty, and nothing can be put there.
//
// They are not ours: Owns denies them, so that a proxy passes them on to the AWX
// behind it. Who has no AWX behind asks StandsIn, too.
var standIns = []standIn{
	{"instance_groups", "Instance Groups"},
	{"execution_environments", "Execution Environment List"},
	{"projects", "Project List"},
	{"teams", "Team List"},
	{"credentials", "Credential List"},
	{"credential_types", "Credential Type List"},
	{"inventories", "Inventory List"},
	{"inventory_sources", "Inventory Source List"},
	{"job_templates", "Job Template List"},
	{"system_job_templates", "System Job Template List"},
	{"schedules", "Schedules"},
	{"notification_templates", "Notification Template List"},
	{"workflow_job_templates", "Workflow Job Template List"},
}

func (s standIn) path() string { return "/api/v2/" + s.segment + "/" }

// standInView is all that OPTIONS says about them.
var standInView = view{object: new(objectInfo), list: true}

// standInRoutes are there with accounts of our own: with AWX's, AWX is there.
func (a *API) standInRoutes() []route {
	if a.config.Accounts == nil {
		return nil
	}
	routes := make([]route, len(standIns))
	for i, s := range standIns {
		routes[i] = route{
			path: s.path(), name: s.name, about: "A part of AWX that does not exist here.",
			get: listNothing,
		}
	}
	return routes
}

// StandsIn reports whether this API can answer a request that an AWX would answer if there
// were one: by the documents that both make together (Merges), the descriptions of the
// installation, and the collections without which awxkit dies, always empty. Who has no
// AWX behind asks this, too.
func (a *API) StandsIn(r *http.Request) bool {
	rt, _ := a.match(r)
	return rt != nil
}

// listNothing answers every query in the same way; what is not there cannot be filtered.
func listNothing(*request) (answer, error) {
	return ok(page[struct{}]{Results: []struct{}{}}), nil
}
