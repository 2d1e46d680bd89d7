package awx

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/session"
	memorystore "github.com/awxgate/awxgate/tokencore/store/memory"
)

func TestSessions_AWXSaysWhoIsSignedIn(t *testing.T) {
	const live = "awx_sessionid=live"
	for name, test := range map[string]struct {
		cookie string
		status int // of AWX's /api/v2/me/; 0: as it is
		want   error
		asked  bool
	}{
		"live":               {live, 0, nil, true},
		"live, among others": {"csrftoken=c; " + live + "; other=o", 0, nil, true},
		"not live":           {"awx_sessionid=dead", 0, session.ErrNone, true},
		"none":               {"csrftoken=c", 0, session.ErrNone, false},
		"empty":              {"awx_sessionid=", 0, session.ErrNone, false},
		"endless":            {"awx_sessionid=" + strings.Repeat("x", maxCookie+1), 0, session.ErrNone, false},
		"refused":            {live, http.StatusForbidden, session.ErrNone, true},
		"an outage":          {live, http.StatusBadGateway, tokencore.ErrUnavailable, true},
		"not found":          {live, http.StatusNotFound, tokencore.ErrUnavailable, true},
		"a redirect":         {live, http.StatusFound, tokencore.ErrUnavailable, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeAWX(t)
			f.person("alice").admin = []int64{2}
			d, _ := newTimed(t, f)
			service, err := tokencore.New(memorystore.New(), d, tokencore.Config{})
			if err != nil {
				t.Fatal(err)
			}
			sessions, err := NewSessions(service, d, "")
			if err != nil {
				t.Fatal(err)
			}
			var cookies []string
			f.breaks(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/api/v2/me/" || r.Header.Get("Cookie") == "" {
					return false
				}
				cookies = append(cookies, r.Header.Get("Cookie"))
				switch {
				case test.status != 0:
					w.WriteHeader(test.status)
				case cookies[0] != live:
					w.WriteHeader(http.StatusUnauthorized)
				default:
					w.Header().Set("Session-Timeout", "1800")
					w.Header().Add("Set-Cookie", "awx_sessionid=live; Path=/; HttpOnly")
					w.Header().Add("Set-Cookie", "other=o")
					writePage(w, r.URL, []map[string]any{f.person("alice").fields})
				}
				return true
			})
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v2/tokens/", nil)
			r.Header.Set("Cookie", test.cookie)
			w := httptest.NewRecorder()
			actor, err := sessions.Actor(w, r)
			if !errors.Is(err, test.want) || test.want == nil && err != nil {
				t.Fatalf("got %v", err)
			}
			if (len(cookies) != 0) != test.asked || test.asked && strings.Contains(cookies[0], ";") {
				t.Errorf("AWX got %q", cookies)
			}
			if err != nil {
				if len(w.Header()) != 0 || actor.User.ID != 0 || strings.Contains(err.Error(), "live") {
					t.Errorf("got %+v, %v, %v", actor, w.Header(), err)
				}
				return
			}
			if actor.User.Username != "alice" || !actor.AdministersOrganization(2) || !actor.Scope.Includes(tokencore.ScopeWrite) {
				t.Errorf("got %+v", actor)
			}
			if got := w.Header().Values("Set-Cookie"); len(got) != 1 || got[0] != "awx_sessionid=live; Path=/; HttpOnly" || w.Header().Get("Session-Timeout") != "1800" {
				t.Errorf("got %v", w.Header())
			}
		})
	}
}
