package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the cluster of a test binary.
var shared struct {
	sync.Mutex
	managed bool // Main runs
	cluster *Cluster
}

// Main is TestMain for a package whose tests call Shared. It ends the cluster.
func Main(m *testing.M) { os.Exit(Run(m)) }

// Run is Main for a package that has more to end. It returns the exit code.
func Run(m *testing.M) int {
	shared.Lock()
	shared.managed = true
	shared.Unlock()
	code := m.Run()
	if c := shared.cluster; c != nil {
		if err := c.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	return code
}

// Shared returns the cluster that all tests of the binary use, each with a database of
// its own. It does not wait for the disk. Tests that harm the server use Start.
func Shared(tb testing.TB) *Cluster {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.managed {
		tb.Fatal("pgtest.Shared needs a TestMain that calls pgtest.Main or Run")
	}
	if shared.cluster == nil {
		c, err := New(context.Background(), Options{NoSync: true})
		if err != nil {
			tb.Fatal(err)
		}
		shared.cluster = c
	}
	return shared.cluster
}

// Start makes a cluster for one test, which may do to it what it likes.
func Start(tb testing.TB, options Options) *Cluster {
	tb.Helper()
	c, err := New(tb.Context(), options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := c.Close(); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// Database creates an empty database for a test and returns its DSN.
func (c *Cluster) Database(tb testing.TB) string {
	tb.Helper()
	name, err := c.NewDatabase(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return c.DSN(name)
}
