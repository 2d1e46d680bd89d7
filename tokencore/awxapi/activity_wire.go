package awxapi

import (
	"encoding/json"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

// activityJSON is an activity entry as AWX shows it; the order of the fields is its contract.
type activityJSON struct {
	ID                int64           `json:"id"`
	Type              string          `json:"type"`
	URL               string          `json:"url"`
	Related           activityRelated `json:"related"`
	SummaryFields     activitySummary `json:"summary_fields"`
	Timestamp         moment          `json:"timestamp"`
	Operation         string          `json:"operation"`
	Changes           any             `json:"changes"`
	Object1           string          `json:"object1"`
	Object2           string          `json:"object2"`
	ObjectAssociation string          `json:"object_association"`
	ActionNode        string          `json:"action_node"`
	ObjectType        string          `json:"object_type"`
}

// activityRelated links to what still exists; AWX lists even a single object.
type activityRelated struct {
	Actor        string   `json:"actor,omitempty"`
	Organization []string `json:"organization,omitempty"`
	User         []string `json:"user,omitempty"`
	Role         []string `json:"role,omitempty"`
	Token        []string `json:"o_auth2_access_token,omitempty"`
	Application  []string `json:"o_auth2_application,omitempty"`
	Setting      string   `json:"setting,omitempty"`
}

// activitySummary shows the objects as they are now, not as they were.
type activitySummary struct {
	Organization []organizationSummary `json:"organization,omitempty"`
	User         []*userSummary        `json:"user,omitempty"`
	Role         []roleSummary         `json:"role,omitempty"`
	Token        []grantedToken        `json:"o_auth2_access_token,omitempty"`
	Application  []namedApplication    `json:"o_auth2_application,omitempty"`
	Actor        any                   `json:"actor,omitempty"` // *userSummary or goneActor
	Setting      []settingSummary      `json:"setting,omitempty"`
}

type roleSummary struct {
	ID    int64  `json:"id"`
	Field string `json:"role_field"`
}

type grantedToken struct {
	ID            int64  `json:"id"`
	UserID        int64  `json:"user_id"`
	Description   string `json:"description"`
	ApplicationID *int64 `json:"application_id,omitempty"`
	Scope         string `json:"scope"`
}

type namedApplication struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

type settingSummary struct {
	Name     string `json:"name"`
	Category string `json:"category"`
}

// goneActor is an actor whose account has been deleted, with the keys in the order
// in which AWX's database returns them.
type goneActor struct {
	ID        *int64 `json:"id"`
	Username  string `json:"username"`
	LastName  string `json:"last_name"`
	FirstName string `json:"first_name"`
}

// activitiesJSON makes the rows of a list. Everything that they are about is looked
// up once.
func (a *API) activitiesJSON(r *request, entries []tokencore.Activity) ([]activityJSON, error) {
	objects, err := a.activityObjects(r, entries)
	if err != nil {
		return nil, err
	}
	_, offset := a.entries()
	out := make([]activityJSON, len(entries))
	for i, entry := range entries {
		entry.ID += offset
		out[i] = wireActivity(r, entry, objects)
	}
	return out, nil
}

func wireActivity(r *request, entry tokencore.Activity, objects activityObjects) activityJSON {
	body := activityJSON{
		ID: entry.ID, Type: activityModel.typeName, URL: r.link("activity_stream", entry.ID),
		Timestamp: moment(entry.Time), Operation: entry.Operation, Changes: entry.Changes,
		Object1: entry.Object, Object2: entry.Object2, ActionNode: entry.Node,
	}
	switch actor := objects.users[entry.ActorID]; {
	case actor != nil:
		body.Related.Actor, body.SummaryFields.Actor = r.link("users", actor.ID), actor
	case entry.ActorName != "":
		body.SummaryFields.Actor = goneActor{nil, entry.ActorName, entry.ActorLastName, entry.ActorFirstName}
	}
	body.mention(r, entry.Object, entry.ObjectID, objects)
	body.mention(r, entry.Object2, entry.Object2ID, objects)
	if entry.Role != "" {
		body.mentionRole(r, entry)
	}
	if entry.Setting != "" {
		body.mentionSetting(r, entry)
	}
	return body
}

// mention links and names an object that still exists.
func (body *activityJSON) mention(r *request, object string, id int64, objects activityObjects) {
	related, summary := &body.Related, &body.SummaryFields
	switch object {
	case tokencore.ObjectApplication:
		if app, exists := objects.applications[id]; exists {
			related.Application = append(related.Application, r.link("applications", id))
			summary.Application = append(summary.Application, namedApplication{app.ID, app.Name, app.Description})
		}
	case tokencore.ObjectToken:
		if t, exists := objects.tokens[id]; exists {
			related.Token = append(related.Token, r.link("tokens", id))
			summary.Token = append(summary.Token, grantedToken{t.ID, t.UserID, t.Description, nullable(t.ApplicationID), t.Scope})
		}
	case tokencore.ObjectUser:
		if user := objects.users[id]; user != nil {
			related.User = append(related.User, r.link("users", id))
			summary.User = append(summary.User, user)
		}
	case tokencore.ObjectOrganization:
		if o, exists := objects.organizations[id]; exists {
			related.Organization = append(related.Organization, r.link("organizations", id))
			summary.Organization = append(summary.Organization, organizationSummary{o.ID, o.Name, o.Description})
		}
	}
}

// mentionRole names the role of an organization that was given or taken, while there
// is that organization.
func (body *activityJSON) mentionRole(r *request, entry tokencore.Activity) {
	body.ObjectAssociation, body.ObjectType = "role", entry.Object
	if body.SummaryFields.Organization == nil {
		return
	}
	key := string(entry.Role) + "_role"
	id := objectRoleID(entry.ObjectID, key)
	body.Related.Role = []string{r.link("roles", id)}
	body.SummaryFields.Role = []roleSummary{{id, key}}
}

// mentionSetting names a setting. Of one that was reset AWX shows only what it had been;
// the number is that of the row in AWX's table, and of the setting here.
func (body *activityJSON) mentionSetting(r *request, entry tokencore.Activity) {
	at := slices.IndexFunc(settingTable, func(s setting) bool { return s.key == entry.Setting })
	if entry.Operation != tokencore.OperationDelete && at >= 0 {
		category := settingTable[at].category
		body.Related.Setting = "/api/v2/settings/" + category + "/" + r.urlSuffix
		body.SummaryFields.Setting = []settingSummary{{entry.Setting, category}}
	}
	var changes struct {
		Value json.RawMessage `json:"value"`
	}
	if entry.Operation != tokencore.OperationUpdate && json.Unmarshal(entry.Changes, &changes) == nil {
		body.Changes = members{{"value", changes.Value}, {"id", at + 1}}
	}
}
