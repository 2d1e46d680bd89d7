package fleet_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

func TestMain(m *testing.M) {
	code := pgtest.Run(m)
	if err := fleet.RemoveBinary(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// started is a fleet for one test.
func started(t *testing.T, cluster *pgtest.Cluster, options fleet.Options) *fleet.Fleet {
	t.Helper()
	f, err := fleet.New(t.Context(), cluster, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for i, n := range f.Nodes {
				t.Logf("log of node %d:\n%s", i+1, lastOf(n.Log(), 4000))
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func lastOf(s string, n int) string { return s[max(0, len(s)-n):] }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
