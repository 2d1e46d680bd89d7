package tokencore

import (
	"errors"
	"fmt"
)

// Sentinel errors. Each stands for a decision that a caller makes; test with
// errors.Is. None carries a credential.
var (
	// ErrNotFound: no such row. A definite answer.
	ErrNotFound = errors.New("not found")
	// ErrConflict: a unique rule would be broken.
	ErrConflict = errors.New("already exists")
	// ErrInvalidToken: no live token has this value: unknown, expired, revoked,
	// or its user is gone or disabled. HTTP 401.
	ErrInvalidToken = errors.New("invalid token")
	// ErrUnknownToken: the store has no token of this value; it never had, or the token
	// was revoked. It matches ErrInvalidToken, and clients are not told the difference.
	ErrUnknownToken = fmt.Errorf("unknown token: %w", ErrInvalidToken)
	// ErrScope: the token is live but does not carry the right. HTTP 403.
	ErrScope = errors.New("insufficient scope")
	// ErrBadCredentials: unknown user, wrong password or disabled account; which
	// of these is not said on purpose.
	ErrBadCredentials = errors.New("bad credentials")
	// ErrUnavailable: the store or the directory could not answer. It is never
	// the same as "invalid". HTTP 503.
	ErrUnavailable = errors.New("temporarily unavailable")
	// ErrConsumed: the authorization code or refresh token was used before, or
	// somebody else used it first.
	ErrConsumed = errors.New("already used")
	// ErrField: a query names a column that may not be filtered or ordered by.
	ErrField = errors.New("no such field")
)

// InvalidError says why a value was refused, in AWX's words. Field is the JSON
// key; an empty Field means the object as a whole (AWX's "__all__").
type InvalidError struct {
	Field   string
	Message string
}

func (e *InvalidError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// AccessDeniedError says that tokens may not be made for users of an external
// authentication provider while ALLOW_OAUTH2_FOR_EXTERNAL_USERS is off.
type AccessDeniedError struct {
	Provider string // "ldap", "social" or "enterprise"
}

// Error returns AWX's sentence, word for word; it is also the response body.
func (e *AccessDeniedError) Error() string {
	return fmt.Sprintf("(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (%s)", e.Provider)
}

// Unavailable wraps a technical failure so that errors.Is(err, ErrUnavailable)
// holds. Sentinels that already say what happened pass unchanged.
func Unavailable(doing string, err error) error {
	var invalid *InvalidError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid):
		return fmt.Errorf("%s: %w", doing, err)
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrNotFound), errors.Is(err, ErrConflict),
		errors.Is(err, ErrConsumed), errors.Is(err, ErrField), errors.Is(err, ErrBadCredentials):
		return fmt.Errorf("%s: %w", doing, err)
	default:
		return fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, err)
	}
}
