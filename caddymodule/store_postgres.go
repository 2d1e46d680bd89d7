package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

func init() { caddy.RegisterModule(new(PostgresStore)) }

const (
	postgresDriver  = "postgres"
	storeVariable   = "AWXGATE_STORE"
	defaultDatabase = "{env." + storeVariable + "}"
)

// PostgresStore keeps everything in a PostgreSQL database, version 13 or later, which
// several gateways may share.
type PostgresStore struct {
	// The address of the database: a URL such as postgres://awxgate@db/awxgate, or
	// libpq's keywords and values. Its password is to be a placeholder, or all of it is,
	// so that it is not part of the configuration. Default: {env.AWXGATE_STORE}.
	DSN string `json:"dsn,omitempty"`

	// The directory for what belongs to this gateway alone. It must exist; only the
	// default is created. Default: ./data.
	StateDirectory string `json:"state_directory,omitempty"`

	// The most connections at once; one more carries the changes of other gateways.
	// Default: 10, or pool_max_conns in the address.
	MaxConns int `json:"max_conns,omitempty"`

	// How long one attempt to connect may take. Default: 5s.
	ConnectTimeout caddy.Duration `json:"connect_timeout,omitempty"`

	// How long a statement may take. Default: 5s.
	StatementTimeout caddy.Duration `json:"statement_timeout,omitempty"`

	// How often the connection that carries the changes of other gateways is checked.
	// Their changes are missed for at most twice that time before this gateway asks the
	// database about every token. Default: 1s.
	Heartbeat caddy.Duration `json:"heartbeat,omitempty"`

	// Look for the changes of other gateways this often instead of listening, where a
	// connection pooler does not pass LISTEN on. Default: listen.
	PollInterval caddy.Duration `json:"poll_interval,omitempty"`

	dsn       tokencore.Secret
	directory dataDirectory
}

// CaddyModule returns the Caddy module information.
func (*PostgresStore) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: storeNamespace + "." + postgresDriver, New: func() caddy.Module { return new(PostgresStore) }}
}

// Provision resolves placeholders.
func (s *PostgresStore) Provision(caddy.Context) (err error) {
	dsn := s.DSN
	if dsn == "" {
		dsn = defaultDatabase
	}
	if showsPassword(dsn) {
		return errPasswordShown
	}
	// Its errors name the placeholder, not what it stands for.
	if dsn, err = caddy.NewReplacer().ReplaceOrErr(dsn, true, true); err != nil {
		return fmt.Errorf("address of the database: %w", err)
	}
	s.dsn = tokencore.NewSecret(dsn)
	s.directory, err = newDataDirectory(s.StateDirectory)
	return err
}

// Validate checks what does not depend on the outside.
func (s *PostgresStore) Validate() error {
	if s.MaxConns < 0 || min(s.ConnectTimeout, s.StatementTimeout, s.Heartbeat, s.PollInterval) < 0 {
		return errors.New("max_conns and the durations of a database are to be positive")
	}
	return nil
}

// Key implements StoreModule.
func (s *PostgresStore) Key() string {
	return fmt.Sprintf("postgres %s %+v %s", s.dsn.Reveal(), s.options(), s.directory.path)
}

func (s *PostgresStore) options() postgres.Options {
	return postgres.Options{
		MaxConns:         s.MaxConns,
		ConnectTimeout:   time.Duration(s.ConnectTimeout),
		StatementTimeout: time.Duration(s.StatementTimeout),
		Heartbeat:        time.Duration(s.Heartbeat),
		PollInterval:     time.Duration(s.PollInterval),
	}
}

// Open implements StoreModule.
func (s *PostgresStore) Open(ctx context.Context) (tokencore.Store, error) {
	if err := s.directory.check(); err != nil {
		return nil, err
	}
	return s.open(ctx, s.options())
}

// Create implements StoreModule.
func (s *PostgresStore) Create(ctx context.Context) (tokencore.Store, error) {
	if err := s.directory.make(); err != nil {
		return nil, err
	}
	options := s.options()
	options.Migrate = true
	return s.open(ctx, options)
}

func (s *PostgresStore) open(ctx context.Context, options postgres.Options) (tokencore.Store, error) {
	store, err := postgres.Open(ctx, s.dsn.Reveal(), options)
	if err == nil {
		return store, nil
	}
	if state, ok := errors.AsType[*postgres.StateError](err); ok && state.State == postgres.Missing {
		return nil, errors.New(err.Error()) // Create would not make it, so this is not the first start
	}
	return nil, err
}

// UnmarshalCaddyfile reads the module. Instead of its name there may be the address, as
// in "store {$AWXGATE_STORE:sqlite}". An empty directory, which an unset environment
// variable leaves, means the default. Syntax:
//
//	postgres [<address> [<state directory>]] {
//	    state_directory   <directory>
//	    max_conns         <number>
//	    connect_timeout   <duration>
//	    statement_timeout <duration>
//	    heartbeat         <duration>
//	    poll_interval     <duration>
//	}
func (s *PostgresStore) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // the module's name
	address := ""
	if isDatabaseURL(d.Val()) || d.NextArg() {
		address = d.Val()
	}
	if d.NextArg() {
		s.StateDirectory = d.Val()
	}
	if d.NextArg() {
		return d.Err("a database takes two arguments: its address, and the directory for what belongs to this gateway alone")
	}
	s.DSN = asPlaceholder(address)
	if showsPassword(s.DSN) {
		return d.WrapErr(errPasswordShown)
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := s.unmarshalOption(d); err != nil {
			return err
		}
	}
	return nil
}

func (s *PostgresStore) unmarshalOption(d *caddyfile.Dispenser) error {
	option := d.Val()
	durations := map[string]*caddy.Duration{
		"connect_timeout": &s.ConnectTimeout, "statement_timeout": &s.StatementTimeout,
		"heartbeat": &s.Heartbeat, "poll_interval": &s.PollInterval,
	}
	duration, isDuration := durations[option]
	var text string
	switch {
	case option == "state_directory":
		return readOnce(d, &s.StateDirectory)
	case option != "max_conns" && !isDuration:
		return d.Errf("unrecognized subdirective: %s", option)
	}
	if err := readOnce(d, &text); err != nil {
		return err
	}
	if isDuration {
		return readDuration(d, option, text, duration)
	}
	number, err := strconv.Atoi(text)
	if err != nil || number <= 0 {
		return d.Errf("%s is to be a positive number, not %s", option, text)
	}
	if s.MaxConns != 0 {
		return d.Errf("%s is given twice", option)
	}
	s.MaxConns = number
	return nil
}

var (
	_ caddy.Provisioner     = (*PostgresStore)(nil)
	_ caddy.Validator       = (*PostgresStore)(nil)
	_ caddyfile.Unmarshaler = (*PostgresStore)(nil)
	_ StoreModule           = (*PostgresStore)(nil)
)
