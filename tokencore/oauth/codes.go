package oauth

import (
	"context"
	"errors"
	"net/url"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/pkce"

	"github.com/awxgate/awxgate/tokencore"
)

// CreateAuthorizeCodeSession stores the challenge with the code, in one row.
func (storage) CreateAuthorizeCodeSession(ctx context.Context, signature string, request fosite.Requester) error {
	e := exchangeOf(ctx)
	tx, err := e.transaction()
	if err != nil {
		return err
	}
	digest, err := tokencore.ParseDigest(signature)
	if err != nil {
		return err
	}
	form := request.GetRequestForm()
	err = tx.CreateCode(ctx, &tokencore.AuthorizationCode{
		Digest: digest, UserID: e.userID, UserAnsibleID: e.userAnsibleID, ApplicationID: e.client.app.ID, GrantID: request.GetID(),
		RedirectURI: form.Get("redirect_uri"), Scope: e.scope,
		Challenge: form.Get("code_challenge"), ChallengeMethod: form.Get("code_challenge_method"),
		Created: e.now, Expires: tokencore.ExpiryAfter(e.now, e.settings.AuthorizationCodeSeconds),
	})
	if errors.Is(err, tokencore.ErrNotFound) {
		return errUnknownClient
	}
	return tokencore.Unavailable("creating code", err)
}

// GetAuthorizeCodeSession is called twice: to validate, and again in the transaction.
// Another client's code is unknown to this one and stays good, as in AWX. fosite is
// told nothing of the redirect URI: it would call a mismatch invalid_grant.
func (s storage) GetAuthorizeCodeSession(ctx context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	digest, err := tokencore.ParseDigest(signature)
	if err != nil {
		return nil, errInvalidGrant
	}
	e := exchangeOf(ctx)
	code, err := s.reader(e).CodeByDigest(ctx, digest)
	if err != nil {
		return nil, grantError("looking up code", err)
	}
	if code.ApplicationID != e.client.app.ID {
		return nil, errInvalidGrant
	}
	if !code.Used.IsZero() {
		e.replayed = code.GrantID
		return nil, errInvalidGrant
	}
	e.code, e.userID, e.userAnsibleID, e.scope = code, code.UserID, code.UserAnsibleID, code.Scope
	return e.request(code.GrantID, code.Created), nil
}

// InvalidateAuthorizeCodeSession is where a race for a code is decided.
func (storage) InvalidateAuthorizeCodeSession(ctx context.Context, _ string) error {
	e := exchangeOf(ctx)
	tx, err := e.transaction()
	if err != nil {
		return err
	}
	err = tx.ConsumeCode(ctx, e.code.Digest, e.now)
	if errors.Is(err, tokencore.ErrConsumed) {
		e.replayed = e.code.GrantID
		return errInvalidGrant
	}
	return grantError("redeeming code", err)
}

// CreatePKCERequestSession has nothing to do: the challenge is in the code's row.
func (storage) CreatePKCERequestSession(context.Context, string, fosite.Requester) error { return nil }

// GetPKCERequestSession reads the row that GetAuthorizeCodeSession has loaded.
func (storage) GetPKCERequestSession(ctx context.Context, _ string, _ fosite.Session) (fosite.Requester, error) {
	e := exchangeOf(ctx)
	if e.code.Challenge == "" {
		return nil, fosite.ErrNotFound
	}
	if !e.form.Has("code_verifier") {
		return nil, errNoVerifier // fosite would call it invalid_grant
	}
	request := e.request(e.code.GrantID, e.code.Created)
	request.Form = url.Values{"code_challenge": {e.code.Challenge}, "code_challenge_method": {e.code.ChallengeMethod}}
	return request, nil
}

// DeletePKCERequestSession must do nothing. fosite calls it before it compares, so
// that after one wrong verifier the code would be good without any.
func (storage) DeletePKCERequestSession(context.Context, string) error { return nil }

var (
	_ oauth2.AuthorizeCodeStorage = storage{}
	_ pkce.PKCERequestStorage     = storage{}
)
