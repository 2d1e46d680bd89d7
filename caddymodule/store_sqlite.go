package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

func init() { caddy.RegisterModule(SQLiteStore{}) }

const defaultDatabaseFile = "awxgate.db"

// SQLiteStore keeps everything in one SQLite database on this machine.
type SQLiteStore struct {
	// The directory of the database. It must exist, so that a mistyped path or a disk
	// that is not mounted does not look like an empty installation. Only the default
	// is created. Default: ./data.
	Directory string `json:"directory,omitempty"`

	// The name of the database file in that directory. It is created at the first
	// start. Default: awxgate.db.
	File string `json:"file,omitempty"`

	directory dataDirectory
	path      string
}

// CaddyModule returns the Caddy module information.
func (SQLiteStore) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: storeNamespace + ".sqlite", New: func() caddy.Module { return new(SQLiteStore) }}
}

// Provision resolves placeholders and finds the database.
func (s *SQLiteStore) Provision(caddy.Context) error {
	file, err := caddy.NewReplacer().ReplaceOrErr(s.File, true, true)
	if err != nil {
		return fmt.Errorf("database file: %w", err)
	}
	if file == "" {
		file = defaultDatabaseFile
	}
	if filepath.Base(file) != file {
		return fmt.Errorf("the database file %q is to be a name without a directory; give the directory by itself", file)
	}
	if s.directory, err = newDataDirectory(s.Directory); err != nil {
		return err
	}
	s.path = filepath.Join(s.directory.path, file)
	return nil
}

// Key implements StoreModule.
func (s *SQLiteStore) Key() string { return "sqlite " + s.path }

// Open implements StoreModule.
func (s *SQLiteStore) Open(ctx context.Context) (tokencore.Store, error) {
	if err := s.directory.check(); err != nil {
		return nil, err
	}
	return s.open(ctx, false)
}

// Create implements StoreModule.
func (s *SQLiteStore) Create(ctx context.Context) (tokencore.Store, error) {
	if err := s.directory.make(); err != nil {
		return nil, err
	}
	return s.open(ctx, true)
}

func (s *SQLiteStore) open(ctx context.Context, migrate bool) (tokencore.Store, error) {
	store, err := sqlite.Open(ctx, s.path, sqlite.Options{Migrate: migrate})
	if err == nil {
		return store, nil
	}
	if state, ok := errors.AsType[*sqlite.StateError](err); ok && state.State == sqlite.Empty {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err) // as good as no file
	}
	if errors.Is(err, tokencore.ErrUnavailable) {
		return nil, fmt.Errorf("%w; find out which process uses the file (fuser %s), end it and start again", err, s.path)
	}
	return nil, err
}

// UnmarshalCaddyfile reads the module. An empty directory, which an unset environment
// variable leaves, means the default. Syntax:
//
//	sqlite [<directory>] {
//	    file <name>
//	}
func (s *SQLiteStore) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the module's name
	if d.NextArg() {
		s.Directory = d.Val()
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		switch d.Val() {
		case "file":
			if err := readOnce(d, &s.File); err != nil {
				return err
			}
		default:
			return d.Errf("unrecognized subdirective: %s", d.Val())
		}
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*SQLiteStore)(nil)
	_ caddyfile.Unmarshaler = (*SQLiteStore)(nil)
	_ StoreModule           = (*SQLiteStore)(nil)
)
