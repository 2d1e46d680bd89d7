package oauth

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/ory/fosite"

	"github.com/awxgate/awxgate/tokencore"
)

// exchange is what one request knows and learns on its way through fosite, which
// hands strategies and storage nothing of the caller's but a context. It belongs to
// one goroutine.
type exchange struct {
	client   *client
	settings tokencore.Settings
	now      time.Time
	form     url.Values // as sent; fosite sees less

	userID int64
	// userAnsibleID is the user's for whom the code or the refresh token was made.
	userAnsibleID string
	// scope is as the client worded it. AWX keeps order and repetitions, which
	// fosite's lists lose, so those stay empty.
	scope string
	code  tokencore.AuthorizationCode // that is being redeemed
	// sourceID is the refresh token that is being used up.
	sourceID int64

	// replayed is the grant of a code or refresh token that had been used before.
	// fosite's own handling of replays hides its failures from us.
	replayed string

	tx                      tokencore.Tx // only while fosite makes the answer
	tokenID                 int64        // the new access token
	accessHint, refreshHint string
}

// expires is when a new access token ends. Whole seconds are added, so that
// expires_in equals the setting unless the date had to be clamped.
func (e *exchange) expires() time.Time {
	return tokencore.ExpiryAfter(e.now, e.settings.AccessTokenSeconds)
}

// request is what fosite's storage interfaces return for a stored row.
func (e *exchange) request(grantID string, created time.Time) *fosite.Request {
	r := fosite.NewRequest()
	r.ID, r.RequestedAt, r.Client, r.Session = grantID, created, e.client, fositeSession{}
	return r
}

var errNoTransaction = errors.New("fosite writes outside of a transaction")

// transaction fails closed: nothing of a grant is ever written by itself.
func (e *exchange) transaction() (tokencore.Tx, error) {
	if e.tx == nil {
		return nil, errNoTransaction
	}
	return e.tx, nil
}

type exchangeKey struct{}

func (e *exchange) context(parent context.Context) context.Context {
	return context.WithValue(parent, exchangeKey{}, e)
}

// exchangeOf returns the exchange of a context, or one in which nothing is allowed.
func exchangeOf(ctx context.Context) *exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return e
	}
	return &exchange{client: &client{}}
}
