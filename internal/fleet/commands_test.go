package fleet_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

// A command is another process on the same database: what it makes works everywhere at
// once, and what it revokes ends everywhere soon.
func TestCommandsReachEveryGateway(t *testing.T) {
	f := started(t, pgtest.Shared(t), fleet.Options{})
	printed, err := f.Nodes[0].Run(t.Context(), "create_oauth2_token", "--user", "admin")
	must(t, err)
	token := strings.TrimSpace(printed)
	for i, n := range f.Nodes {
		if used := n.UseDefinitely(t.Context(), token); used.Status != http.StatusOK {
			t.Errorf("node %d: a token of the command line got %d", i+1, used.Status)
		}
	}
	printed, err = f.Nodes[1].Run(t.Context(), "revoke_oauth2_tokens", "--user", "admin")
	must(t, err)
	if !strings.Contains(printed, "revoked OAuth2AccessToken") {
		t.Errorf("the command printed %q", printed)
	}
	for _, n := range f.Nodes {
		await(t, func() bool { return n.Use(t.Context(), token).Status == http.StatusUnauthorized })
	}
	if printed, err = f.Nodes[2].Run(t.Context(), "migrate"); err != nil || printed != "The token store was up to date already.\n" {
		t.Errorf("migrate printed %q, %v", printed, err)
	}
}
