package fleet_test

import (
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

func TestAnExhaustedPoolDelaysAndNeverRefuses(t *testing.T) {
	const tokens, clients = 100, 50
	f := started(t, pgtest.Shared(t), fleet.Options{Parameters: url.Values{"pool_max_conns": {"2"}}})
	fresh := make([]fleet.Token, tokens)
	for i := range fresh {
		token, answer := f.Nodes[0].Mint(t.Context())
		if answer.Status != http.StatusCreated {
			t.Fatalf("making a token got %d", answer.Status)
		}
		fresh[i] = token
	}
	traffic, err := f.StartTraffic(t.Context(), bound)
	must(t, err)
	var (
		wait sync.WaitGroup
		next atomic.Int64
	)
	for range clients { // each use is the first one of its token on its node, so it needs a connection
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < tokens*len(f.Nodes); i = int(next.Add(1)) - 1 {
				if answer := f.Nodes[i%len(f.Nodes)].Use(t.Context(), fresh[i/len(f.Nodes)].Access); answer.Status != http.StatusOK {
					t.Errorf("the first use of a token got %d, %v", answer.Status, answer.Err)
				}
			}
		})
	}
	wait.Wait()
	report, err := traffic.Stop(t.Context())
	must(t, err)
	if len(report.Violations) > 0 {
		t.Errorf("%d violations, such as %q", len(report.Violations), report.Violations[0])
	}
	t.Logf("slowest answer %v; answers %v", report.Slowest, report.Answers)
}
