package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// pollTimeout is when a poll that hangs counts as failed. With the default
// interval the watchers know within a second.
const pollTimeout = time.Second - defaultPollInterval

// Differs from its last value on the same connection if and only if another
// connection has committed since. It costs no read of the file.
const sqlDataVersion = `PRAGMA data_version`

// source reads the change table over one connection of its own.
type source struct {
	db      *sql.DB
	news    sqlstore.News
	conn    *sql.Conn
	version int64 // of the data that conn has seen
}

// newSource makes a source that knows all changes up to now.
func newSource(ctx context.Context, db *sql.DB, origin string) (*source, error) {
	s := &source{db: db, news: sqlstore.News{IsOwn: func(o string) bool { return o == origin }}}
	return s, explain("reading the change table", s.news.Begin(ctx, conn{db}))
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
	changes, err := s.news.Read(ctx, conn{s.conn})
	if err != nil {
		return nil, explain("reading the change table", err)
	}
	s.version = version
	return changes, nil
}

func (s *source) close() {
	if s.conn != nil {
		_ = s.conn.Close() // back to the pool, which Close ends
	}
}
