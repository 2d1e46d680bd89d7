package sqlite

import (
	"database/sql"
	"errors"
	"fmt"

	modernc "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/awxgate/awxgate/tokencore"
)

// errLocked is what an administrator needs to know of SQLITE_BUSY.
var errLocked = errors.New("the database is locked by another process")

// explain translates errors of the driver. What is no definite answer of the
// database is a technical failure. SQLite's messages name columns, never values.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", doing, tokencore.ErrNotFound)
	}
	var driver *modernc.Error
	if !errors.As(err, &driver) {
		return tokencore.Unavailable(doing, err)
	}
	switch driver.Code() {
	case codes.SQLITE_CONSTRAINT_UNIQUE, codes.SQLITE_CONSTRAINT_PRIMARYKEY:
		return fmt.Errorf("%s: %w", doing, tokencore.ErrConflict)
	case codes.SQLITE_CONSTRAINT_FOREIGNKEY:
		return fmt.Errorf("%s: what it refers to: %w", doing, tokencore.ErrNotFound)
	}
	const primary = 0xff // the low byte of an extended code is its family
	switch driver.Code() & primary {
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return tokencore.Unavailable(doing, fmt.Errorf("%w: %w", errLocked, err))
	default:
		return tokencore.Unavailable(doing, err)
	}
}
