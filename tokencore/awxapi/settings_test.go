package awxapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
)

const (
	authenticationSettings = "/api/v2/settings/authentication/"
	systemSettings         = "/api/v2/settings/system/"
)

// withInstallUUID names the installation, which otherwise is random.
func withInstallUUID(c *awxapi.Config) { c.InstallUUID = "7a2c1f4e-0000-4000-8000-000000000001" }

func TestSettings_WhoMayWhat(t *testing.T) {
	const (
		everything = `"count":23`
		nothing    = `{"count":0,"next":null,"previous":null,"results":[]}`
		unknown    = `{"detail":"Not found."}`
	)
	for name, test := range map[string]struct {
		as, method, path string
		status           int
		want             string // part of the answer
	}{
		"a superuser lists":                      {"admin", "GET", "/api/v2/settings/", 200, everything},
		"a system auditor lists":                 {"auditor", "GET", "/api/v2/settings/", 200, everything},
		"an admin finds nothing":                 {"orgadmin", "GET", "/api/v2/settings/", 200, nothing},
		"nobody is refused":                      {"", "GET", "/api/v2/settings/", 401, ``},
		"a system auditor reads":                 {"auditor", "GET", authenticationSettings, 200, `"SESSION_COOKIE_AGE":1800`},
		"an admin may not":                       {"orgadmin", "GET", authenticationSettings, 403, notAllowed},
		"an admin may not read what has changed": {"orgadmin", "GET", "/api/v2/settings/changed/", 403, notAllowed},
		"a superuser writes":                     {"admin", "PATCH", authenticationSettings, 200, ``},
		"a system auditor may not":               {"auditor", "PATCH", authenticationSettings, 403, notAllowed},
		"a system auditor may not replace":       {"auditor", "PUT", authenticationSettings, 403, notAllowed},
		"a system auditor may not reset":         {"auditor", "DELETE", authenticationSettings, 403, notAllowed},
		"unknown comes before forbidden":         {"alice", "PATCH", "/api/v2/settings/nosuch/", 404, unknown},
		"unknown to superusers as well":          {"admin", "DELETE", "/api/v2/settings/nosuch/", 404, unknown},
		"what is not about us is empty":          {"admin", "GET", "/api/v2/settings/ldap/", 200, `{}`},
		"and stays empty":                        {"admin", "PATCH", "/api/v2/settings/ldap/", 200, `{}`},
		"a category cannot be posted to":         {"admin", "POST", authenticationSettings, 405, ``},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			body := ""
			if test.method != http.MethodGet {
				body = `{"AUTH_LDAP_SERVER_URI":"ldap://x"}`
			}
			got := w.call(t, test.as, test.method, test.path, body)
			if got.Code != test.status || !strings.Contains(got.Body.String(), test.want) {
				t.Errorf("got %d %s\nwant %d %s", got.Code, got.Body, test.status, test.want)
			}
		})
	}
}

func TestSettings_Kinds(t *testing.T) {
	const (
		integer = `["A valid integer is required."]`
		boolean = `["Must be a valid boolean."]`
		null    = `["This field may not be null."]`
		address = `["Enter a valid URL"]`
		secret  = `["This secret cannot be kept here. Set it in AWX."]`
		social  = `["There are no social logins here. Set this in AWX."]`
	)
	// want is the setting afterwards if it was accepted, or what AWX says under its key.
	for name, test := range map[string]struct {
		key, value string
		accepted   bool
		want       string
	}{
		"integer":                        {"SESSION_COOKIE_AGE", `7200`, true, `7200`},
		"integer as text":                {"SESSION_COOKIE_AGE", `" 7200 "`, true, `7200`},
		"integer with empty fraction":    {"SESSION_COOKIE_AGE", `7200.0`, true, `7200`},
		"integer with fraction":          {"SESSION_COOKIE_AGE", `7200.5`, false, integer},
		"integer with exponent":          {"SESSION_COOKIE_AGE", `72e2`, true, `7200`},
		"boolean for an integer":         {"SESSION_COOKIE_AGE", `true`, false, integer},
		"list for an integer":            {"SESSION_COOKIE_AGE", `[7200]`, false, integer},
		"integer that is not a number":   {"SESSION_COOKIE_AGE", `NaN`, false, integer},
		"integer beyond all bounds":      {"SESSIONS_PER_USER", strings.Repeat("9", 1001), false, integer},
		"boolean":                        {"ACTIVITY_STREAM_ENABLED", `false`, true, `false`},
		"boolean in words":               {"ACTIVITY_STREAM_ENABLED", `"Off"`, true, `false`},
		"boolean as number":              {"ACTIVITY_STREAM_ENABLED", `0`, true, `false`},
		"empty text for a boolean":       {"ACTIVITY_STREAM_ENABLED", `""`, false, boolean},
		"list for a boolean":             {"ACTIVITY_STREAM_ENABLED", `[]`, false, boolean},
		"null for a boolean":             {"ACTIVITY_STREAM_ENABLED", `null`, false, null},
		"text is trimmed":                {"LOGIN_REDIRECT_OVERRIDE", `" /sso "`, true, `"/sso"`},
		"text with markup stays":         {"LOGIN_REDIRECT_OVERRIDE", `"<&>"`, true, `"<&>"`},
		"boolean for a text":             {"LOGIN_REDIRECT_OVERRIDE", `true`, false, `["Not a valid string."]`},
		"NUL in a text":                  {"LOGIN_REDIRECT_OVERRIDE", `"a\u0000"`, false, `["Null characters are not allowed."]`},
		"half a pair in a text":          {"LOGIN_REDIRECT_OVERRIDE", `"\ud83d"`, false, `["Surrogate characters are not allowed: U+D83D."]`},
		"list":                           {"CUSTOM_VENV_PATHS", `["/a", 5]`, true, `["/a","5"]`},
		"list with a blank":              {"CUSTOM_VENV_PATHS", `["/a"," ",null]`, false, `{"1":["This field may not be blank."],"2":["This field may not be null."]}`},
		"object for a list":              {"CUSTOM_VENV_PATHS", `{}`, false, `["Expected a list of items but got type \"OrderedDict\"."]`},
		"null for a list":                {"CUSTOM_VENV_PATHS", `null`, false, null},
		"address":                        {"TOWER_URL_BASE", `"http://awx:8052/x"`, true, `"http://awx:8052/x"`},
		"address of another scheme":      {"TOWER_URL_BASE", `"javascript:alert(1)"`, false, address},
		"address without a host":         {"TOWER_URL_BASE", `"https://"`, false, address},
		"address that breaks out":        {"TOWER_URL_BASE", `"https://x/\"><script>"`, false, address},
		"blank address":                  {"TOWER_URL_BASE", `""`, false, `["This field may not be blank."]`},
		"choice":                         {"SUBSCRIPTION_USAGE_MODEL", `"unique_managed_hosts"`, true, `"unique_managed_hosts"`},
		"no choice":                      {"SUBSCRIPTION_USAGE_MODEL", `"x"`, false, `["\"x\" is not a valid choice."]`},
		"gathering too often":            {"AUTOMATION_ANALYTICS_GATHER_INTERVAL", `1799`, false, `["Ensure this value is greater than or equal to 1800."]`},
		"secret":                         {"REDHAT_PASSWORD", `"hunter2"`, false, secret},
		"secret in disguise":             {"SUBSCRIPTIONS_PASSWORD", `["hunter2"]`, false, secret},
		"secret that is unchanged":       {"REDHAT_PASSWORD", `"$encrypted$"`, true, `""`},
		"secret that is none":            {"REDHAT_PASSWORD", `""`, true, `""`},
		"an environment":                 {"DEFAULT_EXECUTION_ENVIRONMENT", `3`, false, `["Invalid pk \"3\" - object does not exist."]`},
		"no environment":                 {"DEFAULT_EXECUTION_ENVIRONMENT", `null`, true, `null`},
		"no social logins":               {"SOCIAL_AUTH_TEAM_MAP", `null`, true, `null`},
		"social logins":                  {"SOCIAL_AUTH_TEAM_MAP", `{"x":{"users":true}}`, false, social},
		"read-only ones are ignored":     {"INSTALL_UUID", `"x"`, true, `"7a2c1f4e-0000-4000-8000-000000000001"`},
		"the license is ignored":         {"LICENSE", `{"x":1}`, true, `{}`},
		"lifetimes beyond int64":         {"OAUTH2_PROVIDER", `{"ACCESS_TOKEN_EXPIRE_SECONDS":100000000000000000000}`, true, `{"ACCESS_TOKEN_EXPIRE_SECONDS":100000000000000000000}`},
		"lifetimes in another case":      {"OAUTH2_PROVIDER", `{"access_token_expire_seconds":5}`, false, `["Invalid key names: access_token_expire_seconds"]`},
		"a bad value before a bad name":  {"OAUTH2_PROVIDER", `{"X":0,"ACCESS_TOKEN_EXPIRE_SECONDS":5}`, false, `{"X":["Ensure this value is greater than or equal to 1."]}`},
		"lifetimes, the last one counts": {"OAUTH2_PROVIDER", `{"ACCESS_TOKEN_EXPIRE_SECONDS":5,"ACCESS_TOKEN_EXPIRE_SECONDS":6}`, true, `{"ACCESS_TOKEN_EXPIRE_SECONDS":6}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, withInstallUUID)
			got := w.call(t, "admin", "PATCH", "/api/v2/settings/all/", `{"`+test.key+`":`+test.value+`}`)
			if test.accepted {
				if want := `"` + test.key + `":` + test.want + `,`; got.Code != http.StatusOK || !strings.Contains(got.Body.String(), want) {
					t.Errorf("got %d %s\nwant %s", got.Code, got.Body, want)
				}
				return
			}
			if want := `{"` + test.key + `":` + test.want + `}`; got.Code != http.StatusBadRequest || got.Body.String() != want {
				t.Errorf("got %d %s\nwant 400 %s", got.Code, got.Body, want)
			}
			if changed := w.call(t, "admin", "GET", "/api/v2/settings/changed/", "").Body.String(); strings.Contains(changed, test.key) {
				t.Errorf("it was stored: %s", changed)
			}
		})
	}
}

func TestSettings_OneRefusalStoresNothing(t *testing.T) {
	w := newWorld(t)
	got := w.call(t, "admin", "PATCH", authenticationSettings, `{"SESSIONS_PER_USER":"x","SESSION_COOKIE_AGE":7200,"LOGIN_REDIRECT_OVERRIDE":null}`)
	if want := `{"SESSIONS_PER_USER":["A valid integer is required."],"LOGIN_REDIRECT_OVERRIDE":["This field may not be null."]}`; got.Code != http.StatusBadRequest || got.Body.String() != want {
		t.Errorf("got %d %s\nwant %s", got.Code, got.Body, want)
	}
	stored, err := w.store.StoredSettings(t.Context())
	if err != nil || len(stored) != 0 {
		t.Errorf("stored %v, %v", stored, err)
	}
}

func TestSettings_PATCHIgnoresOtherCategories(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "admin", "PATCH", authenticationSettings, `{"ACTIVITY_STREAM_ENABLED":false,"SESSIONS_PER_USER":3}`); got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.call(t, "admin", "GET", systemSettings, "").Body.String(); !strings.Contains(got, `"ACTIVITY_STREAM_ENABLED":true`) {
		t.Errorf("got %s", got)
	}
}

func TestSettings_PUTResetsWhatItDoesNotName(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "admin", "PATCH", authenticationSettings, `{"LOGIN_REDIRECT_OVERRIDE":"/sso","SESSION_COOKIE_AGE":60}`); got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	got := w.call(t, "admin", "PUT", authenticationSettings, `{"SESSION_COOKIE_AGE":90,"SESSIONS_PER_USER":1,"DISABLE_LOCAL_AUTH":false,"AUTH_BASIC_ENABLED":true}`)
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"LOGIN_REDIRECT_OVERRIDE":"",`) || !strings.Contains(got.Body.String(), `"SESSION_COOKIE_AGE":90,`) {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}

// What a form has shown can be sent back: every value that GET answers is valid.
func TestSettings_WhatIsReadCanBeWritten(t *testing.T) {
	w := newWorld(t, withInstallUUID)
	for _, path := range []string{authenticationSettings, systemSettings, "/api/v2/settings/all/"} {
		before := w.call(t, "admin", "GET", path, "").Body.String()
		for _, method := range []string{http.MethodPatch, http.MethodPut} {
			got := w.call(t, "admin", method, path, before)
			if got.Code != http.StatusOK {
				t.Fatalf("%s %s: got %d %s", method, path, got.Code, got.Body)
			}
			if diff := cmp.Diff(before, got.Body.String()); diff != "" {
				t.Errorf("%s %s\n%s", method, path, diff)
			}
		}
	}
}

func TestSettings_TakeEffectAtOnce(t *testing.T) {
	w := newWorld(t)
	if got := w.call(t, "admin", "PATCH", authenticationSettings, `{"OAUTH2_PROVIDER":{"ACCESS_TOKEN_EXPIRE_SECONDS":3600},"ALLOW_OAUTH2_FOR_EXTERNAL_USERS":true}`); got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	settings, err := w.svc.Settings(t.Context())
	if err != nil || settings.AccessTokenSeconds != 3600 || !settings.AllowExternalUsers ||
		settings.RefreshTokenSeconds != tokencore.DefaultSettings().RefreshTokenSeconds {
		t.Errorf("got %+v, %v", settings, err)
	}
	token := w.token(t, admin, 0, "write")
	if got := w.callWith(t, token.Access, "PATCH", authenticationSettings, `{"AUTH_BASIC_ENABLED":false}`); got.Code != http.StatusOK {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.call(t, "admin", "GET", "/api/v2/me/", ""); got.Code != http.StatusUnauthorized {
		t.Errorf("Basic: got %d", got.Code)
	}
	if got := w.callWith(t, token.Access, "DELETE", "/api/v2/settings/changed/", ""); got.Code != http.StatusNoContent {
		t.Fatalf("got %d %s", got.Code, got.Body)
	}
	if got := w.call(t, "admin", "GET", "/api/v2/me/", ""); got.Code != http.StatusOK {
		t.Errorf("Basic after the reset: got %d", got.Code)
	}
}

func TestSettings_AReadTokenReadsOnly(t *testing.T) {
	w := newWorld(t)
	token := w.token(t, admin, 0, "read")
	if got := w.callWith(t, token.Access, "GET", authenticationSettings, ""); got.Code != http.StatusOK {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	if got := w.callWith(t, token.Access, "PATCH", authenticationSettings, `{}`); got.Code != http.StatusForbidden {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
}
