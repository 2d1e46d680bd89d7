package local

import (
	"context"
	"errors"
	"log/slog"
	"runtime"

	"github.com/awxgate/awxgate/tokencore"
)

// Config tunes a Directory. The zero Config works.
type Config struct {
	// Concurrency is how many passwords are hashed at a time. Each takes 19 MiB
	// for the time of the hash. Default: GOMAXPROCS.
	Concurrency int
	// Logger gets a line when the hash of an imported password could not be
	// renewed. Default: no logging.
	Logger *slog.Logger
}

// Directory is a tokencore.Directory over the accounts of a store. It is safe for
// concurrent use and holds nothing that must be closed. Use New.
type Directory struct {
	store tokencore.Store
	slots chan struct{}
	log   *slog.Logger
	check func(passwordHash, string) bool
}

// New returns a directory over a store.
func New(store tokencore.Store, config Config) *Directory {
	if config.Concurrency <= 0 {
		config.Concurrency = runtime.GOMAXPROCS(0)
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Directory{
		store: store,
		slots: make(chan struct{}, config.Concurrency),
		log:   config.Logger,
		check: passwordHash.matches,
	}
}

// User implements tokencore.Directory. The user comes without the password hash.
func (d *Directory) User(ctx context.Context, id int64) (tokencore.User, error) {
	u, err := d.store.User(ctx, id)
	return withoutHash(u), tokencore.Unavailable("looking up user", err)
}

// UserByName implements tokencore.Directory. The user comes without the password hash.
func (d *Directory) UserByName(ctx context.Context, username string) (tokencore.User, error) {
	u, err := d.store.UserByName(ctx, username)
	return withoutHash(u), tokencore.Unavailable("looking up user by name", err)
}

// Organization implements tokencore.Directory.
func (d *Directory) Organization(ctx context.Context, id int64) (tokencore.Organization, error) {
	o, err := d.store.Organization(ctx, id)
	return o, tokencore.Unavailable("looking up organization", err)
}

// Roles implements tokencore.Directory.
func (d *Directory) Roles(ctx context.Context, userID int64) (tokencore.Roles, error) {
	roles, err := d.store.Roles(ctx, userID)
	return roles, tokencore.Unavailable("looking up roles", err)
}

// Authenticate implements tokencore.Directory. It writes to the store only to
// renew the hash of an imported password. While DISABLE_LOCAL_AUTH is set, nobody's
// password is good.
func (d *Directory) Authenticate(ctx context.Context, username string, password tokencore.Secret) (tokencore.User, error) {
	if checkLength(password) != nil {
		// Refused before the user is looked up, so this says nothing about anybody.
		return tokencore.User{}, tokencore.ErrBadCredentials
	}
	stored, err := d.store.StoredSettings(ctx)
	if err != nil {
		return tokencore.User{}, tokencore.Unavailable("reading settings", err)
	}
	if tokencore.ParseSettings(stored).LocalAuthOff {
		return tokencore.User{}, tokencore.ErrBadCredentials
	}
	u, err := d.store.UserByName(ctx, username)
	if err != nil && !errors.Is(err, tokencore.ErrNotFound) {
		return tokencore.User{}, tokencore.Unavailable("looking up user by name", err)
	}
	hash, usable := parseHash(u.PasswordHash)
	possible := err == nil && u.IsActive && usable
	if !possible {
		hash = decoy
	}
	var matches bool
	if err := d.bounded(ctx, func() { matches = d.check(hash, password.Reveal()) }); err != nil {
		return tokencore.User{}, err
	}
	if !matches || !possible {
		return tokencore.User{}, tokencore.ErrBadCredentials
	}
	if !hash.current() {
		d.renew(ctx, u, password)
	}
	return withoutHash(u), nil
}

// HashPassword returns what may be stored of a new password; see the function of
// the same name. It waits for its turn like a login does.
func (d *Directory) HashPassword(password tokencore.Secret) (string, error) {
	return d.hash(context.Background(), password)
}

func (d *Directory) hash(ctx context.Context, password tokencore.Secret) (hash string, err error) {
	if err := d.bounded(ctx, func() { hash, err = HashPassword(password) }); err != nil {
		return "", err
	}
	return hash, err
}

// renew replaces the hash of an imported password. A failure is no reason to
// refuse the login: the next one tries again.
func (d *Directory) renew(ctx context.Context, u tokencore.User, password tokencore.Secret) {
	hash, err := d.hash(ctx, password)
	if err == nil {
		err = d.store.Update(ctx, func(tx tokencore.Tx) error {
			stored, err := tx.User(ctx, u.ID)
			if err != nil || stored.PasswordHash != u.PasswordHash {
				return tokencore.Unavailable("loading user", err) // deleted or given another password meanwhile
			}
			stored.PasswordHash = hash
			return tokencore.Unavailable("updating user", tx.UpdateUser(ctx, stored))
		})
	}
	if err != nil {
		d.log.WarnContext(ctx, "password hash not renewed", "user_id", u.ID, "error", err)
	}
}

// bounded waits for a turn to hash, and takes it.
func (d *Directory) bounded(ctx context.Context, work func()) error {
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
		work()
		return nil
	case <-ctx.Done():
		return tokencore.Unavailable("waiting to hash a password", ctx.Err())
	}
}

func withoutHash(u tokencore.User) tokencore.User {
	u.PasswordHash = ""
	return u
}

var _ tokencore.Directory = (*Directory)(nil)
