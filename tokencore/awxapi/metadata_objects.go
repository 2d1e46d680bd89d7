package awxapi

import "github.com/awxgate/awxgate/tokencore"

// The tables of fields. Labels, lengths, defaults and what can be filtered are AWX
// 24.6.1's; "filterable" includes its secret columns, which a filter then refuses.

var applicationInfo = &objectInfo{
	typeName: tokencore.ObjectApplication, noun: "application", model: applicationModel,
	search: []string{"name", "description"}, relations: []string{"organization", "user"},
	fields: append(commonFields("Id", tokencore.ObjectApplication, "Application"),
		fieldInfo{name: "created", kind: "datetime", label: "Created"},
		fieldInfo{name: "modified", kind: "datetime", label: "Modified", unfilterable: true},
		fieldInfo{name: "name", kind: "string", label: "Name", writable: true, required: true, length: nameRule.max},
		fieldInfo{name: "description", kind: "string", label: "Description", writable: true, initial: `""`},
		fieldInfo{name: "client_id", kind: "string", label: "Client id"},
		fieldInfo{
			name: "client_secret", kind: "string", label: "Client Secret",
			help: "Shown once, in the answer that creates the application. Public applications have none.",
		},
		fieldInfo{
			name: "client_type", kind: "choice", label: "Client Type", writable: true, required: true,
			choices: [][2]string{{string(tokencore.Confidential), "Confidential"}, {string(tokencore.Public), "Public"}},
			help:    "Confidential if the client can keep a secret, else public.",
		},
		fieldInfo{
			name: "redirect_uris", kind: "string", label: "Redirect URIs", writable: true,
			help: "Where users may be sent back to, separated by spaces. The authorization-code grant needs at least one.",
		},
		fieldInfo{
			name: "authorization_grant_type", kind: "choice", label: "Authorization Grant Type", writable: true, required: true, fixed: true,
			choices: [][2]string{
				{string(tokencore.GrantAuthorizationCode), "Authorization code"},
				{string(tokencore.GrantPassword), "Resource owner password-based"},
			},
			help: "How users get tokens through this application. It cannot be changed later.",
		},
		fieldInfo{
			name: "skip_authorization", kind: "boolean", label: "Skip Authorization", writable: true, initial: "false",
			help: "Do not ask users for their consent. For applications that you trust fully.",
		},
		fieldInfo{
			name: "organization", kind: "id", label: "Organization", writable: true, required: true,
			help: "The organization whose members may use this application.",
		},
	),
}

var tokenInfo = &objectInfo{
	typeName: tokencore.ObjectToken, noun: "access token", model: tokenModel,
	search:    []string{"description"},
	relations: []string{"id_token", "application", "refresh_token", "source_refresh_token", "user"},
	fields: append(commonFields("Id", tokencore.ObjectToken, "Access Token"),
		fieldInfo{name: "created", kind: "datetime", label: "Created"},
		fieldInfo{name: "modified", kind: "datetime", label: "Modified"},
		fieldInfo{name: "description", kind: "string", label: "Description", writable: true, initial: `""`},
		fieldInfo{name: "user", kind: "id", label: "User", help: "Whom the token acts for."},
		fieldInfo{name: "token", kind: "string", label: "Token"},
		fieldInfo{name: "refresh_token", kind: "field", label: "Refresh token", unfilterable: true},
		fieldInfo{name: "application", kind: "id", label: "Application", writable: true, fixed: true},
		fieldInfo{name: "expires", kind: "datetime", label: "Expires"},
		fieldInfo{
			name: "scope", kind: "string", label: "Scope", writable: true, initial: `"` + tokencore.DefaultScope + `"`,
			help: "What the token may do, within what its user may: read, write, or both separated by a space.",
		},
	),
}

var userInfo = &objectInfo{
	typeName: tokencore.ObjectUser, noun: "user", model: userModel,
	search: []string{"username", "first_name", "last_name", "email"},
	relations: []string{
		"oauth2_provider_refreshtoken", "profile", "roles", "oauth2_provider_grant", "resource", "main_oauth2application",
		"activity_stream", "enterprise_auth", "role_assignments", "has_roles", "social_auth", "oauth2_provider_idtoken",
		"main_oauth2accesstoken",
	},
	fields: append(commonFields("ID", tokencore.ObjectUser, "User"),
		fieldInfo{name: "created", kind: "datetime", label: "Created", unfilterable: true},
		fieldInfo{name: "modified", kind: "datetime", label: "Modified", unfilterable: true},
		fieldInfo{
			name: "username", kind: "string", label: "Username", writable: true, required: true, length: maxUsername,
			help: "The name to log in with: letters, digits and @/./+/-/_ only.",
		},
		fieldInfo{name: "first_name", kind: "string", label: "First name", writable: true, length: maxName},
		fieldInfo{name: "last_name", kind: "string", label: "Last name", writable: true, length: maxName},
		fieldInfo{name: "email", kind: "string", label: "Email address", writable: true, length: maxEmail},
		fieldInfo{
			name: "is_superuser", kind: "boolean", label: "Superuser status", writable: true, initial: "false",
			help: "May do everything.",
		},
		fieldInfo{
			name: "is_system_auditor", kind: "boolean", label: "Is system auditor", writable: true, initial: "false",
			unfilterable: true,
		},
		fieldInfo{
			name: "password", kind: "string", label: "Password", writable: true, initial: `""`,
			help: "Write only. Given, it replaces the user's password.",
		},
		fieldInfo{name: "ldap_dn", kind: "string", label: "Ldap dn", unfilterable: true},
		fieldInfo{name: "last_login", kind: "datetime", label: "Last login"},
		fieldInfo{
			name: "external_account", kind: "field", label: "External account", unfilterable: true,
			help: "Which service outside manages the account, if one does.",
		},
	),
}

var organizationInfo = &objectInfo{
	typeName: tokencore.ObjectOrganization, noun: "organization", model: organizationModel,
	search: []string{"description", "name"},
	relations: []string{
		"default_environment", "instance_groups", "resource", "credentials", "executionenvironments",
		"notification_templates_approvals", "notification_templates_error", "applications", "notification_templates_success",
		"created_by", "galaxy_credentials", "teams", "modified_by", "unifiedjobs", "unifiedjobtemplates",
		"notification_templates", "labels", "notification_templates_started", "inventories",
	},
	roles: roleKeys(),
	fields: append(commonFields("ID", tokencore.ObjectOrganization, "Organization"),
		fieldInfo{name: "created", kind: "datetime", label: "Created"},
		fieldInfo{name: "modified", kind: "datetime", label: "Modified"},
		fieldInfo{name: "name", kind: "string", label: "Name", writable: true, required: true, length: maxOrganizationName},
		fieldInfo{name: "description", kind: "string", label: "Description", writable: true, initial: `""`},
		fieldInfo{
			name: "max_hosts", kind: "integer", label: "Max hosts", writable: true, initial: "0",
			min: new(int64(0)), max: new(int64(maxHostsLimit)),
			help: "How many hosts AWX may manage for the organization; 0 is no limit.",
		},
		fieldInfo{
			name: "custom_virtualenv", kind: "string", label: "Custom virtualenv",
			help: "A path of AWX's past, always empty here.",
		},
		fieldInfo{
			name: "default_environment", kind: "id", label: "Default environment", writable: true,
			help: "The execution environment of AWX's jobs; there is none here.",
		},
	),
}

var activityInfo = &objectInfo{
	typeName: "activity_stream", noun: "entry", model: activityModel,
	search:    []string{"changes"},
	relations: []string{"actor", "user", "organization", "o_auth2_application", "o_auth2_access_token"},
	fields: append(commonFields("ID", "activity_stream", "Activity Stream"),
		fieldInfo{name: "timestamp", kind: "datetime", label: "Timestamp"},
		fieldInfo{
			name: "operation", kind: "choice", label: "Operation",
			choices: [][2]string{
				{tokencore.OperationCreate, "Entity Created"},
				{tokencore.OperationUpdate, "Entity Updated"},
				{tokencore.OperationDelete, "Entity Deleted"},
				{tokencore.OperationAssociate, "Entity Associated with another Entity"},
				{tokencore.OperationDisassociate, "Entity was Disassociated with another Entity"},
			},
			help: "What was done.",
		},
		fieldInfo{name: "changes", kind: "json", label: "Changes", help: "What is new, or the old and the new values."},
		fieldInfo{name: "object1", kind: "string", label: "Object1", help: "The kind of object that was changed."},
		fieldInfo{name: "object2", kind: "string", label: "Object2", help: "The kind of object that it was associated with, if any."},
		fieldInfo{
			name: "object_association", kind: "field", label: "Object association", unfilterable: true,
			help: "The role or relation of an association.",
		},
		fieldInfo{name: "action_node", kind: "string", label: "Action node", help: "The node on which it was done."},
		fieldInfo{
			name: "object_type", kind: "field", label: "Object type", unfilterable: true,
			help: "The kind of object that the role of an association belongs to.",
		},
	),
}

// settingInfo stands for settings, whose fields come from their own table.
var settingInfo = new(objectInfo)

// settingCategoryInfo is a row of the list of categories.
var settingCategoryInfo = &objectInfo{fields: []fieldInfo{
	{name: "url", kind: "string", label: "Url"},
	{name: "slug", kind: "string", label: "Slug"},
	{name: "name", kind: "string", label: "Name"},
}}

// commonFields begin every object. AWX labels the id in two ways.
func commonFields(id, typeName, typeLabel string) []fieldInfo {
	return []fieldInfo{
		{name: "id", kind: "integer", label: id},
		{name: "type", kind: "choice", label: "Type", choices: [][2]string{{typeName, typeLabel}}},
		{name: "url", kind: "string", label: "Url", unfilterable: true},
		{name: "related", kind: "object", label: "Related", unfilterable: true},
		{name: "summary_fields", kind: "object", label: "Summary fields", unfilterable: true},
	}
}

func roleKeys() []string {
	keys := make([]string, len(organizationRoles))
	for i, role := range organizationRoles {
		keys[i] = role.key
	}
	return keys
}
