package oauth

import (
	"context"
	"fmt"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"

	"github.com/awxgate/awxgate/tokencore"
)

// strategy makes AWX's opaque tokens. What fosite calls a signature is the digest
// under which the row is stored, of a kind of its own: a refresh token is no access
// token, and neither is a code.
type strategy struct{ svc *tokencore.Service }

func (strategy) AccessTokenSignature(_ context.Context, token string) string {
	return signature(tokencore.KindAccess, token)
}

func (strategy) RefreshTokenSignature(_ context.Context, token string) string {
	return signature(tokencore.KindRefresh, token)
}

func (strategy) AuthorizeCodeSignature(_ context.Context, token string) string {
	return signature(tokencore.KindCode, token)
}

func (s strategy) GenerateAccessToken(ctx context.Context, _ fosite.Requester) (token, signature string, err error) {
	secret, err := s.generate()
	exchangeOf(ctx).accessHint = secret.Hint()
	return secret.Reveal(), secret.Digest(tokencore.KindAccess).String(), err
}

func (s strategy) GenerateRefreshToken(ctx context.Context, _ fosite.Requester) (token, signature string, err error) {
	secret, err := s.generate()
	exchangeOf(ctx).refreshHint = secret.Hint()
	return secret.Reveal(), secret.Digest(tokencore.KindRefresh).String(), err
}

func (s strategy) GenerateAuthorizeCode(context.Context, fosite.Requester) (token, signature string, err error) {
	secret, err := s.generate()
	return secret.Reveal(), secret.Digest(tokencore.KindCode).String(), err
}

func (s strategy) generate() (tokencore.Secret, error) {
	secret, err := tokencore.GenerateSecret(s.svc.Rand(), tokencore.TokenLength)
	if err != nil {
		return tokencore.Secret{}, fmt.Errorf("generating credential: %w", err)
	}
	return secret, nil
}

// ValidateRefreshToken judges by the setting that is in force now, as AWX does, so
// that raising it revives a token.
func (strategy) ValidateRefreshToken(ctx context.Context, request fosite.Requester, _ string) error {
	e := exchangeOf(ctx)
	if e.now.After(tokencore.ExpiryAfter(request.GetRequestedAt(), e.settings.RefreshTokenSeconds)) {
		return errRefreshExpired
	}
	return nil
}

// ValidateAuthorizeCode refuses an expired code, and any that was not looked up.
func (strategy) ValidateAuthorizeCode(ctx context.Context, _ fosite.Requester, _ string) error {
	e := exchangeOf(ctx)
	if !e.now.Before(e.code.Expires) {
		return errInvalidGrant
	}
	return nil
}

// ValidateAccessToken is for introspection, which is not composed.
func (strategy) ValidateAccessToken(context.Context, fosite.Requester, string) error {
	return errNotComposed
}

// maxCredential is the length of AWX's columns; imported values may be that long.
const maxCredential = 255

// signature returns "" for what cannot be a credential; nobody looks that up.
func signature(kind tokencore.Kind, credential string) string {
	if credential == "" || len(credential) > maxCredential {
		return ""
	}
	for _, c := range []byte(credential) {
		if c <= ' ' || c > '~' {
			return ""
		}
	}
	return tokencore.DigestOf(kind, credential).String()
}

var _ oauth2.CoreStrategy = strategy{}
