package awx

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/awxgate/awxgate/tokencore"
)

// How many characters AWX's names have at most.
const (
	maxName             = 150 // of users
	maxOrganizationName = 512
)

// Directory is a tokencore.Directory over AWX's API. It is safe for concurrent use and
// holds nothing that must be closed. Use New.
type Directory struct {
	config Config
	client *client

	users         *memory[int64, tokencore.User]
	names         *memory[string, tokencore.User]
	organizations *memory[int64, tokencore.Organization]
	titles        *memory[string, tokencore.Organization] // by name
	roles         *memory[int64, tokencore.Roles]
}

// New returns a directory over the AWX at a URL. It does not ask AWX yet.
func New(config Config) (*Directory, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("configuring the AWX directory: %w", err)
	}
	base, err := baseURL(config.URL)
	if err != nil {
		return nil, fmt.Errorf("configuring the AWX directory: %w", err)
	}
	failures := &failures{log: config.Logger, now: config.Now}
	return &Directory{
		config:        config,
		client:        newClient(config, base),
		users:         newMemory[int64, tokencore.User](config, failures),
		names:         newMemory[string, tokencore.User](config, failures),
		organizations: newMemory[int64, tokencore.Organization](config, failures),
		titles:        newMemory[string, tokencore.Organization](config, failures),
		roles:         newMemory[int64, tokencore.Roles](config, failures),
	}, nil
}

// User implements tokencore.Directory.
func (d *Directory) User(ctx context.Context, id int64) (tokencore.User, error) {
	u, err := d.users.get(ctx, id, func(ctx context.Context) (tokencore.User, error) { return d.findUser(ctx, id) })
	return u, tokencore.Unavailable("looking up user", err)
}

// UserByName implements tokencore.Directory.
func (d *Directory) UserByName(ctx context.Context, username string) (tokencore.User, error) {
	if !possibleName(username) {
		return tokencore.User{}, tokencore.Unavailable("looking up user by name", tokencore.ErrNotFound)
	}
	u, err := d.names.get(ctx, username, func(ctx context.Context) (tokencore.User, error) {
		return d.findUserByName(ctx, username)
	})
	return u, tokencore.Unavailable("looking up user by name", err)
}

// possibleName reports whether a user could have that name.
func possibleName(name string) bool { return possibleText(name, maxName) }

// possibleText reports whether AWX can be asked for a name: it answers some with an
// error, which must not look like an outage.
func possibleText(name string, most int) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= most && !strings.Contains(name, "\x00")
}

// Organization implements tokencore.Directory.
func (d *Directory) Organization(ctx context.Context, id int64) (tokencore.Organization, error) {
	o, err := d.organizations.get(ctx, id, func(ctx context.Context) (tokencore.Organization, error) {
		return d.findOrganization(ctx, id)
	})
	return o, tokencore.Unavailable("looking up organization", err)
}

// OrganizationByName returns an organization by exact, case-sensitive name.
func (d *Directory) OrganizationByName(ctx context.Context, name string) (tokencore.Organization, error) {
	if !possibleText(name, maxOrganizationName) {
		return tokencore.Organization{}, tokencore.Unavailable("looking up organization by name", tokencore.ErrNotFound)
	}
	o, err := d.titles.get(ctx, name, func(ctx context.Context) (tokencore.Organization, error) {
		return d.findOrganizationByName(ctx, name)
	})
	return o, tokencore.Unavailable("looking up organization by name", err)
}

// Roles implements tokencore.Directory. ErrNotFound: no such user.
func (d *Directory) Roles(ctx context.Context, userID int64) (tokencore.Roles, error) {
	held, err := d.roles.get(ctx, userID, func(ctx context.Context) (tokencore.Roles, error) { return d.findRoles(ctx, userID) })
	if err != nil {
		return tokencore.Roles{}, tokencore.Unavailable("looking up roles", err)
	}
	return tokencore.Roles{ // copies: what is remembered is everybody's
		Admin: slices.Clone(held.Admin), Member: slices.Clone(held.Member), Auditor: slices.Clone(held.Auditor),
	}, nil
}

// Recheck is for who learns that something about users has changed in AWX: every answer
// that was asked for before is asked for again. It stays the one that counts while AWX
// cannot be asked.
func (d *Directory) Recheck() {
	d.users.recheck()
	d.names.recheck()
	d.organizations.recheck()
	d.titles.recheck()
	d.roles.recheck()
}

// LookUpAccount returns the account of Config.Authorize as AWX shows it, asked anew.
func (d *Directory) LookUpAccount(ctx context.Context) (tokencore.User, error) {
	ctx, cancel := context.WithTimeout(ctx, d.config.Timeout)
	defer cancel()
	user, err := d.whoIs(ctx, d.client.lookUp)
	if err != nil {
		return tokencore.User{}, unavailable("looking at the look-up account", err)
	}
	return user, nil
}

// mustSeeAll fails unless the look-up account sees everything. AWX shows others a part
// and does not say so: what is missing from their lists may well exist.
func (d *Directory) mustSeeAll(ctx context.Context) error {
	account, err := self(ctx, d.client.lookUp)
	if err != nil {
		return fmt.Errorf("looking at the look-up account: %w", err)
	}
	if !account.IsSuperuser && !account.IsSystemAuditor {
		return errPartialSight
	}
	return nil
}

// self reads the one row of /api/v2/me/.
func self(ctx context.Context, get ask) (userJSON, error) {
	rows, err := readAll[userJSON](ctx, get, "/api/v2/me/", nil)
	if err != nil {
		return userJSON{}, err
	}
	if len(rows) != 1 {
		return userJSON{}, errUnreadable
	}
	return rows[0], nil
}

var (
	errIncomplete   = errors.New("AWX shows a user without id, name or ansible_id; it must be 24.6.0 or later")
	errPartialSight = errors.New("the look-up account of the directory is neither System Auditor nor superuser in AWX, so it does not see everybody")
)

var _ tokencore.Directory = (*Directory)(nil)
