package postgres

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// querier is what pgx can run statements on.
type querier interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

// conn runs statements, each within a time that a silent link cannot exceed.
type conn struct {
	on    querier
	limit time.Duration
}

func (c conn) Exec(ctx context.Context, query string, args ...any) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	tag, err := c.on.Exec(ctx, query, args...)
	return int(tag.RowsAffected()), err
}

func (c conn) Query(ctx context.Context, query string, args []any, scan func(sqlstore.Row) error) error {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	rows, err := c.on.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	_, err = read(rows, scan)
	return err
}

func read(rows pgx.Rows, scan func(sqlstore.Row) error) (int, error) {
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		if err := scan(rows); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// pool is all connections, each statement on any of them.
type pool struct {
	conn
	db *pgxpool.Pool
}

// Try implements sqlstore.Conn; there is no transaction to protect.
func (p pool) Try(ctx context.Context, query string, args []any, scan func(sqlstore.Row) error) (int, error) {
	if scan == nil {
		return p.Exec(ctx, query, args...)
	}
	return 0, p.Query(ctx, query, args, scan)
}

func (p pool) Snapshot(ctx context.Context, fn func(sqlstore.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, 2*p.limit)
	defer cancel()
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, p.db, options, func(tx pgx.Tx) error {
		return fn(transaction{conn: conn{tx, p.limit}, ended: new(atomic.Bool)})
	})
}

// transaction is the connection of a transaction until that has ended.
type transaction struct {
	conn
	ended *atomic.Bool
}

// errEnded is for whoever keeps a transaction.
var errEnded = errors.New("the transaction has ended")

func (t transaction) Exec(ctx context.Context, query string, args ...any) (int, error) {
	if t.ended.Load() {
		return 0, errEnded
	}
	return t.conn.Exec(ctx, query, args...)
}

func (t transaction) Query(ctx context.Context, query string, args []any, scan func(sqlstore.Row) error) error {
	if t.ended.Load() {
		return errEnded
	}
	return t.conn.Query(ctx, query, args, scan)
}

const (
	sqlSavepoint = `SAVEPOINT statement`
	sqlRelease   = `RELEASE SAVEPOINT statement`
	sqlUndo      = `ROLLBACK TO SAVEPOINT statement; RELEASE SAVEPOINT statement`
)

// Try implements sqlstore.Conn. An error aborts a transaction of PostgreSQL, so there is
// a savepoint before the statement; all three go to the server at once.
func (t transaction) Try(ctx context.Context, query string, args []any, scan func(sqlstore.Row) error) (int, error) {
	if t.ended.Load() {
		return 0, errEnded
	}
	n, err := t.try(ctx, query, args, scan)
	switch code(err) {
	case codeUnique, codeForeignKey:
		if _, undoing := t.conn.Exec(ctx, sqlUndo); undoing != nil {
			return 0, undoing
		}
	}
	return n, err
}

func (t transaction) try(ctx context.Context, query string, args []any, scan func(sqlstore.Row) error) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	batch := new(pgx.Batch)
	batch.Queue(sqlSavepoint)
	batch.Queue(query, args...)
	batch.Queue(sqlRelease)
	results := t.on.SendBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	if _, err := results.Exec(); err != nil {
		return 0, err
	}
	if scan == nil {
		tag, err := results.Exec()
		return int(tag.RowsAffected()), err
	}
	rows, err := results.Query()
	if err != nil {
		return 0, err
	}
	return read(rows, scan)
}

// Snapshot implements sqlstore.Conn: nobody else writes while an Update runs, and a
// snapshot is one already.
func (t transaction) Snapshot(_ context.Context, fn func(sqlstore.Conn) error) error { return fn(t) }

var (
	_ sqlstore.Conn = pool{}
	_ sqlstore.Conn = transaction{}
	_ querier       = (*pgxpool.Pool)(nil)
	_ querier       = (*pgxpool.Conn)(nil)
	_ querier       = pgx.Tx(nil)
)
