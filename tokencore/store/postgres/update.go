package postgres

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

const (
	// The lock on the one row of installation puts the writers of all nodes in order. Each
	// statement that follows sees what was committed before. The wait for it is bounded
	// by lock_timeout.
	sqlBegin    = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT FROM installation FOR UPDATE`
	sqlCommit   = `COMMIT`
	sqlRollback = `ROLLBACK`

	// Ids come from the mark and not from a sequence: they have no gaps, and their order
	// is that of the commits.
	sqlRecord = `WITH moved AS (UPDATE installation SET mark = mark + $1 RETURNING mark)
		INSERT INTO changes (id, origin, tag, kind, subject)
		SELECT moved.mark - $1 + change.n, $2, $3, change.kind, change.subject
		FROM moved, unnest($4::smallint[], $5::bigint[]) WITH ORDINALITY AS change (kind, subject, n)`

	// As many rows go as came, but for one of each thousand: see restoremark.
	sqlPrune = `DELETE FROM changes USING installation
		WHERE changes.id > mark - $1 - $2 AND changes.id <= mark - $2 AND changes.id % $3 <> 0`

	sqlNotify = `SELECT pg_notify('` + channelPrefix + `' || id, $1) FROM installation`
)

// Update implements tokencore.Store.
func (s *Store) Update(ctx context.Context, fn func(tokencore.Tx) error) error {
	return s.watchers.Committed(s.transact(ctx, fn))
}

func (s *Store) transact(ctx context.Context, fn func(tokencore.Tx) error) ([]tokencore.Change, error) {
	connection, err := s.acquire(ctx)
	if err != nil {
		return nil, explain("waiting to write", err)
	}
	defer connection.Release()
	ended := new(atomic.Bool)
	defer ended.Store(true)
	committed := false
	// A deferred rollback also covers a panic and runtime.Goexit in fn.
	defer func() {
		if !committed {
			s.rollback(ctx, connection)
		}
	}()
	on := conn{connection, s.limit}
	if _, err := on.Exec(ctx, sqlBegin); err != nil {
		return nil, explain("waiting to write", err)
	}
	t := sqlstore.NewTx(transaction{on, ended}, dialect{})
	if err := fn(t); err != nil {
		return nil, err
	}
	if err := t.Err(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, tokencore.Unavailable("committing", err)
	}
	if err := s.commit(ctx, connection, t.Changes()); err != nil {
		// Nobody knows whether it took effect, or will. If it has, this tells the watchers; if
		// it does later, its notification does, which no longer passes for our own.
		s.rename()
		s.watchers.Deliver(t.Changes()...)
		return nil, explain("committing", err)
	}
	committed = true
	return t.Changes(), nil
}

func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	return s.db.Acquire(ctx)
}

// commit records the changes, tells the other nodes of them, and commits, all in one
// message. Once begun it is not interrupted: nobody could say what became of it.
func (s *Store) commit(ctx context.Context, connection *pgxpool.Conn, changes []tokencore.Change) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limit)
	defer cancel()
	origin := *s.origin.Load()
	kinds, subjects := make([]int16, len(changes)), make([]int64, len(changes))
	for i, change := range changes {
		kinds[i], subjects[i] = int16(change.Kind), change.ID
	}
	if len(changes) == 0 {
		kinds, subjects = []int16{int16(sqlstore.Unpublished)}, []int64{0} // the mark moves with every transaction
	}
	batch := new(pgx.Batch)
	batch.Queue(sqlRecord, int64(len(kinds)), origin, newTag(), kinds, subjects)
	batch.Queue(sqlPrune, int64(len(kinds)), int64(sqlstore.KeptChanges), int64(sqlstore.CheckpointEvery))
	for _, payload := range payloads(origin, changes) {
		batch.Queue(sqlNotify, payload)
	}
	batch.Queue(sqlCommit)
	return connection.SendBatch(ctx, batch).Close()
}

// rollback gives the connection up if it does not obey; the server rolls back then.
func (s *Store) rollback(ctx context.Context, connection *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.limit)
	defer cancel()
	if _, err := connection.Exec(ctx, sqlRollback); err != nil {
		_ = connection.Conn().Close(ctx)
	}
}

// rename gives this instance another origin.
func (s *Store) rename() { s.origin.Store(new(newTag())) }

// newTag is 128 random bits.
func newTag() string {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}
