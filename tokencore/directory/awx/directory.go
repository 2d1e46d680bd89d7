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

// maxName is how many characters AWX's user names have at most.
const maxName = 150

// Directory is a tokencore.Directory over AWX's API. It is safe for concurrent use and
// holds nothing that must be closed. Use New.
type Directory struct {
	config Config
	client *client

	users         *memory[int64, tokencore.User]
	names         *memory[string, tokencore.User]
	organizations *memory[int64, tokencore.Organization]
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

// possibleName reports whether a user could have that name: AWX answers some of the others
// with an error, which must not look like an outage.
func possibleName(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxName && !strings.Contains(name, "\x00")
}

// Organization implements tokencore.Directory.
func (d *Directory) Organization(ctx context.Context, id int64) (tokencore.Organization, error) {
	o, err := d.organizations.get(ctx, id, func(ctx context.Context) (tokencore.Organization, error) {
		return d.findOrganization(ctx, id)
	})
	return o, tokencore.Unavailable("looking up organization", err)
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

// mustSeeAll fails unless the look-up account sees everything. AWX shows others a part
// and does not say so: what is missing from their lists may well exist.
func (d *Directory) mustSeeAll(ctx context.Context) error {
	rows, err := readAll[userJSON](ctx, d.client.lookUp, "/api/v2/me/", nil)
	if err != nil {
		return fmt.Errorf("looking at the look-up account: %w", err)
	}
	if len(rows) != 1 {
		return fmt.Errorf("looking at the look-up account: %w", errUnreadable)
	}
	if !rows[0].IsSuperuser && !rows[0].IsSystemAuditor {
		return errPartialSight
	}
	return nil
}

var (
	errIncomplete   = errors.New("AWX shows a user without id, name or ansible_id; it must be 24.6.0 or later")
	errPartialSight = errors.New("the look-up account of the directory is neither System Auditor nor superuser in AWX, so it does not see everybody")
)

var _ tokencore.Directory = (*Directory)(nil)
