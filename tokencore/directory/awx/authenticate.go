package awx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// maxPassword bounds in bytes what is sent: servers in front of AWX answer a header of
// more than 8 KiB with an error of their own.
const maxPassword = 4096

// Authenticate implements tokencore.Directory. AWX decides, anew each time, and it takes
// its own time for names that it does not know. The user is the one whom AWX names: some
// of its backends, such as LDAP, take several spellings of a name.
func (d *Directory) Authenticate(ctx context.Context, username string, password tokencore.Secret) (tokencore.User, error) {
	if !sendable(username, password) {
		return tokencore.User{}, tokencore.ErrBadCredentials
	}
	ctx, cancel := context.WithTimeout(ctx, d.config.Timeout)
	defer cancel()
	user, err := d.whoIs(ctx, d.asking(Basic(username, password)))
	switch {
	case isRefusal(err):
		return tokencore.User{}, tokencore.ErrBadCredentials
	case err != nil:
		return tokencore.User{}, unavailable("checking a password", err)
	default:
		return user, nil
	}
}

// whoIs returns the user whom AWX sees behind a way to ask.
func (d *Directory) whoIs(ctx context.Context, get ask) (tokencore.User, error) {
	row, err := self(ctx, get)
	if err != nil {
		return tokencore.User{}, err
	}
	user, err := row.user()
	user.IsActive = true // AWX lets nobody else in
	return user, err
}

// isRefusal reports whether AWX answered that it does not accept a credential.
func isRefusal(err error) bool {
	status, _ := errors.AsType[statusError](err)
	return status == http.StatusUnauthorized || status == http.StatusForbidden
}

// asking fetches pages with a user's own credential.
func (d *Directory) asking(authorize func(*http.Request) error) ask {
	return func(ctx context.Context, path string, query url.Values, into any) error {
		_, err := d.client.get(ctx, path, query, authorize, into)
		return err
	}
}

// sendable reports whether AWX can be asked. In Basic (RFC 7617, section 2) a colon ends
// the name, so "a:b" would ask for the user "a".
func sendable(username string, password tokencore.Secret) bool {
	text := password.Reveal()
	return possibleName(username) && !strings.Contains(username, ":") &&
		text != "" && len(text) <= maxPassword && !strings.Contains(text, "\x00")
}

func unavailable(doing string, err error) error {
	return fmt.Errorf("%s: %w: %w", doing, tokencore.ErrUnavailable, err)
}
