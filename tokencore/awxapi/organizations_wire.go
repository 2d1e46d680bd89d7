package awxapi

import "github.com/awxgate/awxgate/tokencore"

// organizationJSON is an organization as AWX shows it; the order of the fields is
// its contract.
type organizationJSON struct {
	ID                 int64                     `json:"id"`
	Type               string                    `json:"type"`
	URL                string                    `json:"url"`
	Related            organizationRelated       `json:"related"`
	SummaryFields      organizationSummaryFields `json:"summary_fields"`
	Created            moment                    `json:"created"`
	Modified           moment                    `json:"modified"`
	Name               string                    `json:"name"`
	Description        string                    `json:"description"`
	MaxHosts           int64                     `json:"max_hosts"`
	CustomVirtualenv   *string                   `json:"custom_virtualenv"`
	DefaultEnvironment *int64                    `json:"default_environment"`
}

type organizationRelated struct {
	NamedURL                       string `json:"named_url,omitempty"`
	CreatedBy                      string `json:"created_by,omitempty"`
	ModifiedBy                     string `json:"modified_by,omitempty"`
	ExecutionEnvironments          string `json:"execution_environments"`
	Projects                       string `json:"projects"`
	Inventories                    string `json:"inventories"`
	JobTemplates                   string `json:"job_templates"`
	WorkflowJobTemplates           string `json:"workflow_job_templates"`
	Users                          string `json:"users"`
	Admins                         string `json:"admins"`
	Teams                          string `json:"teams"`
	Credentials                    string `json:"credentials"`
	Applications                   string `json:"applications"`
	ActivityStream                 string `json:"activity_stream"`
	NotificationTemplates          string `json:"notification_templates"`
	NotificationTemplatesStarted   string `json:"notification_templates_started"`
	NotificationTemplatesSuccess   string `json:"notification_templates_success"`
	NotificationTemplatesError     string `json:"notification_templates_error"`
	NotificationTemplatesApprovals string `json:"notification_templates_approvals"`
	ObjectRoles                    string `json:"object_roles"`
	AccessList                     string `json:"access_list"`
	InstanceGroups                 string `json:"instance_groups"`
	GalaxyCredentials              string `json:"galaxy_credentials"`
}

type organizationSummaryFields struct {
	Resource           resource     `json:"resource"`
	CreatedBy          *userSummary `json:"created_by,omitempty"`
	ModifiedBy         *userSummary `json:"modified_by,omitempty"`
	ObjectRoles        members      `json:"object_roles"`
	UserCapabilities   capabilities `json:"user_capabilities"`
	RelatedFieldCounts any          `json:"related_field_counts"` // listCounts or detailCounts
}

// listCounts and detailCounts count what belongs to an organization. AWX orders
// them differently in the two places. What does not exist here is counted as 0.
type listCounts struct {
	Inventories  int `json:"inventories"`
	Teams        int `json:"teams"`
	Users        int `json:"users"`
	JobTemplates int `json:"job_templates"`
	Admins       int `json:"admins"`
	Projects     int `json:"projects"`
}

type detailCounts struct {
	Users        int `json:"users"`
	Admins       int `json:"admins"`
	Inventories  int `json:"inventories"`
	Teams        int `json:"teams"`
	Projects     int `json:"projects"`
	JobTemplates int `json:"job_templates"`
	Hosts        int `json:"hosts"`
}

// organizationDetailJSON is the form of a detail: with the named URL, and the counts
// in their other order.
func (a *API) organizationDetailJSON(r *request, o tokencore.Organization) (organizationJSON, error) {
	body, err := a.newOrganizationJSON(r, o)
	if err != nil {
		return organizationJSON{}, err
	}
	if counts, ok := body.SummaryFields.RelatedFieldCounts.(listCounts); ok {
		body.SummaryFields.RelatedFieldCounts = detailCounts{Users: counts.Users, Admins: counts.Admins}
	}
	return body, nil
}

// newOrganizationJSON is the form of a creation: a row of a list with the named URL.
func (a *API) newOrganizationJSON(r *request, o tokencore.Organization) (organizationJSON, error) {
	rows, err := a.organizationsJSON(r, []tokencore.Organization{o})
	if err != nil {
		return organizationJSON{}, err
	}
	rows[0].Related.NamedURL = "/api/v2/organizations/" + namedSegment(o.Name) + "/" + r.urlSuffix
	return rows[0], nil
}

// organizationsJSON makes the rows of a list. Each user is looked up once.
func (a *API) organizationsJSON(r *request, organizations []tokencore.Organization) ([]organizationJSON, error) {
	users := map[int64]*userSummary{0: nil}
	out := make([]organizationJSON, len(organizations))
	for i, o := range organizations {
		for _, id := range []int64{o.CreatedBy, o.ModifiedBy} {
			if _, known := users[id]; known {
				continue
			}
			var err error
			if users[id], err = a.userSummary(r, id); err != nil {
				return nil, err
			}
		}
		counts, err := a.countHolders(r, o.ID)
		if err != nil {
			return nil, err
		}
		out[i] = wireOrganization(r, o, users, counts)
	}
	return out, nil
}

func (a *API) countHolders(r *request, organization int64) (listCounts, error) {
	members, err := a.svc.Store().Holders(r.Context(), organization, tokencore.RoleMember)
	if err != nil {
		return listCounts{}, tokencore.Unavailable("counting members", err)
	}
	admins, err := a.svc.Store().Holders(r.Context(), organization, tokencore.RoleAdmin)
	if err != nil {
		return listCounts{}, tokencore.Unavailable("counting admins", err)
	}
	return listCounts{Users: len(members), Admins: len(admins)}, nil
}

func wireOrganization(r *request, o tokencore.Organization, users map[int64]*userSummary, counts listCounts) organizationJSON {
	may := r.mayWrite() && r.actor.AdministersOrganization(o.ID)
	body := organizationJSON{
		ID: o.ID, Type: tokencore.ObjectOrganization, URL: r.link("organizations", o.ID),
		Related: relatedToOrganization(r, o.ID),
		SummaryFields: organizationSummaryFields{
			Resource:           resource{o.AnsibleID, "shared.organization"},
			CreatedBy:          users[o.CreatedBy],
			ModifiedBy:         users[o.ModifiedBy],
			ObjectRoles:        objectRoles(o.ID),
			UserCapabilities:   capabilities{Edit: may, Delete: may},
			RelatedFieldCounts: counts,
		},
		Created: moment(o.Created), Modified: moment(o.Modified),
		Name: o.Name, Description: o.Description, MaxHosts: o.MaxHosts,
	}
	if users[o.CreatedBy] != nil {
		body.Related.CreatedBy = r.link("users", o.CreatedBy)
	}
	if users[o.ModifiedBy] != nil {
		body.Related.ModifiedBy = r.link("users", o.ModifiedBy)
	}
	return body
}

func relatedToOrganization(r *request, id int64) organizationRelated {
	to := func(name string) string { return r.link("organizations", id, name) }
	return organizationRelated{
		ExecutionEnvironments:          to("execution_environments"),
		Projects:                       to("projects"),
		Inventories:                    to("inventories"),
		JobTemplates:                   to("job_templates"),
		WorkflowJobTemplates:           to("workflow_job_templates"),
		Users:                          to("users"),
		Admins:                         to("admins"),
		Teams:                          to("teams"),
		Credentials:                    to("credentials"),
		Applications:                   to("applications"),
		ActivityStream:                 to("activity_stream"),
		NotificationTemplates:          to("notification_templates"),
		NotificationTemplatesStarted:   to("notification_templates_started"),
		NotificationTemplatesSuccess:   to("notification_templates_success"),
		NotificationTemplatesError:     to("notification_templates_error"),
		NotificationTemplatesApprovals: to("notification_templates_approvals"),
		ObjectRoles:                    to("object_roles"),
		AccessList:                     to("access_list"),
		InstanceGroups:                 to("instance_groups"),
		GalaxyCredentials:              to("galaxy_credentials"),
	}
}
