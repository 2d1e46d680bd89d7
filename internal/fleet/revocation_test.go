package fleet_test

import (
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

// The bound here is only what a busy machine cannot exceed; go run ./bench/revocation
// measures.
const generous = 2 * time.Second

func TestARevokedTokenIsRefusedByItsNodeAtOnceAndByTheOthersSoon(t *testing.T) {
	f := started(t, pgtest.Shared(t), fleet.Options{})
	for round := range 30 {
		seen, err := f.MeasureRevocation(t.Context(), round%len(f.Nodes))
		must(t, err)
		if seen.AcceptedAtHome != 0 {
			t.Errorf("round %d: its own node accepted the token %d times", round, seen.AcceptedAtHome)
		}
		if seen.Elsewhere > generous {
			t.Errorf("round %d: another node accepted the token for %v", round, seen.Elsewhere)
		}
	}
}

func TestARevokedTokenIsRefusedSoonEvenIfNobodyHearsOfIt(t *testing.T) {
	f := started(t, pgtest.Shared(t), fleet.Options{})
	for round := range 2 {
		seen, err := f.MeasureSilentRevocation(t.Context(), round)
		must(t, err)
		if seen.AcceptedAtHome != 0 || seen.Elsewhere > bound {
			t.Errorf("round %d: its own node accepted the token %d times, another one for %v", round, seen.AcceptedAtHome, seen.Elsewhere)
		}
	}
}
