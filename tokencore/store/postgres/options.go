package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options changes how a database is opened. The zero value never writes to it before the
// first Update.
type Options struct {
	// Set up an empty database, and migrate one that is older than this program.
	// Default: refuse both with a StateError.
	Migrate bool
	// The most connections at once; one more carries the feed. Default: 10, or what
	// pool_max_conns in the DSN says.
	MaxConns int
	// How long one attempt to connect may take. Default: 5s.
	ConnectTimeout time.Duration
	// How long a statement may take. Default: 5s.
	StatementTimeout time.Duration
	// How long a statement may wait for a lock, such as for the turn to write. Default: 4s.
	LockTimeout time.Duration
	// After what time the server ends the transaction of a node that has fallen silent in
	// the middle of it, so that others can write again. Default: 10s.
	IdleTimeout time.Duration
	// How often the feed checks its connection. Others' changes are missed for at most
	// twice that time before Watch says FeedLost. Default: 1s.
	Heartbeat time.Duration
	// Look for the changes of other nodes this often instead of listening, for servers
	// without LISTEN. 0: listen.
	PollInterval time.Duration
}

const (
	defaultMaxConns         = 10
	defaultConnectTimeout   = 5 * time.Second
	defaultStatementTimeout = 5 * time.Second
	defaultLockTimeout      = 4 * time.Second
	defaultIdleTimeout      = 10 * time.Second
	defaultHeartbeat        = time.Second
)

// grace is how much longer than the server we wait for its answer. What exceeds that
// is a link that is silent.
const grace = time.Second

func (o Options) withDefaults() Options {
	for value, byDefault := range map[*time.Duration]time.Duration{
		&o.ConnectTimeout:   defaultConnectTimeout,
		&o.StatementTimeout: defaultStatementTimeout,
		&o.LockTimeout:      defaultLockTimeout,
		&o.IdleTimeout:      defaultIdleTimeout,
		&o.Heartbeat:        defaultHeartbeat,
	} {
		if *value <= 0 {
			*value = byDefault
		}
	}
	return o
}

// configure reads a DSN. Its errors never show it, because there may be a password in it.
func configure(dsn string, o Options) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, invalid(err)
	}
	if o.MaxConns > 0 {
		config.MaxConns = int32(min(o.MaxConns, 10_000))
	} else if !poolSized(dsn) {
		config.MaxConns = defaultMaxConns
	}
	config.ConnConfig.ConnectTimeout = o.ConnectTimeout
	parameters := config.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"application_name":                    "awxgate",
		"statement_timeout":                   milliseconds(o.StatementTimeout),
		"lock_timeout":                        milliseconds(o.LockTimeout),
		"idle_in_transaction_session_timeout": milliseconds(o.IdleTimeout),
	} {
		if _, ok := parameters[name]; !ok { // the DSN may know better
			parameters[name] = value
		}
	}
	return config, nil
}

// poolSized reports whether the DSN itself says how many connections it allows.
func poolSized(dsn string) bool {
	plain, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return false
	}
	_, ok := plain.RuntimeParams["pool_max_conns"]
	return ok
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// errDSN says what a DSN looks like.
var errDSN = errors.New(
	"the address of the database is not valid: write postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, " +
		"with special characters in percent encoding, or libpq's keywords and values (host=HOST dbname=DATABASE)")

// invalid keeps of pgx's error only what cannot hold a password: pgx tries to mask it, but
// cannot find it in what it does not understand.
func invalid(err error) error {
	if file, ok := errors.AsType[*fs.PathError](err); ok { // a certificate, key or service file
		return fmt.Errorf("reading what the address of the database names: %w", file)
	}
	return errDSN
}
