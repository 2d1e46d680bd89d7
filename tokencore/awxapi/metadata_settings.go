package awxapi

import "encoding/json"

// settingFields lists the settings of the path's category: what GET shows, or what
// PUT may change.
func settingFields(a *API, r *request, writing bool) ([]fieldInfo, error) {
	slug := r.captured[0]
	var stored map[string]json.RawMessage
	within := slug
	if slug == categoryChanged {
		if !writing {
			within = categoryAll // AWX does not look at values there
		} else {
			var err error
			if stored, err = a.storedSettings(r.Context()); err != nil {
				return nil, err
			}
		}
	}
	fields := []fieldInfo{}
	for _, s := range settingTable {
		if s.isIn(within, stored) {
			fields = append(fields, s.info(r))
		}
	}
	return fields, nil
}

// info completes what is known of a setting's field by what its own table says.
func (s setting) info(r *request) fieldInfo {
	f := settingInfos[s.key]
	f.name, f.writable, f.required, f.initial = s.key, !s.readOnly, s.required, s.initial
	for i := range categories {
		if categories[i].slug == s.category {
			f.category = &categories[i]
		}
	}
	if s.key == "TOWER_URL_BASE" { // AWX guesses its own address
		f.initial = string(encoded(r.origin()))
	}
	return f
}

// origin is the address that the client used.
func (r *request) origin() string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// settingInfos are the labels, types and bounds of settings. The bounds are those
// of settingTable, and a test compares them.
var settingInfos = map[string]fieldInfo{
	"ACTIVITY_STREAM_ENABLED": {
		kind: "boolean", label: "Enable Activity Stream",
		help: "Record changes in the activity stream.",
	},
	"ACTIVITY_STREAM_ENABLED_FOR_INVENTORY_SYNC": {
		kind: "boolean", label: "Enable Activity Stream for Inventory Sync",
		help: "Record what an inventory update changes as well. There are no inventories here.",
	},
	"ORG_ADMINS_CAN_SEE_ALL_USERS": {
		kind: "boolean", label: "All Users Visible to Organization Admins",
		help: "Show every user to the admins and auditors of any organization.",
	},
	"MANAGE_ORGANIZATION_AUTH": {
		kind: "boolean", label: "Organization Admins Can Manage Users and Teams",
		help: "Let organization admins create users and hand out roles.",
	},
	"TOWER_URL_BASE": {
		kind: "string", label: "Base URL of the service",
		help: "The address under which people reach the service.",
	},
	"REMOTE_HOST_HEADERS": {
		kind: "list", label: "Remote Host Headers", child: &childInfo{kind: "string"},
		help: "Where AWX looks for the address of a client.",
	},
	"PROXY_IP_ALLOWED_LIST": {
		kind: "list", label: "Proxy IP Allowed List", child: &childInfo{kind: "string"},
		help: "The proxies that AWX believes about the address of a client.",
	},
	"CSRF_TRUSTED_ORIGINS": {
		kind: "list", label: "CSRF Trusted Origins List", child: &childInfo{kind: "string"},
		help: "The origins whose forms AWX accepts besides its own.",
	},
	"LICENSE": {
		kind: "nested object", label: "License", child: &childInfo{kind: "field"},
		help: "AWX's license; there is none here.",
	},
	"REDHAT_USERNAME": {
		kind: "string", label: "Red Hat customer username",
		help: "Who sends data to Automation Analytics.",
	},
	"REDHAT_PASSWORD": {
		kind: "string", label: "Red Hat customer password",
		help: "Set this in AWX: it cannot be kept here.",
	},
	"SUBSCRIPTIONS_USERNAME": {
		kind: "string", label: "Red Hat or Satellite username",
		help: "Who asks for subscriptions.",
	},
	"SUBSCRIPTIONS_PASSWORD": {
		kind: "string", label: "Red Hat or Satellite password",
		help: "Set this in AWX: it cannot be kept here.",
	},
	"AUTOMATION_ANALYTICS_URL": {
		kind: "string", label: "Automation Analytics upload URL",
		help: "Where AWX sends its data to.",
	},
	"INSTALL_UUID":                     {kind: "string", label: "Unique identifier for an installation"},
	"DEFAULT_CONTROL_PLANE_QUEUE_NAME": {kind: "string", label: "The instance group where control plane tasks run"},
	"DEFAULT_EXECUTION_QUEUE_NAME": {
		kind: "string", label: "The instance group where user jobs run (currently only on non-VM installs)",
	},
	"DEFAULT_EXECUTION_ENVIRONMENT": {
		kind: "field", label: "Global default execution environment",
		help: "Where AWX runs jobs that name no execution environment.",
	},
	"CUSTOM_VENV_PATHS": {
		kind: "list", label: "Custom virtual environment paths", child: &childInfo{kind: "string"},
		help: "Where AWX looks for virtual environments besides its own.",
	},
	"INSIGHTS_TRACKING_STATE": {
		kind: "boolean", label: "Gather data for Automation Analytics",
		help: "Let AWX gather data about its automation and send it.",
	},
	"AUTOMATION_ANALYTICS_LAST_GATHER": {
		kind: "datetime", label: "Last gather date for Automation Analytics.", hidden: true,
	},
	"AUTOMATION_ANALYTICS_LAST_ENTRIES": {
		kind: "string", label: "Last gathered entries from the data collection service of Automation Analytics",
	},
	"AUTOMATION_ANALYTICS_GATHER_INTERVAL": {
		kind: "integer", label: "Automation Analytics Gather Interval", min: new(int64(minGatherInterval)), unit: "seconds",
		help: "How often AWX gathers data.",
	},
	"IS_K8S":  {kind: "boolean", label: "Is k8s", help: "Whether AWX runs on Kubernetes."},
	"UI_NEXT": {kind: "boolean", label: "Enable Preview of New User Interface", help: "Offer AWX's new user interface."},
	"SUBSCRIPTION_USAGE_MODEL": {
		kind: "choice", label: "Defines subscription usage model and shows Host Metrics",
		choices: [][2]string{{"", "No subscription"}, {"unique_managed_hosts", "By managed hosts"}},
	},
	"CLEANUP_HOST_METRICS_LAST_TS":     {kind: "datetime", label: "Last cleanup date for HostMetrics"},
	"HOST_METRIC_SUMMARY_TASK_LAST_TS": {kind: "datetime", label: "Last computing date of HostMetricSummaryMonthly"},

	"SESSION_COOKIE_AGE": {
		kind: "integer", label: "Idle Time Force Log Out", unit: "seconds",
		min: new(int64(minSessionAge)), max: new(int64(maxSessionAge)),
		help: "How long somebody who does nothing stays logged in.",
	},
	"SESSIONS_PER_USER": {
		kind: "integer", label: "Maximum number of simultaneous logged in sessions", min: new(int64(-1)),
		help: "In how many places a user may be logged in at once; -1 is no limit.",
	},
	"DISABLE_LOCAL_AUTH": {
		kind: "boolean", label: "Disable the built-in authentication system",
		help: "Refuse passwords of local users. This needs another way to log in.",
	},
	"AUTH_BASIC_ENABLED": {
		kind: "boolean", label: "Enable HTTP Basic Auth",
		help: "Accept user name and password with every request to the API.",
	},
	"OAUTH2_PROVIDER": {
		kind: "nested object", label: "OAuth 2 Timeout Settings", unit: "seconds",
		child: &childInfo{kind: "integer", min: new(int64(1))},
		help: "How long access tokens, authorization codes and refresh tokens live, as ACCESS_TOKEN_EXPIRE_SECONDS, " +
			"AUTHORIZATION_CODE_EXPIRE_SECONDS and REFRESH_TOKEN_EXPIRE_SECONDS.",
	},
	"ALLOW_OAUTH2_FOR_EXTERNAL_USERS": {
		kind: "boolean", label: "Allow External Users to Create OAuth2 Tokens",
		help: "Let users of LDAP, social and enterprise logins have tokens. A token outlives the account over there.",
	},
	"LOGIN_REDIRECT_OVERRIDE": {
		kind: "string", label: "Login redirect override URL",
		help:    "Where people without a session are sent; empty is the login page.",
		warning: "Changing the redirect URL could impact the ability to login if local authentication is also disabled.",
	},
	"ALLOW_METRICS_FOR_ANONYMOUS_USERS": {
		kind: "boolean", label: "Allow anonymous users to poll metrics",
		help: "Show AWX's metrics without a login.",
	},
	"AUTHENTICATION_BACKENDS": {
		kind: "list", label: "Authentication Backends", child: &childInfo{kind: "string"},
		help: "The ways to log in that are set up.",
	},
	"SOCIAL_AUTH_ORGANIZATION_MAP": {
		kind: "nested object", label: "Social Auth Organization Map",
		child: &childInfo{kind: "nested object", child: &childInfo{kind: "field"}},
		help:  "Which social logins become members and admins of which organization. There are no social logins here.",
		placeholder: `{"Default":{"users":true},` +
			`"Test Org":{"admins":["admin@example.com"],"auditors":["auditor@example.com"],"users":true},` +
			`"Test Org 2":{"admins":["admin@example.com","/^tower-[^@]+*?@.*$/"],"remove_admins":true,` +
			`"users":"/^[^@].*?@example\\.com$/i","remove_users":true}}`,
	},
	"SOCIAL_AUTH_TEAM_MAP": {
		kind: "nested object", label: "Social Auth Team Map",
		child: &childInfo{kind: "nested object", child: &childInfo{kind: "field"}},
		help:  "Which social logins become members of which team. There are no social logins here.",
		placeholder: `{"My Team":{"organization":"Test Org","users":["/^[^@]+?@test\\.example\\.com$/"],"remove":true},` +
			`"Other Team":{"organization":"Test Org 2","users":"/^[^@]+?@test2\\.example\\.com$/i","remove":false}}`,
	},
	"SOCIAL_AUTH_USER_FIELDS": {
		kind: "list", label: "Social Auth User Fields", child: &childInfo{kind: "string"},
		help:        "What AWX takes over from a social login. There are no social logins here.",
		placeholder: `["username","email"]`,
	},
	"SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL": {
		kind: "boolean", label: "Use Email address for usernames",
		help: "Name users of social logins by their whole email address. There are no social logins here.",
	},
	"LOCAL_PASSWORD_MIN_LENGTH": {
		kind: "integer", label: "Minimum number of characters in local password", min: new(int64(0)),
		help: "Judged when a password is set.",
	},
	"LOCAL_PASSWORD_MIN_DIGITS": {
		kind: "integer", label: "Minimum number of digit characters in local password", min: new(int64(0)),
		help: "Judged when a password is set.",
	},
	"LOCAL_PASSWORD_MIN_UPPER": {
		kind: "integer", label: "Minimum number of uppercase characters in local password", min: new(int64(0)),
		help: "Judged when a password is set.",
	},
	"LOCAL_PASSWORD_MIN_SPECIAL": {
		kind: "integer", label: "Minimum number of special characters in local password", min: new(int64(0)),
		help: "Judged when a password is set.",
	},
}
