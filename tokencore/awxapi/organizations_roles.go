package awxapi

import "slices"

// objectRole is one of the roles that every organization of AWX has.
type objectRole struct {
	key, name, description string
	userOnly               bool // teams cannot hold it
}

// organizationRoles are in AWX's order. Only admin, auditor and member decide about
// anything here; the others are shown because awxkit asks for them by name.
var organizationRoles = []objectRole{
	{"admin_role", "Admin", "Can manage all aspects of the organization", true},
	{"execute_role", "Execute", "May run any executable resources in the organization", false},
	{"project_admin_role", "Project Admin", "Can manage all projects of the organization", false},
	{"inventory_admin_role", "Inventory Admin", "Can manage all inventories of the organization", false},
	{"credential_admin_role", "Credential Admin", "Can manage all credentials of the organization", false},
	{"workflow_admin_role", "Workflow Admin", "Can manage all workflows of the organization", false},
	{"notification_admin_role", "Notification Admin", "Can manage all notifications of the organization", false},
	{"job_template_admin_role", "Job Template Admin", "Can manage all job templates of the organization", false},
	{"execution_environment_admin_role", "Execution Environment Admin", "Can manage all execution environments of the organization", false},
	{"auditor_role", "Auditor", "Can view all aspects of the organization", false},
	{"member_role", "Member", "User is a member of the organization", true},
	{"read_role", "Read", "May view settings for the organization", false},
	{"approval_role", "Approve", "Can approve or deny a workflow approval node", false},
}

type objectRoleJSON struct {
	Description string `json:"description"`
	Name        string `json:"name"`
	ID          int64  `json:"id"`
	UserOnly    bool   `json:"user_only,omitempty"`
}

// objectRoles shows the roles of an organization. There are no rows behind them, so
// their ids are computed: stable, and no two alike.
func objectRoles(organization int64) members {
	roles := make(members, len(organizationRoles))
	for i, role := range organizationRoles {
		id := objectRoleID(organization, role.key)
		roles[i] = member{role.key, objectRoleJSON{role.description, role.name, id, role.userOnly}}
	}
	return roles
}

func objectRoleID(organization int64, key string) int64 {
	at := slices.IndexFunc(organizationRoles, func(role objectRole) bool { return role.key == key })
	return (organization-1)*int64(len(organizationRoles)) + int64(at) + 1
}
