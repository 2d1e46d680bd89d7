package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
	"github.com/awxgate/awxgate/tokencore/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) tokencore.Store { return open(t, filepath.Join(t.TempDir(), "store.db")) })
}

// open opens a database that a test works with; the caller closes it.
func open(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
