package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
	"github.com/awxgate/awxgate/tokencore/store/internal/watch"
)

// Options changes how a database is opened. The zero value never writes to it
// before the first Update.
type Options struct {
	// Create the database if it is missing, and migrate it if it is older than
	// this program. Default: refuse both with a StateError.
	Migrate bool
	// How long to wait while another process writes. Default: 5s.
	BusyTimeout time.Duration
	// How often to look for changes of other processes. Default: 100ms.
	PollInterval time.Duration
}

const (
	defaultBusyTimeout  = 5 * time.Second
	defaultPollInterval = 100 * time.Millisecond
)

func (o Options) withDefaults() Options {
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = defaultBusyTimeout
	}
	if o.PollInterval <= 0 {
		o.PollInterval = defaultPollInterval
	}
	return o
}

// Store is a tokencore.Store in an SQLite file. Use Open.
type Store struct {
	sqlstore.Reader
	writer  *sql.DB // one connection, so that writers of this process queue in order
	readers *sql.DB
	hot     *prepared
	origin  string // names this instance in the change table

	watchers watch.Watchers
	feed     *watch.Poller
}

// Open opens the database at path. It returns a *StateError when the file is not
// what it must be.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	options = options.withDefaults()
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding the database: %w", err)
	}
	if err := prepareFile(ctx, path, options); err != nil {
		return nil, err
	}
	s, err := connect(ctx, path, options)
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", path, err)
	}
	return s, nil
}

// prepareFile makes sure that there is a database of the right version.
func prepareFile(ctx context.Context, path string, options Options) error {
	state, err := Check(ctx, path)
	if err != nil {
		return err
	}
	switch {
	case state == Current:
		return nil
	case !options.Migrate, state != Missing && state != Empty && state != Pending:
		return &StateError{Path: path, State: state}
	case state == Missing:
		if err := create(path); err != nil {
			return err
		}
	}
	return migrate(ctx, path, options.BusyTimeout)
}

func connect(ctx context.Context, path string, options Options) (_ *Store, err error) {
	origin, err := tokencore.NewUUID(nil)
	if err != nil {
		return nil, fmt.Errorf("naming this instance: %w", err)
	}
	s := &Store{origin: origin}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	if s.writer, err = openDB(path, writing, options.BusyTimeout); err != nil {
		return nil, err
	}
	s.writer.SetMaxOpenConns(1)
	if err := s.writer.PingContext(ctx); err != nil {
		return nil, explain("connecting", err)
	}
	if s.readers, err = openDB(path, reading, options.BusyTimeout); err != nil {
		return nil, err
	}
	// One reader per processor and one for the feed; more would only wait.
	connections := max(4, runtime.GOMAXPROCS(0)) + 1
	s.readers.SetMaxOpenConns(connections)
	s.readers.SetMaxIdleConns(connections)
	if s.hot, err = prepare(ctx, s.readers, sqlstore.Hot...); err != nil {
		return nil, explain("preparing", err)
	}
	s.Reader = sqlstore.NewReader(newPool(s.readers, s.hot), dialect{})
	source, err := newSource(ctx, s.readers, origin)
	if err != nil {
		return nil, err
	}
	s.feed = &watch.Poller{
		Poll: source.poll, Interval: options.PollInterval, Timeout: pollTimeout, Deliver: s.watchers.Deliver, Finish: source.close,
	}
	return s, nil
}

// Watch implements tokencore.Store. The first call starts the feed of changes
// that other processes make; Close ends it.
func (s *Store) Watch(ctx context.Context, f func(tokencore.Change)) {
	s.watchers.Add(ctx, f)
	s.feed.Start()
}

// Announce implements tokencore.Store.
func (s *Store) Announce(changes ...tokencore.Change) { s.watchers.Deliver(changes...) }

// Ping implements tokencore.Store.
func (s *Store) Ping(ctx context.Context) error {
	var some bool
	err := s.readers.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM settings)`).Scan(&some)
	return explain("asking the database", err)
}

// Close implements tokencore.Store. It stops the change feed and waits for it.
func (s *Store) Close() error {
	s.feed.Stop()
	return s.release()
}

// release closes the writer last: it is the one that may empty the WAL.
func (s *Store) release() error {
	var errs []error
	if s.hot != nil {
		errs = append(errs, s.hot.close())
	}
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return tokencore.Unavailable("closing the database", err)
	}
	return nil
}

// access says what a connection is for.
type access bool

const (
	reading access = false
	writing access = true
)

// openDB makes a pool of connections; it does not connect yet. "mode=rw" never
// creates a file.
// cacheKiB is how much of the file each connection remembers at most. SQLite's own 2 MiB
// are less than the index of a hundred thousand digests.
const cacheKiB = 16 << 10

func openDB(path string, purpose access, busy time.Duration) (*sql.DB, error) {
	parameters := url.Values{"mode": {"rw"}, "_pragma": {
		"busy_timeout(" + strconv.FormatInt(busy.Milliseconds(), 10) + ")",
		"foreign_keys(1)",
		"synchronous(FULL)",
		"trusted_schema(0)",
		"cache_size(-" + strconv.Itoa(cacheKiB) + ")",
	}}
	if purpose == reading {
		parameters.Add("_pragma", "query_only(1)")
	}
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // "file:///C:/..." on Windows
	}
	location := url.URL{Scheme: "file", Path: path, RawQuery: parameters.Encode()}
	connector, err := newConnector(location.String())
	if err != nil {
		return nil, fmt.Errorf("configuring the database: %w", err)
	}
	return sql.OpenDB(connector), nil
}

var _ tokencore.Store = (*Store)(nil)
