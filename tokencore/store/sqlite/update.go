package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	// IMMEDIATE takes the write lock at once: a transaction that reads first and
	// writes later could otherwise fail halfway with SQLITE_BUSY.
	sqlBegin    = `BEGIN IMMEDIATE`
	sqlCommit   = `COMMIT`
	sqlRollback = `ROLLBACK`
)

// tx is what an Update hands to its function.
type tx struct {
	reader
	changes []tokencore.Change
}

func (t *tx) publish(kind tokencore.ChangeKind, id int64) {
	t.changes = append(t.changes, tokencore.Change{Kind: kind, ID: id})
}

// Update implements tokencore.Store.
func (s *Store) Update(ctx context.Context, fn func(tokencore.Tx) error) error {
	changes, err := s.transact(ctx, fn)
	if err != nil {
		return err
	}
	s.watchers.Deliver(changes...)
	return nil
}

func (s *Store) transact(ctx context.Context, fn func(tokencore.Tx) error) ([]tokencore.Change, error) {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return nil, explain("waiting to write", err)
	}
	defer conn.Close() // after that a transaction that was kept answers sql.ErrConnDone
	committed := false
	// A deferred rollback also covers a panic and runtime.Goexit in fn, and a
	// BEGIN that took effect although its context had ended.
	defer func() {
		if !committed {
			rollback(ctx, conn)
		}
	}()
	if _, err := conn.ExecContext(ctx, sqlBegin); err != nil {
		return nil, explain("beginning a transaction", err)
	}
	t := &tx{reader: reader{session: &session{on: conn, sticky: true}}}
	if err := fn(t); err != nil {
		return nil, err
	}
	if err := t.record(ctx, s.origin); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, tokencore.Unavailable("committing", err)
	}
	// Once begun, a commit is not interrupted: nobody could say what became of it.
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), sqlCommit); err != nil {
		return nil, explain("committing", err)
	}
	committed = true
	return t.changes, nil
}

// rollback gives the connection up if it does not obey, and SQLite rolls back then.
func rollback(ctx context.Context, conn *sql.Conn) {
	if _, err := conn.ExecContext(context.WithoutCancel(ctx), sqlRollback); err != nil {
		discard(conn)
	}
}

const (
	sqlRecordChange = `INSERT INTO changes (origin, kind, subject) VALUES (?, ?, ?)`
	sqlPruneChanges = `DELETE FROM changes WHERE id <= (SELECT max(id) FROM changes) - ?`
)

// keptChanges is how many changes another process may lag behind before it is
// told that anything may have changed.
const keptChanges = 10_000

// record writes the changes for other processes into the same transaction.
func (t *tx) record(ctx context.Context, origin string) error {
	if t.session.failed != nil {
		return fmt.Errorf("committing after a failure: %w", t.session.failed)
	}
	if len(t.changes) == 0 {
		return nil
	}
	for _, change := range t.changes {
		if _, err := t.session.exec(ctx, "recording a change", sqlRecordChange, origin, int64(change.Kind), change.ID); err != nil {
			return err
		}
	}
	_, err := t.session.exec(ctx, "pruning changes", sqlPruneChanges, keptChanges)
	return err
}

var _ tokencore.Tx = (*tx)(nil)
