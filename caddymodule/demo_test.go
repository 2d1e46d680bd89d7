package caddymodule

import (
	"net/http"
	"strings"
	"testing"
)

// awxkit asks for collections of AWX proper on its way to users and applications.
func TestAloneTheGatewayServesWhatClientsCannotDoWithout(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	const empty = `{"count":0,"next":null,"previous":null,"results":[]}`

	ask := func(path string) string {
		status, _, body := r.do(http.MethodGet, path, bearerHeader(token))
		if status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
		return strings.TrimSpace(body)
	}
	if got := ask("/api/v2/projects/"); got != "upstream admin" {
		t.Errorf("with an upstream the collection is the upstream's, got %s", got)
	}
	if err := r.load(strings.Replace(r.caddyfile(""), r.upstream.URL, `""`, 1)); err != nil {
		t.Fatal(err)
	}
	if got := ask("/api/v2/projects/"); got != empty {
		t.Errorf("got %s, want an empty list", got)
	}
	if got := ask("/api/v2/jobs/"); !strings.Contains(got, "demo upstream") || !strings.Contains(got, `"X-Awxgate-User": "admin"`) {
		t.Errorf("everything else is the demo's, got %s", got)
	}
}
