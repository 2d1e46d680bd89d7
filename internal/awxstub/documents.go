package awxstub

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// The documents of an AWX after 24.6.1, from which OAuth 2 has been removed.
const (
	apiDocument = `{"description":"AWX REST API","current_version":"/api/v2/","available_versions":{"v2":"/api/v2/"},` +
		`"custom_logo":"","custom_login_info":"","login_redirect_override":""}`
	versionDocument = `{"ping":"/api/v2/ping/","config":"/api/v2/config/","settings":"/api/v2/settings/","me":"/api/v2/me/",` +
		`"organizations":"/api/v2/organizations/","users":"/api/v2/users/","credentials":"/api/v2/credentials/",` +
		`"credential_input_sources":"/api/v2/credential_input_sources/","metrics":"/api/v2/metrics/","jobs":"/api/v2/jobs/",` +
		`"activity_stream":"/api/v2/activity_stream/"}`
	settingCategories = `{"count":2,"next":null,"previous":null,"results":[` +
		`{"url":"/api/v2/settings/all/","slug":"all","name":"All"},` +
		`{"url":"/api/v2/settings/authentication/","slug":"authentication","name":"Authentication"}]}`
	settingFields = `{"name":"Setting Detail","description":"","renders":["application/json"],"parses":["application/json"],` +
		`"actions":{"PUT":{"AUTH_BASIC_ENABLED":{"type":"boolean"},"LOGIN_REDIRECT_OVERRIDE":{"type":"string"}},` +
		`"GET":{"AUTH_BASIC_ENABLED":{"type":"boolean"},"LOGIN_REDIRECT_OVERRIDE":{"type":"string"}}}}`
)

// setting is a value with its default.
type setting struct {
	key, category   string
	initial, stored json.RawMessage // stored is nil for the default
}

func initialSettings() []setting {
	return []setting{
		{key: "TOWER_URL_BASE", category: "system", initial: json.RawMessage(`"https://towerhost"`)},
		{key: "AD_HOC_COMMANDS", category: "jobs", initial: json.RawMessage(`["ping"]`)},
		{key: "SESSION_COOKIE_AGE", category: "authentication", initial: json.RawMessage(`1800`)},
		{key: "AUTH_BASIC_ENABLED", category: "authentication", initial: json.RawMessage(`true`)},
		{key: "LOGIN_REDIRECT_OVERRIDE", category: "authentication", initial: json.RawMessage(`""`)},
	}
}

func (s *Stub) documentRoutes() {
	s.public("GET /api/{$}", func(c *call) { c.text(apiDocument) })
	s.public("GET /api/v2/{$}", func(c *call) { c.text(versionDocument) })
	s.protected("GET /api/v2/config/{$}", func(c *call) { c.answer(map[string]any{"version": "24.6.2", "license_info": map[string]any{}}) })
	s.protected("GET /api/v2/settings/{$}", func(c *call) { c.text(settingCategories) })
	s.protected("/api/v2/settings/{slug}/{$}", s.serveSettings)
}

func (s *Stub) serveSettings(c *call) {
	reads := c.user.IsSuperuser || c.user.IsSystemAuditor && isSafe(c.Method)
	slug := c.PathValue("slug")
	within := func(x setting) bool {
		return slug == "all" || slug == "changed" && x.stored != nil || slug == x.category
	}
	switch {
	case !reads && c.Method != http.MethodOptions:
		c.refuse(http.StatusForbidden, "You do not have permission to perform this action.")
		return
	case !slices.Contains([]string{"all", "changed"}, slug) && !slices.ContainsFunc(s.settings, within):
		c.refuse(http.StatusNotFound, "Not found.")
		return
	}
	switch c.Method {
	case http.MethodOptions:
		c.text(settingFields)
	case http.MethodGet:
		c.text(s.settingsJSON(within))
	case http.MethodPut, http.MethodPatch:
		s.changeSettings(c, within)
	case http.MethodDelete:
		for i := range s.settings {
			if within(s.settings[i]) {
				s.settings[i].stored = nil
			}
		}
		c.w.WriteHeader(http.StatusNoContent)
	}
}

// changeSettings ignores what it does not know, and has one rule, for tests that want
// to be refused.
func (s *Stub) changeSettings(c *call, within func(setting) bool) {
	var body map[string]json.RawMessage
	if c.body != "" && json.Unmarshal([]byte(c.body), &body) != nil {
		c.refuse(http.StatusBadRequest, "JSON parse error")
		return
	}
	if string(body["SESSION_COOKIE_AGE"]) == "59" {
		c.write(http.StatusBadRequest, map[string]any{"SESSION_COOKIE_AGE": []string{"Ensure this value is greater than or equal to 60."}})
		return
	}
	for i := range s.settings {
		x := &s.settings[i]
		if value, sent := body[x.key]; sent && within(*x) {
			x.stored = value
		} else if c.Method == http.MethodPut && within(*x) {
			x.stored = nil
		}
	}
	c.text(s.settingsJSON(within))
}

func (s *Stub) settingsJSON(within func(setting) bool) string {
	var b strings.Builder
	separator := "{"
	for _, x := range s.settings {
		if within(x) {
			value := x.initial
			if x.stored != nil {
				value = x.stored
			}
			b.WriteString(separator + `"` + x.key + `":` + string(bytes.TrimSpace(value)))
			separator = ","
		}
	}
	if separator == "{" {
		return "{}"
	}
	return b.String() + "}"
}

// Setting returns the stored value of a setting, empty for the default.
func (s *Stub) Setting(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.settings {
		if x.key == key {
			return string(x.stored)
		}
	}
	return ""
}

// text answers with JSON whose order of keys matters.
func (c *call) text(body string) {
	c.w.Header().Set("Content-Type", "application/json")
	_, _ = c.w.Write([]byte(body)) // the client may be gone
}
