package awxapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// awxkit walks through collections of AWX proper on its way to users and imports.
func TestStandIns_AreEmptyAndNotOurs(t *testing.T) {
	w := newWorld(t)
	var root map[string]string
	if err := json.Unmarshal(w.call(t, "", "GET", "/api/v2/", "").Body.Bytes(), &root); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{
		"projects", "inventory", "teams", "credentials", "job_templates", "workflow_job_templates", "instance_groups",
		"credential_types", "notification_templates", "inventory_sources", "execution_environments", "schedules", "system_job_templates",
	} {
		path := root[key]
		if path == "" {
			t.Errorf("the root does not list %s", key)
			continue
		}
		if got := w.call(t, "alice", "GET", path+"?name=x&or__id=1", ""); got.Body.String() != `{"count":0,"next":null,"previous":null,"results":[]}` {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
		if got := w.call(t, "alice", "OPTIONS", path, ""); !strings.Contains(got.Body.String(), `"actions":{"GET":{}}`) {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
		if got := w.call(t, "admin", "POST", path, "{}"); got.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %d %s", path, got.Code, got.Body)
		}
		if w.api.Owns(received(t, "GET", path)) {
			t.Errorf("%s must reach the AWX behind a proxy", path)
		}
		if !w.api.StandsIn(received(t, "GET", path)) || w.api.StandsIn(received(t, "GET", path+"1/")) {
			t.Errorf("%s itself, and nothing below, is stood in for", path)
		}
	}
}
