package postgres

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
	"github.com/awxgate/awxgate/tokencore/store/internal/watch"
)

// Store is a tokencore.Store in a PostgreSQL database. Use Open.
type Store struct {
	sqlstore.Reader
	db     *pgxpool.Pool
	limit  time.Duration          // of every statement
	origin atomic.Pointer[string] // names this instance in notifications

	watchers watch.Watchers
	feed     changeFeed
}

// changeFeed brings the changes of other nodes to the watchers: it listens or polls.
type changeFeed interface {
	start(ctx context.Context) error
	stop()
	stats() FeedStats
}

// Open connects to the database that a DSN names: a URL, or libpq's keywords and values.
// It returns a *StateError when the database is not what it must be, and an error that
// matches tokencore.ErrUnavailable when it cannot be reached. No error shows a password.
func Open(ctx context.Context, dsn string, options Options) (*Store, error) {
	options = options.withDefaults()
	config, err := configure(dsn, options)
	if err != nil {
		return nil, err
	}
	if err := prepareDatabase(ctx, config, options.Migrate); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	db, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, explain("opening the database", err)
	}
	s := &Store{db: db, limit: options.StatementTimeout + grace}
	s.rename()
	s.Reader = sqlstore.NewReader(pool{conn{db, s.limit}, db}, dialect{})
	if options.PollInterval > 0 {
		s.feed = newPoller(pool{conn{db, s.limit}, db}, options, s.isOwn, s.watchers.Deliver)
	} else {
		s.feed = newListener(config.ConnConfig, options.Heartbeat, s.isOwn, s.watchers.Deliver)
	}
	if err := s.feed.start(ctx); err != nil {
		db.Close()
		return nil, explain("opening the database", err)
	}
	return s, nil
}

func (s *Store) isOwn(origin string) bool { return origin == *s.origin.Load() }

// Watch implements tokencore.Store.
func (s *Store) Watch(ctx context.Context, f func(tokencore.Change)) { s.watchers.Add(ctx, f) }

// Announce implements tokencore.Store.
func (s *Store) Announce(changes ...tokencore.Change) { s.watchers.Deliver(changes...) }

// Ping implements tokencore.Store.
func (s *Store) Ping(ctx context.Context) error {
	var some bool
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	err := s.db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM installation)`).Scan(&some)
	return explain("asking the database", err)
}

// Close implements tokencore.Store. It stops the feed and waits for it.
func (s *Store) Close() error {
	s.feed.stop()
	s.db.Close()
	return nil
}

var _ tokencore.Store = (*Store)(nil)
