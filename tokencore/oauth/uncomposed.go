package oauth

import (
	"context"
	"errors"
	"time"

	"github.com/ory/fosite"
)

// fosite's interfaces ask for more than the composed handlers call. These methods
// serve introspection, client assertions and fosite's own replay handling; if one
// is ever reached, the request fails and nothing is given away.
var errNotComposed = errors.New("fosite called what is not composed")

func (storage) ClientAssertionJWTValid(context.Context, string) error { return errNotComposed }

func (storage) SetClientAssertionJWT(context.Context, string, time.Time) error {
	return errNotComposed
}

func (storage) GetAccessTokenSession(context.Context, string, fosite.Session) (fosite.Requester, error) {
	return nil, errNotComposed
}

func (storage) DeleteAccessTokenSession(context.Context, string) error  { return errNotComposed }
func (storage) DeleteRefreshTokenSession(context.Context, string) error { return errNotComposed }
func (storage) RevokeRefreshToken(context.Context, string) error        { return errNotComposed }
func (storage) RevokeAccessToken(context.Context, string) error         { return errNotComposed }
