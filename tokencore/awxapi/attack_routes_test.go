package awxapi_test

import (
	"net/http"
	"testing"
)

// openPaths are the only ones that may be asked without credentials, with the methods
// that may. What has no pipeline (login and OAuth2) checks credentials of its own.
var openPaths = map[string][]string{
	"/api/":                {"GET", "HEAD", "OPTIONS"},
	"/api/v2/":             {"GET", "HEAD", "OPTIONS"},
	"/api/o/":              {"GET", "HEAD", "OPTIONS"},
	"/api/v2/ping/":        {"GET", "HEAD", "OPTIONS"},
	"/api/v2/schema/":      {"GET", "HEAD", "OPTIONS"},
	"/api/login/":          nil,
	"/api/logout/":         nil,
	"/api/o/authorize/":    nil,
	"/api/o/token/":        nil,
	"/api/o/revoke_token/": nil,
}

// Scopes are enforced in one place (Gitea CVE-2025-68941 and CVE-2026-24791 were routes
// that forgot to): M6. A new route is closed, or has an entry above.
func TestAttackEveryRouteAsksForCredentialsAndScope(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "A", orgA)
	token := w.token(t, admin, 0, "read")
	names := map[string]string{
		"{id}": itoa(token.Token.ID), "{application}": itoa(app.ID), "{user}": itoa(admin), "{organization}": itoa(orgA), "{slug}": "authentication",
	}
	paths := w.api.Paths(names)
	seen := map[string]bool{}
	for _, path := range paths {
		seen[path] = true
		methods, open := openPaths[path]
		if open && methods == nil {
			continue
		}
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "post"} {
			safe := method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
			nobody := w.call(t, "", method, path, "").Code
			switch {
			case !open && nobody != http.StatusUnauthorized:
				t.Errorf("M6 %s %s without credentials: %d", method, path, nobody)
			case open && (nobody == http.StatusOK) != safe:
				t.Errorf("M6 %s %s, which is open: %d", method, path, nobody)
			}
			reader := w.callWith(t, token.Access, method, path, "").Code
			switch {
			case safe && (reader == http.StatusUnauthorized || reader == http.StatusForbidden):
				t.Errorf("M6 %s %s with a read token: %d", method, path, reader)
			case !safe && reader != http.StatusForbidden && (!open || reader != http.StatusMethodNotAllowed):
				t.Errorf("M6 %s %s with a read token: %d", method, path, reader)
			}
		}
	}
	for path := range openPaths {
		if !seen[path] {
			t.Errorf("M6 %s is open, but does not exist", path)
		}
	}
	if len(paths) < 40 {
		t.Errorf("only %d routes were tried", len(paths))
	}
}
