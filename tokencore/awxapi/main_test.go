package awxapi_test

import (
	"testing"

	"github.com/awxgate/awxgate/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
