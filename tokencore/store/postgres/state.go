package postgres

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// State says what is found where a database is expected.
type State uint8

// The states.
const (
	// Current: a database of this version.
	Current State = iota + 1
	// Missing: there is no such database, or no schema of the search path.
	Missing
	// Empty: the schema has no tables yet.
	Empty
	// Pending: a database of an older version.
	Pending
	// Newer: a database of a newer version of awxgate.
	Newer
	// Foreign: the schema holds tables of something else.
	Foreign
	// Unsuitable: a server older than PostgreSQL 13, or a database that is not in UTF-8.
	Unsuitable
)

// StateError is why Open refuses a database. It matches fs.ErrNotExist when there is
// nothing yet.
type StateError struct {
	Database string // its name
	State    State
}

// Error says in one sentence what is wrong and what to do.
func (e *StateError) Error() string {
	switch e.State {
	case Missing:
		return fmt.Sprintf("the PostgreSQL database %q or its schema does not exist: create it (createdb -E UTF8 %s)", e.Database, e.Database)
	case Empty:
		return fmt.Sprintf("the PostgreSQL database %q is empty: run awxgate migrate to set it up", e.Database)
	case Pending:
		return fmt.Sprintf("the PostgreSQL database %q is of an older version: run awxgate migrate", e.Database)
	case Newer:
		return fmt.Sprintf("the PostgreSQL database %q is of a newer version of awxgate: use that version or a later one", e.Database)
	case Current:
		return fmt.Sprintf("the PostgreSQL database %q is up to date", e.Database)
	case Unsuitable:
		return fmt.Sprintf("the PostgreSQL database %q is not in UTF-8, or its server is older than PostgreSQL 13: use another one", e.Database)
	default:
		return fmt.Sprintf("the PostgreSQL database %q holds tables of something else, and nothing was written to it: "+
			"choose an empty database or schema", e.Database)
	}
}

// Unwrap lets errors.Is find fs.ErrNotExist.
func (e *StateError) Unwrap() error {
	if e.State == Missing || e.State == Empty {
		return fs.ErrNotExist
	}
	return nil
}

const (
	sqlServer = `SELECT current_setting('server_version_num')::integer >= 130000 AND current_setting('server_encoding') = 'UTF8',
		current_schema() IS NOT NULL`
	sqlTables = `SELECT count(*), count(*) FILTER (WHERE relname = 'goose_db_version'), count(*) FILTER (WHERE relname = 'installation')
		FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')`
	sqlVersion = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
)

// Check says what is in the database, without writing anything.
func Check(ctx context.Context, dsn string) (State, error) {
	config, err := configure(dsn, Options{}.withDefaults())
	if err != nil {
		return 0, err
	}
	return check(ctx, config)
}

func check(ctx context.Context, config *pgxpool.Config) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, config.ConnConfig.ConnectTimeout+defaultStatementTimeout)
	defer cancel()
	connection, err := pgx.ConnectConfig(ctx, config.ConnConfig.Copy())
	switch {
	case code(err) == codeNoDatabase:
		return Missing, nil
	case err != nil:
		return 0, explain("connecting", err)
	}
	defer connection.Close(ctx)
	var suitable, schema bool
	if err := connection.QueryRow(ctx, sqlServer).Scan(&suitable, &schema); err != nil {
		return 0, explain("looking at the server", err)
	}
	switch {
	case !suitable:
		return Unsuitable, nil
	case !schema:
		return Missing, nil
	}
	var tables, versioned, ours int
	if err := connection.QueryRow(ctx, sqlTables).Scan(&tables, &versioned, &ours); err != nil {
		return 0, explain("looking for tables", err)
	}
	switch {
	case tables == 0:
		return Empty, nil
	case versioned == 0:
		return Foreign, nil
	}
	var version int64
	err = connection.QueryRow(ctx, sqlVersion).Scan(&version)
	switch {
	case err != nil:
		return 0, explain("reading the version", err)
	case version == 0 && tables == versioned:
		return Empty, nil // another node is setting it up; Open waits for it if it may migrate
	case version == 0:
		return Pending, nil
	case ours == 0:
		return Foreign, nil
	case version < latestVersion:
		return Pending, nil
	case version > latestVersion:
		return Newer, nil
	default:
		return Current, nil
	}
}

// prepareDatabase makes sure that there is a database of the right version.
func prepareDatabase(ctx context.Context, config *pgxpool.Config, mayMigrate bool) error {
	state, err := check(ctx, config)
	switch {
	case err != nil:
		return err
	case state == Current:
		return nil
	case mayMigrate && (state == Empty || state == Pending):
		return migrate(ctx, config.ConnConfig)
	default:
		return &StateError{Database: config.ConnConfig.Database, State: state}
	}
}
