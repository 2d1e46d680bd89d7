package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// latestVersion is the number of the newest migration in migrationFiles.
const latestVersion = 1

const (
	// lockID is the advisory lock under which nodes migrate, one after the other ("awxgate").
	lockID = 0x61777867617465
	// How often, in seconds, and how many times a node tries to get it.
	lockPeriod, lockAttempts = 1, 300
)

// migrate brings an empty database, or one of ours, to the latest version.
func migrate(ctx context.Context, config *pgx.ConnConfig) (err error) {
	config = config.Copy()
	config.RuntimeParams = maps.Clone(config.RuntimeParams)
	for _, timeout := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		config.RuntimeParams[timeout] = "0" // the migration of a large table takes as long as it takes
	}
	db := stdlib.OpenDB(*config)
	defer func() { err = errors.Join(err, db.Close()) }()
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return fmt.Errorf("finding migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID), lock.WithLockTimeout(lockPeriod, lockAttempts))
	if err != nil {
		return fmt.Errorf("preparing the lock of migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()), goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return explain("running migrations", err)
	}
	return nil
}
