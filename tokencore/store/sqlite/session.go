package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

// querier runs statements: the readers, or the connection of a transaction.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// session runs statements and translates their errors.
type session struct {
	on querier
	// In a transaction a technical failure is final. SQLite may have rolled back
	// by itself after it, and what came next would then be written for good even
	// though Update fails.
	sticky bool
	failed error
}

// reader answers reads for the store and for a transaction; they differ in the
// connection and in what a failure means.
type reader struct{ session *session }

// row is one row of a result.
type row interface{ Scan(dest ...any) error }

// one returns the row that a statement finds.
func one[T any](ctx context.Context, s *session, doing string, scan func(row) (T, error), query string, args ...any) (T, error) {
	var none T
	if s.failed != nil {
		return none, s.failed
	}
	found, err := scan(s.on.QueryRowContext(ctx, query, args...))
	if err != nil {
		return none, s.explain(doing, err)
	}
	return found, nil
}

// list returns all rows that a statement finds or, with RETURNING, changes.
func list[T any](ctx context.Context, s *session, doing string, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	if s.failed != nil {
		return nil, s.failed
	}
	rows, err := s.on.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, s.explain(doing, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		found, err := scan(rows)
		if err != nil {
			return nil, s.explain(doing, err)
		}
		all = append(all, found)
	}
	if err := rows.Err(); err != nil {
		return nil, s.explain(doing, err)
	}
	return all, nil
}

// exec runs a statement and returns the number of rows that it changed.
func (s *session) exec(ctx context.Context, doing, query string, args ...any) (int, error) {
	if s.failed != nil {
		return 0, s.failed
	}
	result, err := s.on.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, s.explain(doing, err)
	}
	n, err := result.RowsAffected()
	return int(n), s.explain(doing, err)
}

// must is exec for a statement that changes one row, by id, or finds none.
func (s *session) must(ctx context.Context, doing, query string, args ...any) error {
	n, err := s.exec(ctx, doing, query, args...)
	if err == nil && n == 0 {
		err = explain(doing, sql.ErrNoRows)
	}
	return err
}

func (s *session) explain(doing string, err error) error {
	err = explain(doing, err)
	if s.sticky && errors.Is(err, tokencore.ErrUnavailable) {
		s.failed = err
	}
	return err
}

// snapshot runs fn on a session that sees one state of the database. A
// transaction does so anyway.
func (s *session) snapshot(ctx context.Context, doing string, needed bool, fn func(*session) error) error {
	store, ok := s.on.(*prepared)
	if !ok || !needed {
		return fn(s)
	}
	tx, err := store.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(doing, err)
	}
	defer tx.Rollback() //nolint:errcheck // it has only read
	return fn(&session{on: tx})
}

// prepared runs the hot look-ups without compiling them each time.
type prepared struct {
	*sql.DB
	statements map[string]*sql.Stmt
}

func prepare(ctx context.Context, db *sql.DB, queries ...string) (*prepared, error) {
	p := &prepared{db, make(map[string]*sql.Stmt, len(queries))}
	for _, query := range queries {
		statement, err := db.PrepareContext(ctx, query) //nolint:sqlclosecheck // close does, when the store is closed
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.statements[query] = statement
	}
	return p, nil
}

// QueryRowContext shadows that of sql.DB.
func (p *prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if statement, ok := p.statements[query]; ok {
		return statement.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}

func (p *prepared) close() error {
	errs := make([]error, 0, len(p.statements))
	for _, statement := range p.statements {
		errs = append(errs, statement.Close())
	}
	return errors.Join(errs...)
}

// discard closes a connection instead of giving it back to its pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close() // it is closed already; this frees its place in the pool
}

var (
	_ querier = (*prepared)(nil)
	_ querier = (*sql.Conn)(nil)
	_ querier = (*sql.Tx)(nil)
)
