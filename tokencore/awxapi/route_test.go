package awxapi

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

type noDirectory struct{ tokencore.Directory }

func (noDirectory) HashPassword(tokencore.Secret) (string, error) { return "", nil }

// What is served but not owned would be served by the upstream as well. That is right for what
// describes an AWX, and only for that.
func TestRoutes_AreOwnedOrAWXsToAnswer(t *testing.T) {
	awxs := map[string]bool{
		"/api/": true, "/api/v2/": true, "/api/v2/ping/": true, "/api/v2/config/": true, "/api/v2/schema/": true,
		"/api/v2/settings/": true, "/api/v2/settings/{slug}/": true,
	}
	svc, err := tokencore.New(memory.New(), noDirectory{}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, accounts := range []Accounts{nil, noDirectory{}} {
		a, err := New(svc, Config{Accounts: accounts})
		if err != nil {
			t.Fatal(err)
		}
		for _, rt := range a.routes {
			path := strings.NewReplacer("{id}", "1", "{application}", "1", "{user}", "1", "{organization}", "1", "{slug}", "ui").Replace(rt.path)
			r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
			if matched, _ := a.match(r); matched == nil || matched.path != rt.path {
				t.Errorf("%s is not reached by %s", rt.path, path)
			}
			if a.Owns(r) == awxs[rt.path] {
				t.Errorf("%s: owned %v", rt.path, a.Owns(r))
			}
			if !a.StandsIn(r) {
				t.Errorf("%s is not served without an AWX", rt.path)
			}
		}
	}
}

// Every route is either public on purpose or demands credentials.
func TestRoutes_DemandCredentials(t *testing.T) {
	svc, err := tokencore.New(memory.New(), noDirectory{}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(svc, Config{Accounts: noDirectory{}})
	if err != nil {
		t.Fatal(err)
	}
	public := map[string]bool{
		"/api/": true, "/api/o/": true, "/api/v2/": true, "/api/v2/ping/": true,
		"/api/o/authorize/": true, "/api/o/token/": true, "/api/o/revoke_token/": true,
		"/api/login/": true, "/api/logout/": true, "/api/v2/schema/": true,
	}
	for _, rt := range a.routes {
		if open := rt.access != 0 || rt.raw != nil; open != public[rt.path] {
			t.Errorf("%s: open %v", rt.path, open)
		}
	}
}

var (
	_ tokencore.Directory = noDirectory{}
	_ Accounts            = noDirectory{}
)
