package awxapi_test

// deviations is the one table of what the replay excuses. The first row that covers a case
// counts.
var deviations = []deviation{
	{file: "00", request: "POST /api/v2/users/ *", reason: "session of nobody", header: map[string]string{"Set-Cookie": "", "Session-Timeout": ""}},
	{file: "00", request: "POST /api/v2/roles/43/users/ *", reason: "resources", status: 404},

	{file: "01", request: "GET /api", reason: "slash", status: 200},
	{file: "01", request: "GET /api/o", reason: "slash", status: 200},
	{file: "01", request: "GET /api/v2", reason: "slash", status: 200},
	{file: "01", request: "GET /api/v2/applications [admin]", reason: "slash", status: 200},
	{file: "01", request: "POST /api/v2/applications [admin] {}", reason: "slash", status: 400},
	{file: "01", request: "POST /api/v2/applications?x=1 [admin] {}", reason: "slash", status: 400},
	{file: "01", request: "GET /api/v2/tokens [admin]", reason: "slash", status: 200},
	{file: "01", request: "POST /api/v2/tokens [admin] {}", reason: "slash", status: 201, aside: true},
	{file: "01", request: "GET /api/v2/me [admin]", reason: "slash", status: 200},
	{file: "01", request: "POST /api/v2/me [admin] {}", reason: "slash", status: 405},
	{file: "01", request: "GET /api/o/token [admin]", reason: "slash", status: 405},
	{file: "01", request: "POST /api/o/token [admin] {}", reason: "slash", status: 400},
	{file: "01", request: "GET /api/o/authorize [admin]", reason: "slash", status: 302},
	{file: "01", request: "POST /api/o/authorize [admin] {}", reason: "slash", status: 403},
	{file: "01", request: "GET /api/o/revoke_token [admin]", reason: "slash", status: 405},
	{file: "01", request: "POST /api/o/revoke_token [admin] {}", reason: "slash", status: 400},
	{file: "01", request: "GET /api/", label: "api root accept html", reason: "no html", header: map[string]string{"Content-Type": "application/json"}, body: anything},
	{file: "01", request: "GET /api/?format=api", reason: "no html", header: map[string]string{"Content-Type": "application/json"}, body: anything},
	{file: "01", request: "GET /nosuch/*", reason: "no html", header: map[string]string{"Set-Cookie": "", "Vary": "Accept-Language, Origin"}},
	{request: "GET /api/v2/", reason: "resources", part: true},
	{file: "01", request: "GET /api/v2/config/", reason: "config", header: map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
	{file: "01", request: "GET /api/v2/config/ [*", reason: "config", header: map[string]string{"Allow": "GET, HEAD, OPTIONS"}, body: anything},

	{file: "05", request: "POST /api/o/token/ *", label: "basic lower-case scheme", reason: "basic scheme", status: 200, aside: true},
	{file: "05", request: "POST /api/o/token/?*", reason: "query", status: 400, body: `{"error": "invalid_request", "error_description": "URL query parameters are not allowed"}`},
	{file: "05", request: "POST /api/o/token/ *", label: "refresh reuse", reason: "reuse", aside: true},
	{file: "05", request: "GET /api/v2/me/ [bearer]", label: "new access token after reuse attempt", reason: "reuse", status: 401, aside: true},
	{file: "05", request: "POST /api/o/token/ *", label: "refresh after access token deleted", reason: "orphan", status: 400, body: `{"error": "invalid_grant"}`},
	{file: "05", request: "POST /api/o/token/ *", label: "refresh after revoke access", reason: "orphan", status: 400, body: `{"error": "invalid_grant"}`},
	{file: "05", request: "POST /api/o/revoke_token/ *", label: "token of another app (allowed?)", reason: "foreign revocation", header: map[string]string{"Vary": "Accept-Language, Origin"}},
	{file: "05", request: "GET /api/v2/me/ [bearer]", label: "is revoked?", line: 1111, reason: "foreign revocation", status: 200},
	{file: "05", request: "POST /api/o/revoke_token/ *", label: "PAT by arbitrary client", reason: "foreign revocation", header: map[string]string{"Vary": "Accept-Language, Origin"}},
	{file: "05", request: "GET /api/v2/me/ [bearer]", label: "pat revoked?", reason: "foreign revocation", status: 200},

	{file: "05", request: "POST /api/o/token/ *", label: "inactive user refresh", reason: "inactive", status: 400, body: `{"error": "invalid_grant"}`},

	{file: "06", request: "POST /api/login/ *", label: "POST login ok no next", reason: "after login", header: map[string]string{"Location": "/"}},
	{file: "06", request: "POST /api/login/ *", label: "POST login next external", reason: "after login", header: map[string]string{"Location": "/"}},
	{file: "06", request: "POST /api/o/token/ *", label: "exchange reuse", reason: "code reuse", aside: true},
	{file: "06", request: "GET /api/o/authorize/?*code_challenge=vvv*", reason: "plain", status: 302, header: map[string]string{"Location": plainRefused}},
	{file: "06", request: "POST /api/o/authorize/?*code_challenge=vvv*", reason: "plain", header: map[string]string{"Location": plainRefused}},
	{file: "06", request: "POST /api/o/token/ *", label: "pkce plain missing verifier", reason: "plain", body: `{"error": "invalid_grant"}`},
	{file: "06", request: "POST /api/o/token/ *", label: "pkce plain ok", reason: "plain", status: 400, body: `{"error": "invalid_grant"}`},
	{file: "06", request: "POST /api/o/token/ *", label: "pkce None missing verifier", reason: "plain", body: `{"error": "invalid_grant"}`},
	{file: "06", request: "POST /api/o/token/ *", label: "pkce None ok", reason: "plain", status: 400, body: `{"error": "invalid_grant"}`},
	{file: "06", request: "POST /api/o/authorize/ {}", label: "POST authorize anon", reason: "csrf page", body: anything},

	{file: "08", request: "OPTIONS /api/v2/config/", reason: "config", header: map[string]string{"Allow": "GET, HEAD, OPTIONS"}},
	{file: "08", request: "OPTIONS /api/v2/config/ *", reason: "config", header: map[string]string{"Allow": "GET, HEAD, OPTIONS"}, part: true},

	{file: "09", request: "GET /api/v2/applications/?page_size=abc [admin]", reason: "garbage", status: 200},
	{file: "09", request: "GET /api/v2/applications/?page_size= [admin]", reason: "garbage", status: 200},
	{file: "09", request: "GET /api/v2/applications/?order_by= [admin]", reason: "garbage", status: 200},
	{file: "09", request: "GET /api/v2/applications/?order_by=, [admin]", reason: "garbage", status: 200},
	{file: "09", request: "GET /api/v2/applications/?role_level=admin_role [admin]", reason: "garbage", status: 400},
	{file: "09", request: "GET /api/v2/tokens/?order_by=last_used&page_size=2 [admin]", reason: "equal rows", body: anything},
	{file: "09", request: "GET /api/v2/applications/?order_by=modified [admin]", reason: "modified", status: 200},
	{file: "09", request: "GET /api/v2/applications/?modified__gt=2020-01-01 [admin]", reason: "modified", status: 200},

	{file: "11", request: "GET /api/v2/settings/oidc/ [admin]", reason: "other logins", part: true},
	{file: "11", request: "POST /api/v2/tokens/ [admin] {}", label: "token create with huge expiry", reason: "year 9999", status: 201},
	{file: "11", request: "PATCH /api/v2/settings/all/ [admin] *", reason: "other logins", part: true},

	{file: "12", request: "POST /api/o/token/ *", label: "pw after change to 3600 (cached?)", reason: "live lifetimes", replace: thousandYearsToAnHour},
	{file: "12", request: "POST /api/o/token/ *", label: "refresh after change", reason: "live lifetimes", replace: thousandYearsToAnHour},
	{file: "12", request: "POST /api/o/token/ *", label: "pw", line: 104, reason: "live lifetimes", replace: thousandYearsToAnHour},
	{file: "12", request: "POST /api/o/token/ *", label: "pw", line: 180, reason: "live lifetimes", replace: thousandYearsToAnHour},
	{file: "12", request: "POST /api/o/token/ *", label: "refresh with missing refresh key", reason: "missing lifetime", status: 200, aside: true},
	{file: "12", request: "POST /api/v2/tokens/ *", label: "REST with missing access key", reason: "missing lifetime", status: 201, aside: true},
	{file: "12", request: "POST /api/o/token/ *", label: "refresh expired, wrong client", reason: "client first", status: 401},

	{file: "15", request: "POST /api/v2/users/ *", reason: "session of nobody", header: map[string]string{"Set-Cookie": "", "Session-Timeout": ""}},

	{file: "16", request: "PATCH /api/v2/settings/all/ *", reason: "other logins", part: true},
	{file: "16", request: "OPTIONS /api/v2/instance_groups/", reason: "resources", status: 200},
	{
		file: "16", reason: "resources", header: map[string]string{"Allow": "GET, HEAD, OPTIONS"},
		request: "OPTIONS /api/v2/{projects,inventories,inventory_sources,teams,credentials,credential_types,job_templates," +
			"workflow_job_templates,notification_templates,execution_environments,schedules}/",
	},
	{file: "16", request: "GET /api/v2/activity_stream/", reason: "installer", body: anything},

	{file: "17", request: "GET /api/v2/settings/all/", reason: "other logins", part: true},
	{file: "17", request: "PATCH /api/v2/settings/all/ *", reason: "other logins", part: true},

	{file: "20", request: "GET /api/v2/me/", label: "french", reason: "english", header: map[string]string{"Content-Language": "en"}, body: `{"detail":"Authentication credentials were not provided. To establish a login session, visit /api/login/."}`},
	{file: "20", request: "POST /api/v2/applications/ [admin] {}", label: "spanish 400", reason: "english", header: map[string]string{"Content-Language": "en"}, replace: []string{"Este campo es requerido.", "This field is required."}},

	{file: "21", request: "POST /api/v2/tokens/ [orgadmin] null", reason: "null", status: 400, body: `{"__all__":["This field may not be null."]}`},
	{file: "21", request: `POST /api/v2/tokens/ [alice] b'{"description":"\xff"}'`, reason: "echo", body: `{"detail":"JSON parse error - 'utf-8' codec can't decode byte 0xff in position 16\nPossible cause: trailing comma."}`},
}

const plainRefused = "https://a.example/cb?error=invalid_request&error_description=Transform+algorithm+not+supported.&state=p"

var thousandYearsToAnHour = []string{`"expires_in": 31536000000`, `"expires_in": 3600`}
