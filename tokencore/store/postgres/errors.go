package postgres

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/awxgate/awxgate/tokencore"
)

// The codes of PostgreSQL's appendix A that are definite answers, or that decide what we do.
const (
	codeUnique     = "23505"
	codeForeignKey = "23503"
	codeNoDatabase = "3D000"
)

// explain translates errors of the driver. What is no definite answer of the database is
// a technical failure: a server that is away, full, read-only or shutting down, a
// timeout, a deadlock. Messages of the server name columns and constraints, never
// values; its details, which do, are left out.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	switch code(err) {
	case codeUnique:
		return fmt.Errorf("%s: %w", doing, tokencore.ErrConflict)
	case codeForeignKey:
		return fmt.Errorf("%s: what it refers to: %w", doing, tokencore.ErrNotFound)
	default:
		return tokencore.Unavailable(doing, err)
	}
}

// code is the SQLSTATE of an error of the server, or empty.
func code(err error) string {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		return server.Code
	}
	return ""
}
