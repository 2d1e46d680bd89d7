package fleet_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

func TestANodeKilledAmidGrantsLosesNoneAndLeavesNoHalfOne(t *testing.T) {
	const clients, enough = 6, 60
	f := started(t, pgtest.Shared(t), fleet.Options{})
	traffic, err := f.StartTraffic(t.Context(), bound)
	must(t, err)
	victim := f.Nodes[0]
	var (
		mu     sync.Mutex
		tokens []fleet.Token
		wait   sync.WaitGroup
	)
	amid := make(chan struct{})
	for range clients {
		wait.Go(func() {
			for {
				token, answer := victim.MintRefreshable(t.Context())
				if answer.Status != http.StatusCreated {
					if answer.Err == nil {
						t.Errorf("making a token got %d", answer.Status)
					}
					return
				}
				mu.Lock()
				if tokens = append(tokens, token); len(tokens) == enough {
					close(amid)
				}
				mu.Unlock()
			}
		})
	}
	<-amid
	victim.Kill()
	wait.Wait()
	for _, token := range tokens {
		if answer := f.Nodes[1].Use(t.Context(), token.Access); answer.Status != http.StatusOK {
			t.Errorf("a token that was answered got %d from another node", answer.Status)
		}
	}
	must(t, victim.Start(t.Context()))
	report, err := traffic.Stop(t.Context())
	must(t, err)
	if len(report.Violations) > 0 {
		t.Errorf("%d violations, such as %q", len(report.Violations), report.Violations[0])
	}
	halves, err := f.SQL(t.Context(), `SELECT count(*) FROM (SELECT grant_id FROM tokens WHERE application_id IS NOT NULL) access
		FULL JOIN refresh_tokens USING (grant_id) WHERE access.grant_id IS NULL OR refresh_tokens.id IS NULL`)
	must(t, err)
	if halves != "0" {
		t.Errorf("%s grants have an access token or a refresh token only", halves)
	}
	for _, token := range tokens[:10] {
		if _, answer := victim.Refresh(t.Context(), token.Refresh); answer.Status != http.StatusOK {
			t.Errorf("refreshing got %d", answer.Status)
		}
	}
	t.Logf("%d grants were answered before the kill", len(tokens))
}
