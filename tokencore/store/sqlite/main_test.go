package sqlite_test

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnvironment); path != "" {
		insertUntilKilled(path)
	}
	os.Exit(m.Run())
}
