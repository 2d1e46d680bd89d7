package sqlite

import (
	"context"
	"database/sql"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

const (
	// IMMEDIATE takes the write lock at once: a transaction that reads first and
	// writes later could otherwise fail halfway with SQLITE_BUSY.
	sqlBegin    = `BEGIN IMMEDIATE`
	sqlCommit   = `COMMIT`
	sqlRollback = `ROLLBACK`
)

// Update implements tokencore.Store.
func (s *Store) Update(ctx context.Context, fn func(tokencore.Tx) error) error {
	return s.watchers.Committed(s.transact(ctx, fn))
}

func (s *Store) transact(ctx context.Context, fn func(tokencore.Tx) error) ([]tokencore.Change, error) {
	writer, err := s.writer.Conn(ctx)
	if err != nil {
		return nil, explain("waiting to write", err)
	}
	defer writer.Close() // after that a transaction that was kept answers sql.ErrConnDone
	committed := false
	// A deferred rollback also covers a panic and runtime.Goexit in fn, and a
	// BEGIN that took effect although its context had ended.
	defer func() {
		if !committed {
			rollback(ctx, writer)
		}
	}()
	if _, err := writer.ExecContext(ctx, sqlBegin); err != nil {
		return nil, explain("beginning a transaction", err)
	}
	t := sqlstore.NewTx(conn{writer}, dialect{})
	if err := fn(t); err != nil {
		return nil, err
	}
	if err := s.record(ctx, conn{writer}, t); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, tokencore.Unavailable("committing", err)
	}
	// Once begun, a commit is not interrupted: nobody could say what became of it.
	if _, err := writer.ExecContext(context.WithoutCancel(ctx), sqlCommit); err != nil {
		return nil, explain("committing", err)
	}
	committed = true
	return t.Changes(), nil
}

// rollback gives the connection up if it does not obey, and SQLite rolls back then.
func rollback(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), sqlRollback); err != nil {
		discard(conn)
	}
}

const (
	sqlAdvance      = `UPDATE installation SET mark = mark + $1 RETURNING mark`
	sqlRecordChange = `INSERT INTO changes (id, origin, tag, kind, subject) VALUES ($1, $2, $3, $4, $5)`
	// As many rows go as came, but for one of each thousand: see restoremark.
	sqlPruneChanges = `DELETE FROM changes WHERE id > $1 - $2 AND id <= $1 AND id % $3 <> 0`
)

// record writes the changes for other processes into the same transaction.
func (s *Store) record(ctx context.Context, on conn, t *sqlstore.Tx) error {
	if err := t.Err(); err != nil {
		return err
	}
	changes := t.Changes()
	if len(changes) == 0 {
		changes = []tokencore.Change{{Kind: sqlstore.Unpublished}}
	}
	tag, err := tokencore.NewUUID(nil)
	if err != nil {
		return tokencore.Unavailable("tagging a transaction", err)
	}
	n := int64(len(changes))
	var mark int64
	if err := on.Query(ctx, sqlAdvance, []any{n}, func(r sqlstore.Row) error { return r.Scan(&mark) }); err != nil {
		return explain("moving the mark", err)
	}
	for i, change := range changes {
		if _, err := on.Exec(ctx, sqlRecordChange, mark-n+int64(i)+1, s.origin, tag, int64(change.Kind), change.ID); err != nil {
			return explain("recording a change", err)
		}
	}
	_, err = on.Exec(ctx, sqlPruneChanges, mark-sqlstore.KeptChanges, n, sqlstore.CheckpointEvery)
	return explain("pruning changes", err)
}
