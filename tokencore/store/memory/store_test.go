package memory_test

import (
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) tokencore.Store { return memory.New() })
}
