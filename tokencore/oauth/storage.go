package oauth

import (
	"context"
	"errors"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	fositestorage "github.com/ory/fosite/storage"

	"github.com/awxgate/awxgate/tokencore"
)

// storage lets fosite read from the service's store and, in the transaction that
// the exchange carries, write to it.
//
// Its errors are those of this package and of tokencore. fosite renames and wraps
// errors, but keeps them findable by errors.As and errors.Is; see wireErrorOf.
type storage struct{ svc *tokencore.Service }

// GetClient knows the client that was looked up before fosite was called.
func (storage) GetClient(ctx context.Context, id string) (fosite.Client, error) {
	if c := exchangeOf(ctx).client; id != "" && c.GetID() == id {
		return c, nil
	}
	return nil, fosite.ErrNotFound
}

// Authenticate checks a password. It runs before the transaction: the directory may
// be far away.
func (s storage) Authenticate(ctx context.Context, name, password string) (subject string, err error) {
	user, err := s.svc.Directory().Authenticate(ctx, name, tokencore.NewSecret(password))
	switch {
	case errors.Is(err, tokencore.ErrBadCredentials), errors.Is(err, tokencore.ErrNotFound):
		return "", errWrongPassword
	case err != nil:
		return "", tokencore.Unavailable("checking password", err)
	}
	e := exchangeOf(ctx)
	e.userID, e.userAnsibleID = user.ID, user.AnsibleID
	return user.Username, nil
}

func (s storage) CreateAccessTokenSession(ctx context.Context, signature string, request fosite.Requester) error {
	e := exchangeOf(ctx)
	tx, err := e.transaction()
	if err != nil {
		return err
	}
	digest, err := tokencore.ParseDigest(signature)
	if err != nil {
		return err
	}
	token := tokencore.Token{
		Digest: digest, Hint: e.accessHint, UserID: e.userID, UserAnsibleID: e.userAnsibleID, ApplicationID: e.client.app.ID,
		GrantID: request.GetID(), SourceID: e.sourceID, Scope: e.scope, Created: e.now, Modified: e.now, Expires: e.expires(),
	}
	if err := s.svc.AddToken(ctx, tx, tokencore.Actor{}, &token); err != nil {
		return grantError("issuing token", err)
	}
	e.tokenID = token.ID
	return nil
}

func (storage) CreateRefreshTokenSession(ctx context.Context, signature, _ string, request fosite.Requester) error {
	e := exchangeOf(ctx)
	tx, err := e.transaction()
	if err != nil {
		return err
	}
	digest, err := tokencore.ParseDigest(signature)
	if err != nil {
		return err
	}
	return grantError("issuing refresh token", tx.CreateRefreshToken(ctx, &tokencore.RefreshToken{
		Digest: digest, Hint: e.refreshHint, UserID: e.userID, UserAnsibleID: e.userAnsibleID, ApplicationID: e.client.app.ID,
		TokenID: e.tokenID, GrantID: request.GetID(), Scope: e.scope, Created: e.now,
	}))
}

// GetRefreshTokenSession treats another client's token as unknown.
func (s storage) GetRefreshTokenSession(ctx context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	digest, err := tokencore.ParseDigest(signature)
	if err != nil {
		return nil, errInvalidGrant
	}
	e := exchangeOf(ctx)
	refresh, err := s.reader(e).RefreshTokenByDigest(ctx, digest)
	if err != nil {
		return nil, grantError("looking up refresh token", err)
	}
	if refresh.ApplicationID != e.client.app.ID {
		return nil, errInvalidGrant
	}
	if !refresh.Live() {
		e.replayed = refresh.GrantID
		return nil, errInvalidGrant
	}
	e.userID, e.userAnsibleID = refresh.UserID, refresh.UserAnsibleID
	return e.request(refresh.GrantID, refresh.Created), nil
}

// RotateRefreshToken is where a race for a refresh token is decided. The new scope is
// measured by the old access token, which somebody may have narrowed by hand; when
// that token is gone its refresh token is worth nothing.
func (s storage) RotateRefreshToken(ctx context.Context, _, signature string) error {
	e := exchangeOf(ctx)
	tx, err := e.transaction()
	if err != nil {
		return err
	}
	digest, err := tokencore.ParseDigest(signature)
	if err != nil {
		return err
	}
	refresh, err := tx.RefreshTokenByDigest(ctx, digest)
	if err != nil {
		return grantError("loading refresh token", err)
	}
	err = tx.RevokeRefreshToken(ctx, refresh.ID, e.now)
	if errors.Is(err, tokencore.ErrConsumed) {
		e.replayed = refresh.GrantID
		return errInvalidGrant
	}
	if err != nil {
		return grantError("rotating refresh token", err)
	}
	e.sourceID = refresh.ID
	if refresh.TokenID == 0 {
		return errInvalidGrant
	}
	old, err := tx.Token(ctx, refresh.TokenID)
	if err != nil {
		return grantError("loading token", err)
	}
	if e.scope, err = narrowedScope(e.form, old.Scope); err != nil {
		return err
	}
	return grantError("dropping token", s.svc.DropToken(ctx, tx, tokencore.Actor{}, old))
}

// BeginTX, Commit and Rollback do nothing but insist: the transaction around the
// whole answer decides.
func (storage) BeginTX(ctx context.Context) (context.Context, error) {
	_, err := exchangeOf(ctx).transaction()
	return ctx, err
}

func (storage) Commit(ctx context.Context) error {
	_, err := exchangeOf(ctx).transaction()
	return err
}

func (storage) Rollback(context.Context) error { return nil }

func (s storage) reader(e *exchange) tokencore.TokenReader {
	if e.tx != nil {
		return e.tx
	}
	return s.svc.Store()
}

// grantError: what was there a moment ago and is not now makes the grant invalid.
func grantError(doing string, err error) error {
	if errors.Is(err, tokencore.ErrNotFound) {
		return errInvalidGrant
	}
	return tokencore.Unavailable(doing, err)
}

var (
	_ fosite.Storage                                      = storage{}
	_ oauth2.CoreStorage                                  = storage{}
	_ oauth2.TokenRevocationStorage                       = storage{}
	_ oauth2.ResourceOwnerPasswordCredentialsGrantStorage = storage{}
	_ fositestorage.Transactional                         = storage{} // asserted by fosite at run time, silently
)
