package caddymodule

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
)

const (
	defaultDataDirectory = "./data"
	// privateDirectory: password hashes and digests are nobody else's business.
	privateDirectory fs.FileMode = 0o700
)

// dataDirectory is where a store keeps what belongs to this machine. It must exist, so that
// a mistyped path or a disk that is not mounted does not look like an empty
// installation. Only the default is created.
type dataDirectory struct {
	path    string // absolute
	mayMake bool
}

// newDataDirectory resolves placeholders. An empty text means the default.
func newDataDirectory(text string) (d dataDirectory, err error) {
	path, err := caddy.NewReplacer().ReplaceOrErr(text, true, true)
	if err != nil {
		return d, fmt.Errorf("data directory: %w", err)
	}
	if path == "" {
		path, d.mayMake = defaultDataDirectory, true
	}
	if d.path, err = filepath.Abs(path); err != nil {
		return d, fmt.Errorf("finding the data directory: %w", err)
	}
	return d, nil
}

// check writes nothing. A missing directory that make would create is no error.
func (d dataDirectory) check() error {
	info, err := os.Stat(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.mayMake:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		// Not matching fs.ErrNotExist: this is not the first start, but a mistake.
		return fmt.Errorf("the data directory %s does not exist: create it (mkdir -p -m 700 %[1]s), or correct AWXGATE_DATA or the store option that names it", d.path)
	case err != nil:
		return fmt.Errorf("looking at the data directory: %w", err)
	case !info.IsDir():
		return fmt.Errorf("the data directory %s is a file: name the directory that holds the data", d.path)
	default:
		return nil
	}
}

// make creates the directory if it may and there is none.
func (d dataDirectory) make() error {
	if d.mayMake {
		if err := os.MkdirAll(d.path, privateDirectory); err != nil {
			return fmt.Errorf("creating the data directory: %w", err)
		}
	}
	return d.check()
}

// dataKeeper is a store with a directory that only this machine uses: for the signing key,
// and for what is remembered of the store (see restoreguard).
type dataKeeper interface{ DataDirectory() string }

// DataDirectory returns the directory of the database.
func (s *SQLiteStore) DataDirectory() string { return s.directory.path }

// DataDirectory returns the state directory.
func (s *PostgresStore) DataDirectory() string { return s.directory.path }

// dataDirectoryOf is empty if the store has none.
func dataDirectoryOf(store StoreModule) string {
	if keeper, ok := store.(dataKeeper); ok {
		return keeper.DataDirectory()
	}
	return ""
}

var (
	_ dataKeeper = (*SQLiteStore)(nil)
	_ dataKeeper = (*PostgresStore)(nil)
)
