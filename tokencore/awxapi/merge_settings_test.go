package awxapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/internal/awxstub"
)

const (
	authentication = "/api/v2/settings/authentication/"
	anHour         = `{"ACCESS_TOKEN_EXPIRE_SECONDS":3600}`
)

func newSettingsAWX() *awxstub.Stub {
	return awxstub.New(nil, []awxstub.User{
		{ID: admin, Username: "admin", Password: password, IsSuperuser: true},
		{ID: auditor, Username: "auditor", Password: password, IsSystemAuditor: true},
		{ID: alice, Username: "alice", Password: password},
	}, nil)
}

func (w *world) stored(t *testing.T, key string) string {
	t.Helper()
	stored, err := w.store.StoredSettings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(stored[key])
}

func TestSharedSettings_AreWrittenWhereTheyBelong(t *testing.T) {
	for _, test := range []struct {
		name, user, method, path, body string
		status                         int
		ours, theirs                   string // OAUTH2_PROVIDER here, LOGIN_REDIRECT_OVERRIDE there
	}{
		{"both", "admin", "PATCH", authentication, `{"OAUTH2_PROVIDER":` + anHour + `,"LOGIN_REDIRECT_OVERRIDE":"/x"}`, 200, anHour, `"/x"`},
		{"all", "admin", "PATCH", "/api/v2/settings/all/", `{"OAUTH2_PROVIDER":` + anHour + `,"LOGIN_REDIRECT_OVERRIDE":"/x"}`, 200, anHour, `"/x"`},
		{"without a slash", "admin", "PATCH", "/api/v2/settings/all", `{"OAUTH2_PROVIDER":` + anHour + `}`, 200, anHour, ""},
		{"theirs only", "admin", "PATCH", authentication, `{"LOGIN_REDIRECT_OVERRIDE":"/x"}`, 200, "", `"/x"`},
		{"whole", "admin", "PUT", authentication, `{"OAUTH2_PROVIDER":` + anHour + `}`, 200, anHour, ""},
		{"nothing", "admin", "PATCH", authentication, "", 200, "", ""},
		{"ours is bad", "admin", "PATCH", authentication, `{"OAUTH2_PROVIDER":{"X":1},"LOGIN_REDIRECT_OVERRIDE":"/x"}`, 400, "", ""},
		{"theirs is bad", "admin", "PATCH", authentication, `{"OAUTH2_PROVIDER":` + anHour + `,"SESSION_COOKIE_AGE":59}`, 400, "", ""},
		{"no JSON", "admin", "PATCH", authentication, `{"OAUTH2_PROVIDER":`, 400, "", ""},
		{"auditor", "auditor", "PATCH", authentication, `{"OAUTH2_PROVIDER":` + anHour + `}`, 403, "", ""},
		{"anybody", "alice", "PATCH", authentication, `{"OAUTH2_PROVIDER":` + anHour + `}`, 403, "", ""},
		{"nobody", "", "PATCH", authentication, `{"OAUTH2_PROVIDER":` + anHour + `}`, 401, "", ""},
		{"too large", "admin", "PATCH", authentication, `{"OAUTH2_PROVIDER":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w, awx := newWorld(t, withRemote), newSettingsAWX()
			got := w.merged(t, awx, asked(t, test.user, test.method, test.path, test.body))
			if got.Code != test.status {
				t.Errorf("%d %s", got.Code, got.Body)
			}
			if ours, theirs := w.stored(t, "OAUTH2_PROVIDER"), awx.Setting("LOGIN_REDIRECT_OVERRIDE"); ours != test.ours || theirs != test.theirs {
				t.Errorf("stored %q here and %q there, want %q and %q", ours, theirs, test.ours, test.theirs)
			}
			if test.status == 200 && test.ours != "" && !strings.Contains(got.Body.String(), `"AUTH_BASIC_ENABLED":true,"OAUTH2_PROVIDER":`+test.ours+`,"ALLOW_OAUTH2_FOR_EXTERNAL_USERS":false,"LOGIN_REDIRECT_OVERRIDE":`) {
				t.Errorf("answer %s", got.Body)
			}
			for _, sent := range awx.Take() {
				if test.status == 400 && strings.Contains(test.name, "ours") {
					t.Errorf("AWX was sent %v", sent)
				}
			}
		})
	}
}

func TestSharedSettings_ShowAndReset(t *testing.T) {
	w, awx := newWorld(t, withRemote), newSettingsAWX()
	show := func(user, slug string) string {
		return w.merged(t, awx, asked(t, user, "GET", "/api/v2/settings/"+slug+"/", "")).Body.String()
	}
	if got := show("admin", "changed"); got != "{}" {
		t.Errorf("changed: %s", got)
	}
	w.merged(t, awx, asked(t, "admin", "PATCH", authentication, `{"OAUTH2_PROVIDER":`+anHour+`,"SESSION_COOKIE_AGE":77}`))
	if got := show("auditor", "changed"); got != `{"SESSION_COOKIE_AGE":77,"OAUTH2_PROVIDER":`+anHour+`}` {
		t.Errorf("changed: %s", got)
	}
	if got := show("auditor", "all"); !strings.HasPrefix(got, `{"TOWER_URL_BASE":`) || !strings.Contains(got, anHour) {
		t.Errorf("all: %s", got)
	}
	if got := show("alice", "all"); strings.Contains(got, "OAUTH2_PROVIDER") {
		t.Errorf("to alice: %s", got)
	}
	got := w.merged(t, awx, asked(t, "admin", "DELETE", authentication, ""))
	if got.Code != http.StatusNoContent || w.stored(t, "OAUTH2_PROVIDER") != "" || awx.Setting("SESSION_COOKIE_AGE") != "" {
		t.Errorf("reset: %d, %q, %q", got.Code, w.stored(t, "OAUTH2_PROVIDER"), awx.Setting("SESSION_COOKIE_AGE"))
	}
	if w.api.Merges(asked(t, "admin", "PATCH", "/api/v2/settings/jobs/", "{}")) {
		t.Error("the settings of jobs are AWX's alone")
	}
}

func TestSharedSettings_AreDescribed(t *testing.T) {
	w := newWorld(t, withRemote)
	got := w.merged(t, newSettingsAWX(), asked(t, "admin", "OPTIONS", authentication, "")).Body.Bytes()
	for _, method := range []string{"PUT", "GET"} {
		if label := member(t, got, "actions", method, "OAUTH2_PROVIDER", "label"); label != "OAuth 2 Timeout Settings" {
			t.Errorf("%s: %v", method, label)
		}
		if kind := member(t, got, "actions", method, "LOGIN_REDIRECT_OVERRIDE", "type"); kind != "string" {
			t.Errorf("%s: AWX's own is %v", method, kind)
		}
	}
}

// A read token may look; AWX cannot know its scope.
func TestSharedSettings_ReadTokenWritesNothing(t *testing.T) {
	w := newWorld(t, withRemote)
	r := asked(t, "", "PATCH", authentication, `{"OAUTH2_PROVIDER":`+anHour+`}`)
	r.Header.Set("Authorization", "Bearer "+w.token(t, admin, 0, "read").Access.Reveal())
	if got := w.merged(t, answers(200, "application/json", "{}"), r); got.Code != http.StatusForbidden || w.stored(t, "OAUTH2_PROVIDER") != "" {
		t.Errorf("got %d", got.Code)
	}
}

// AWX writes nothing if the store does not answer. If it fails after that, the client
// learns it, whatever AWX said.
func TestSharedSettings_StoreOutageIs503(t *testing.T) {
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		for _, before := range []bool{true, false} {
			if method == "GET" && !before {
				continue // AWX is asked last
			}
			w := newWorld(t, withRemote)
			end := func() {
				if err := w.store.Close(); err != nil {
					t.Error(err)
				}
			}
			asks := 0
			awx := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if asks++; !before {
					end()
				}
				answers(200, "text/plain", "done")(rw, r)
			})
			if before {
				end()
			}
			got := w.merged(t, awx, asked(t, "admin", method, authentication, `{"OAUTH2_PROVIDER":`+anHour+`}`))
			if got.Code != http.StatusServiceUnavailable || before != (asks == 0) {
				t.Errorf("%s, before %v: %d %s, AWX asked %d times", method, before, got.Code, got.Body, asks)
			}
		}
	}
}

// With accounts of our own what decides about them is ours, and AWX's too.
func TestSharedSettings_WithAccountsOfOurOwn(t *testing.T) {
	w, awx := newWorld(t), newSettingsAWX()
	got := w.merged(t, awx, asked(t, "admin", "PATCH", authentication, `{"SESSION_COOKIE_AGE":120,"LOGIN_REDIRECT_OVERRIDE":"/x"}`))
	if got.Code != 200 || w.stored(t, "SESSION_COOKIE_AGE") != "120" || awx.Setting("SESSION_COOKIE_AGE") != "120" || awx.Setting("LOGIN_REDIRECT_OVERRIDE") != `"/x"` {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	// An account that AWX does not know is served as without AWX.
	stranger := awxstub.New(nil, nil, nil)
	for _, test := range []struct{ method, path, body, want string }{
		{"GET", "/api/v2/", "", `"tokens":"/api/v2/tokens/"`},
		{"GET", "/api/v2/config/", "", `"version":"24.6.1"`},
		{"GET", "/api/v2/settings/", "", `"slug":"ldap"`},
		{"GET", authentication, "", `"SESSION_COOKIE_AGE":120`},
		{"OPTIONS", authentication, "", `"SESSION_COOKIE_AGE":{`},
		{"PATCH", authentication, `{"SESSION_COOKIE_AGE":180}`, `"SESSION_COOKIE_AGE":180`},
		{"PATCH", "/api/v2/settings/system/", `{"TOWER_URL_BASE":"https://y"}`, `"TOWER_URL_BASE":"https://y"`},
	} {
		if got := w.merged(t, stranger, asked(t, "admin", test.method, test.path, test.body)); got.Code != 200 || !strings.Contains(got.Body.String(), test.want) {
			t.Errorf("%s %s: %d %s", test.method, test.path, got.Code, got.Body)
		}
	}
	if got := w.merged(t, stranger, asked(t, "", "GET", authentication, "")); got.Code != http.StatusUnauthorized {
		t.Errorf("nobody: %d", got.Code)
	}
}
