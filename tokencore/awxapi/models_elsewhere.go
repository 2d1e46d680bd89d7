package awxapi

import "github.com/awxgate/awxgate/tokencore"

// AWX relates users and organizations to much that does not exist here. Clients learn of
// these relations from OPTIONS, so that they can be asked about.

// elsewhere are relations to objects that only AWX has, by AWX's class: none of our rows
// has one, as in an AWX without such objects.
func elsewhere(classes map[string]string) map[string]field {
	fields := map[string]field{}
	for name, class := range classes {
		fields[name] = field{kind: relationField, related: &model{
			name: class,
			fields: map[string]field{
				"id": {kind: numberField}, "name": {kind: textField}, "description": {kind: textField},
			},
			search: []tokencore.Field{""},
		}}
	}
	return fields
}

// untold are relations about which AWX's search says nothing either, since their
// objects have no text to search; nothing else can be asked.
func untold(classes map[string]string) map[string]field {
	fields := map[string]field{}
	for name, class := range classes {
		fields[name] = field{kind: bridgeField, related: &model{name: class, fields: map[string]field{"token": {kind: secretField}}}}
	}
	return fields
}

var organizationRelationsElsewhere = elsewhere(map[string]string{
	"instance_groups": "InstanceGroup", "credentials": "Credential", "galaxy_credentials": "Credential",
	"executionenvironments": "ExecutionEnvironment", "default_environment": "ExecutionEnvironment",
	"notification_templates": "NotificationTemplate", "notification_templates_approvals": "NotificationTemplate",
	"notification_templates_error": "NotificationTemplate", "notification_templates_started": "NotificationTemplate",
	"notification_templates_success": "NotificationTemplate",
	"teams":                          "Team", "inventories": "Inventory", "labels": "Label",
	"unifiedjobs": "UnifiedJob", "unifiedjobtemplates": "UnifiedJobTemplate",
})

var userRelationsElsewhere = elsewhere(map[string]string{"main_oauth2application": modelApplication})

var userRelationsUntold = untold(map[string]string{
	"oauth2_provider_refreshtoken": "RefreshToken", "oauth2_provider_grant": "Grant", "oauth2_provider_idtoken": "IDToken",
	"profile": "Profile", "roles": "Role", "has_roles": "ObjectRole", "role_assignments": "RoleUserAssignment",
	"activity_stream": modelActivity, "enterprise_auth": "UserEnterpriseAuth", "social_auth": "UserSocialAuth",
})

// resourceOf is AWX's entry of an object in its registry of what several services
// share, in which only the name is text.
func resourceOf(name tokencore.Field) map[string]field {
	return map[string]field{"resource": {kind: bridgeField, related: &model{
		name:   "Resource",
		fields: map[string]field{"name": {kind: textField, column: name}},
		search: []tokencore.Field{name},
	}}}
}
