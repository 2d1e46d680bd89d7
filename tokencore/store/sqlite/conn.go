package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// querier is what database/sql can run statements on.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// conn is a transaction, or the connection of one.
type conn struct{ querier }

func (c conn) Exec(ctx context.Context, query string, args ...any) (int, error) {
	result, err := c.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func (c conn) Query(ctx context.Context, query string, args []any, scan func(sqlstore.Row) error) error {
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Try implements sqlstore.Conn: SQLite undoes a statement that fails, and no more.
func (c conn) Try(ctx context.Context, query string, args []any, scan func(sqlstore.Row) error) (int, error) {
	if scan == nil {
		return c.Exec(ctx, query, args...)
	}
	rows := 0
	err := c.Query(ctx, query, args, func(r sqlstore.Row) error { rows++; return scan(r) })
	return rows, err
}

func (c conn) Snapshot(_ context.Context, fn func(sqlstore.Conn) error) error { return fn(c) }

// pool is connections that read, each statement on any of them.
type pool struct {
	conn
	db *sql.DB
}

func newPool(db *sql.DB, hot *prepared) pool { return pool{conn{hot}, db} }

func (p pool) Snapshot(ctx context.Context, fn func(sqlstore.Conn) error) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it has only read
	return fn(conn{tx})
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

// QueryContext shadows that of sql.DB.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if statement, ok := p.statements[query]; ok {
		return statement.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, query, args...)
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
	_ sqlstore.Conn = conn{}
	_ sqlstore.Conn = pool{}
	_ querier       = (*prepared)(nil)
	_ querier       = (*sql.Conn)(nil)
	_ querier       = (*sql.Tx)(nil)
)
