package storetest_test

import (
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/store/storetest"
)

// The whole test of a store that has no secrets of its own.
func ExampleRun() {
	TestStore := func(t *testing.T) {
		storetest.Run(t, func(*testing.T) tokencore.Store { return memory.New() })
	}
	_ = TestStore // go test calls it
	// Output:
}
