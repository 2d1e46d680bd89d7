package tokencore

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"time"
)

// Config tunes a Service. The zero Config works.
type Config struct {
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Rand is the source of secrets. Default: crypto/rand.
	Rand io.Reader
	// Node names this process in activity entries. Default: "awxgate".
	Node string
	// Logger gets one line per event that an operator cares about, never a
	// credential. Default: no logging.
	Logger *slog.Logger
}

// Service issues, verifies and revokes tokens. It is cheap, holds no resource of
// its own and is safe for concurrent use.
type Service struct {
	store     Store
	directory Directory
	now       func() time.Time
	random    io.Reader
	node      string
	log       *slog.Logger
}

// New returns a Service over a store and a directory.
func New(store Store, directory Directory, config Config) (*Service, error) {
	if store == nil || directory == nil {
		return nil, errors.New("tokencore needs a store and a directory")
	}
	s := &Service{
		store: store, directory: directory,
		now: config.Now, random: config.Rand, node: config.Node, log: config.Logger,
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.node == "" {
		s.node = "awxgate"
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// Store returns the store, for reading.
func (s *Service) Store() Store { return s.store }

// Directory returns the directory.
func (s *Service) Directory() Directory { return s.directory }

// Logger returns the logger.
func (s *Service) Logger() *slog.Logger { return s.log }

// Node returns the name of this process in activity entries.
func (s *Service) Node() string { return s.node }

// Rand returns the source of secrets.
func (s *Service) Rand() io.Reader { return s.random }

// Now returns the time in UTC, to the microsecond, as stores keep it.
func (s *Service) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// Actor gathers what access rules need to know about a user. The scope limits a
// token's bearer; a password or session gives ScopeRead|ScopeWrite.
func (s *Service) Actor(ctx context.Context, user User, scope Scope) (Actor, error) {
	roles, err := s.directory.Roles(ctx, user.ID)
	if err != nil {
		return Actor{}, Unavailable("looking up roles", err)
	}
	return Actor{User: user, Roles: roles, Scope: scope}, nil
}

// CheckOwner reports whether tokens may be made for the user: ErrBadCredentials
// for a disabled one, *AccessDeniedError for one of an external provider while
// that is not allowed.
func CheckOwner(user User, settings Settings) error {
	if !user.IsActive {
		return ErrBadCredentials
	}
	if user.External != "" && !settings.AllowExternalUsers {
		return &AccessDeniedError{Provider: user.External}
	}
	return nil
}
