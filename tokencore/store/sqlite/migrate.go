package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// latestVersion is the number of the newest migration in migrationFiles.
const latestVersion = 3

const (
	// The id goes into the file before WAL mode does, so that it is in the main
	// file whatever happens later, where checkHeader looks for it.
	sqlMarkOurs = `PRAGMA application_id = 0x61777867`
	sqlUseWAL   = `PRAGMA journal_mode = WAL`

	sqlHasVersions = `SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version')`
	sqlVersion     = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
)

// migrateAttempts and migratePause bound how long Open waits for another
// process that migrates the same database at the same moment.
const (
	migrateAttempts = 20
	migratePause    = 50 * time.Millisecond
)

// create makes an empty file that only its owner can read. SQLite gives its
// "-wal" and "-shm" files the same permissions.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the path comes from the administrator
	switch {
	case errors.Is(err, os.ErrExist):
		return nil // another process was faster
	case errors.Is(err, os.ErrNotExist):
		return &StateError{Path: path, State: Missing}
	case err != nil:
		return fmt.Errorf("creating the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("creating the database: %w", err)
	}
	return nil
}

// migrate brings a database of ours, or an empty file, to the latest version.
// SQLite gives goose nothing to lock with, so the loser of a race between two
// processes tries again, and then finds the work done.
func migrate(ctx context.Context, path string, busy time.Duration) error {
	for attempt := 1; ; attempt++ {
		err := migrateOnce(ctx, path, busy)
		if err == nil {
			return nil
		}
		if attempt == migrateAttempts {
			return fmt.Errorf("migrating the database %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("migrating the database %s: %w", path, errors.Join(ctx.Err(), err))
		case <-time.After(migratePause):
		}
	}
}

func migrateOnce(ctx context.Context, path string, busy time.Duration) (err error) {
	db, err := openDB(path, writing, busy)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	state, err := checkHeader(path)
	if err != nil {
		return err
	}
	if state == Empty {
		if _, err := db.ExecContext(ctx, sqlMarkOurs); err != nil {
			return fmt.Errorf("marking the database: %w", err)
		}
	}
	if _, err := db.ExecContext(ctx, sqlUseWAL); err != nil {
		return fmt.Errorf("switching to WAL mode: %w", err)
	}
	provider, err := newMigrations(db)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("running migrations: %w", err)
	}
	return nil
}

func newMigrations(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, fmt.Errorf("finding migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	return provider, nil
}

// schemaVersion reads the version of a database of ours; 0 if nothing has been
// set up yet.
func schemaVersion(ctx context.Context, path string) (version int64, err error) {
	db, err := openDB(path, reading, defaultBusyTimeout)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var exists bool
	if err := db.QueryRowContext(ctx, sqlHasVersions).Scan(&exists); err != nil || !exists {
		return 0, explain("looking for migrations", err)
	}
	err = db.QueryRowContext(ctx, sqlVersion).Scan(&version)
	return version, explain("reading migrations", err)
}
