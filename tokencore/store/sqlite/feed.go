package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// pollTimeout is when a poll that hangs counts as failed. With the default
// interval the watchers know within a second.
const pollTimeout = time.Second - defaultPollInterval

// feed brings the changes of other processes to the watchers. Its goroutine
// runs from start to stop.
type feed struct {
	interval time.Duration
	poll     func(ctx context.Context) ([]tokencore.Change, error)
	deliver  func(changes ...tokencore.Change)
	finish   func()

	ctx     context.Context //nolint:containedctx // the life of the goroutine
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func newFeed(
	interval time.Duration, poll func(context.Context) ([]tokencore.Change, error),
	deliver func(...tokencore.Change), finish func(),
) *feed {
	f := &feed{interval: interval, poll: poll, deliver: deliver, finish: finish}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

func (f *feed) start() { f.running.Go(f.run) }

// stop waits for the goroutine, if there is one.
func (f *feed) stop() {
	f.cancel()
	f.running.Wait()
}

func (f *feed) run() {
	defer f.finish()
	ticker := time.NewTicker(f.interval)
	defer ticker.Stop()
	lost := false
	for {
		changes, err := f.look()
		switch {
		case f.ctx.Err() != nil:
			return
		case err == nil && lost:
			lost = false
			f.deliver(append(changes, tokencore.Change{Kind: tokencore.FeedRestored})...)
		case err == nil && len(changes) > 0:
			f.deliver(changes...)
		case err != nil && !lost:
			lost = true
			f.deliver(tokencore.Change{Kind: tokencore.FeedLost})
		}
		select {
		case <-f.ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (f *feed) look() ([]tokencore.Change, error) {
	ctx, cancel := context.WithTimeout(f.ctx, pollTimeout)
	defer cancel()
	return f.poll(ctx)
}

const (
	// Differs from its last value on the same connection if and only if another
	// connection has committed since. It costs no read of the file.
	sqlDataVersion = `PRAGMA data_version`

	sqlLastChange = `SELECT coalesce(max(id), 0) FROM changes`
	sqlNewChanges = `SELECT id, origin, kind, subject FROM changes WHERE id > $1 ORDER BY id`
)

// source reads the change table over one connection of its own.
type source struct {
	db      *sql.DB
	origin  string // whose changes are not news
	conn    *sql.Conn
	version int64 // of the data that conn has seen
	seen    int64 // the last change
}

// newSource makes a source that knows all changes up to now.
func newSource(ctx context.Context, db *sql.DB, origin string) (*source, error) {
	s := &source{db: db, origin: origin}
	err := db.QueryRowContext(ctx, sqlLastChange).Scan(&s.seen)
	return s, explain("reading the change table", err)
}

func (s *source) poll(ctx context.Context) (_ []tokencore.Change, err error) {
	if s.conn == nil {
		if s.conn, err = s.db.Conn(ctx); err != nil {
			return nil, explain("connecting", err)
		}
		s.version = -1 // versions of different connections say nothing about each other
	}
	defer func() {
		if err != nil {
			discard(s.conn)
			s.conn = nil
		}
	}()
	var version int64
	if err := s.conn.QueryRowContext(ctx, sqlDataVersion).Scan(&version); err != nil {
		return nil, explain("reading the data version", err)
	}
	if version == s.version {
		return nil, nil
	}
	changes, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	s.version = version
	return changes, nil
}

// read returns the changes of others since the last time. Ids have no gaps, so
// a gap means that changes were pruned before they were seen.
func (s *source) read(ctx context.Context) ([]tokencore.Change, error) {
	var rows []recorded
	err := conn{s.conn}.Query(ctx, sqlNewChanges, []any{s.seen}, func(r sqlstore.Row) error {
		var one recorded
		err := r.Scan(&one.id, &one.origin, &one.change.Kind, &one.change.ID)
		rows = append(rows, one)
		return err
	})
	if err != nil || len(rows) == 0 {
		return nil, explain("reading the change table", err)
	}
	missed := rows[0].id != s.seen+1
	s.seen = rows[len(rows)-1].id
	if missed {
		return []tokencore.Change{{Kind: tokencore.ChangeAll}}, nil
	}
	var changes []tokencore.Change
	for _, row := range rows {
		if row.origin != s.origin {
			changes = append(changes, row.change)
		}
	}
	return changes, nil
}

func (s *source) close() {
	if s.conn != nil {
		_ = s.conn.Close() // back to the pool, which Close ends
	}
}

type recorded struct {
	id     int64
	origin string
	change tokencore.Change
}
