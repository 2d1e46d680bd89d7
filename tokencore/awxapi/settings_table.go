package awxapi

import "encoding/json"

// setting is one row of AWX 24.6.1's settings registry.
type setting struct {
	key      string
	category string // slug
	initial  string // JSON of the default
	kind     settingKind
	required bool // PUT must name it
	readOnly bool // ignored in a request, as in AWX
	// never is the JSON of a value that is well-formed and yet impossible here,
	// because says why. AWX reports that for the object as a whole.
	never, because string
}

// category is a row of the list of categories.
type category struct{ slug, name string }

const (
	categoryAll            = "all"
	categoryChanged        = "changed"
	categoryAuthentication = "authentication"
	categorySystem         = "system"
)

// The bounds AWX sets.
const (
	minSessionAge     = 60
	maxSessionAge     = 30_000_000_000
	minGatherInterval = 1800
)

// categories are AWX's, by slug. Those that have no rows in settingTable are about
// parts of AWX that do not exist here; they answer as empty objects.
var categories = []category{
	{categoryAll, "All"},
	{categoryAuthentication, "Authentication"},
	{"azuread-oauth2", "Azure AD OAuth2"},
	{"bulk", "Bulk Actions"},
	{categoryChanged, "Changed"},
	{"debug", "Debug"},
	{"github", "GitHub OAuth2"},
	{"github-enterprise", "GitHub Enterprise OAuth2"},
	{"github-enterprise-org", "GitHub Enterprise Organization OAuth2"},
	{"github-enterprise-team", "GitHub Enterprise Team OAuth2"},
	{"github-org", "GitHub Organization OAuth2"},
	{"github-team", "GitHub Team OAuth2"},
	{"google-oauth2", "Google OAuth2"},
	{"jobs", "Jobs"},
	{"ldap", "LDAP"},
	{"logging", "Logging"},
	{"named-url", "Named URL"},
	{"oidc", "Generic OIDC"},
	{"radius", "RADIUS"},
	{"saml", "SAML"},
	{categorySystem, "System"},
	{"tacacsplus", "TACACS+"},
	{"ui", "UI"},
}

// settingTable lists the settings in the order in which AWX shows them under /all/.
//
// Some steer this program, the others are kept because clients read and write them
// (the settings page of AWX's UI, the settings module of the Ansible collection).
// Read-only here although AWX's own tasks or registry write them: the license, the
// times at which a task ran last, and what the installer decides.
var settingTable = []setting{
	{key: "ACTIVITY_STREAM_ENABLED", category: categorySystem, kind: truth, initial: "true", required: true},
	{key: "ACTIVITY_STREAM_ENABLED_FOR_INVENTORY_SYNC", category: categorySystem, kind: truth, initial: "false", required: true},
	{key: "ORG_ADMINS_CAN_SEE_ALL_USERS", category: categorySystem, kind: truth, initial: "true", required: true},
	{key: "MANAGE_ORGANIZATION_AUTH", category: categorySystem, kind: truth, initial: "true", required: true},
	{key: "TOWER_URL_BASE", category: categorySystem, kind: webAddress, initial: `"https://towerhost"`, required: true},
	{key: "REMOTE_HOST_HEADERS", category: categorySystem, kind: wordList, initial: `["REMOTE_ADDR","REMOTE_HOST"]`, required: true},
	{key: "PROXY_IP_ALLOWED_LIST", category: categorySystem, kind: wordList, initial: "[]", required: true},
	{key: "CSRF_TRUSTED_ORIGINS", category: categorySystem, kind: wordList, initial: "[]", required: true},
	{key: "LICENSE", category: categorySystem, initial: "{}", readOnly: true},
	{key: "REDHAT_USERNAME", category: categorySystem, kind: words, initial: `""`},
	{key: "REDHAT_PASSWORD", category: categorySystem, kind: foreignSecret, initial: `""`},
	{key: "SUBSCRIPTIONS_USERNAME", category: categorySystem, kind: words, initial: `""`},
	{key: "SUBSCRIPTIONS_PASSWORD", category: categorySystem, kind: foreignSecret, initial: `""`},
	{key: "AUTOMATION_ANALYTICS_URL", category: categorySystem, kind: webAddress, initial: `"https://example.com"`},
	{key: "INSTALL_UUID", category: categorySystem, initial: `""`, readOnly: true},
	{key: "DEFAULT_CONTROL_PLANE_QUEUE_NAME", category: categorySystem, initial: `"controlplane"`, readOnly: true},
	{key: "DEFAULT_EXECUTION_QUEUE_NAME", category: categorySystem, initial: `"default"`, readOnly: true},
	{key: "DEFAULT_EXECUTION_ENVIRONMENT", category: categorySystem, kind: absentObject, initial: "null"},
	{key: "CUSTOM_VENV_PATHS", category: categorySystem, kind: wordList, initial: "[]"},
	{key: "INSIGHTS_TRACKING_STATE", category: categorySystem, kind: truth, initial: "false"},
	{key: "AUTOMATION_ANALYTICS_LAST_GATHER", category: categorySystem, initial: "null", readOnly: true},
	{key: "AUTOMATION_ANALYTICS_LAST_ENTRIES", category: categorySystem, initial: `""`, readOnly: true},
	{key: "AUTOMATION_ANALYTICS_GATHER_INTERVAL", category: categorySystem, kind: integerFrom(minGatherInterval), initial: "14400"},
	{key: "IS_K8S", category: categorySystem, initial: "false", readOnly: true},
	{key: "UI_NEXT", category: categorySystem, kind: truth, initial: "true"},
	{key: "SUBSCRIPTION_USAGE_MODEL", category: categorySystem, kind: oneOf("", "unique_managed_hosts"), initial: `""`},
	{key: "CLEANUP_HOST_METRICS_LAST_TS", category: categorySystem, initial: "null", readOnly: true},
	{key: "HOST_METRIC_SUMMARY_TASK_LAST_TS", category: categorySystem, initial: "null", readOnly: true},

	{key: "SESSION_COOKIE_AGE", category: categoryAuthentication, kind: integerBetween(minSessionAge, maxSessionAge), initial: "1800", required: true},
	{key: "SESSIONS_PER_USER", category: categoryAuthentication, kind: integerFrom(-1), initial: "-1", required: true},
	{
		key: "DISABLE_LOCAL_AUTH", category: categoryAuthentication, kind: truth, initial: "false", required: true,
		never: "true", because: "There are no remote authentication systems configured.",
	},
	{key: "AUTH_BASIC_ENABLED", category: categoryAuthentication, kind: truth, initial: "true", required: true},
	{
		key: "OAUTH2_PROVIDER", category: categoryAuthentication, kind: lifetimes,
		initial: `{"ACCESS_TOKEN_EXPIRE_SECONDS":31536000000,"AUTHORIZATION_CODE_EXPIRE_SECONDS":600,"REFRESH_TOKEN_EXPIRE_SECONDS":2628000}`,
	},
	{key: "ALLOW_OAUTH2_FOR_EXTERNAL_USERS", category: categoryAuthentication, kind: truth, initial: "false"},
	{key: "LOGIN_REDIRECT_OVERRIDE", category: categoryAuthentication, kind: words, initial: `""`},
	{key: "ALLOW_METRICS_FOR_ANONYMOUS_USERS", category: categoryAuthentication, kind: truth, initial: "false"},
	{
		key: "AUTHENTICATION_BACKENDS", category: categoryAuthentication, readOnly: true,
		initial: `["awx.sso.backends.TACACSPlusBackend","awx.main.backends.AWXModelBackend"]`,
	},
	{key: "SOCIAL_AUTH_ORGANIZATION_MAP", category: categoryAuthentication, kind: socialLogin, initial: "null"},
	{key: "SOCIAL_AUTH_TEAM_MAP", category: categoryAuthentication, kind: socialLogin, initial: "null"},
	{key: "SOCIAL_AUTH_USER_FIELDS", category: categoryAuthentication, kind: socialLogin, initial: "null"},
	{key: "SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL", category: categoryAuthentication, kind: truth, initial: "false"},
	{key: "LOCAL_PASSWORD_MIN_LENGTH", category: categoryAuthentication, kind: integerFrom(0), initial: "0"},
	{key: "LOCAL_PASSWORD_MIN_DIGITS", category: categoryAuthentication, kind: integerFrom(0), initial: "0"},
	{key: "LOCAL_PASSWORD_MIN_UPPER", category: categoryAuthentication, kind: integerFrom(0), initial: "0"},
	{key: "LOCAL_PASSWORD_MIN_SPECIAL", category: categoryAuthentication, kind: integerFrom(0), initial: "0"},
}

// value is what the setting is now.
func (s setting) value(stored map[string]json.RawMessage) json.RawMessage {
	if v, ok := stored[s.key]; ok {
		return v
	}
	return json.RawMessage(s.initial)
}

// isIn reports whether the setting is shown in a category.
func (s setting) isIn(slug string, stored map[string]json.RawMessage) bool {
	switch slug {
	case categoryAll:
		return true
	case categoryChanged:
		_, changed := stored[s.key]
		return changed
	default:
		return s.category == slug
	}
}
