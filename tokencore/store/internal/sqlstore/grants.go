package sqlstore

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlRefreshTokens = `SELECT id, digest, hint, user_id, user_ansible_id, application_id, token_id, grant_id, scope, created, revoked
		FROM refresh_tokens`
	sqlRefreshTokenByDigest = sqlRefreshTokens + ` WHERE digest = $1`

	sqlCreateRefreshToken = `INSERT INTO refresh_tokens (digest, hint, user_id, user_ansible_id, application_id, token_id, grant_id, scope, created,
			revoked)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`
	sqlRevokeRefreshToken  = `UPDATE refresh_tokens SET revoked = $1 WHERE id = $2 AND revoked IS NULL`
	sqlHasRefreshToken     = `SELECT EXISTS (SELECT 1 FROM refresh_tokens WHERE id = $1)`
	sqlDeleteRefreshTokens = `DELETE FROM refresh_tokens WHERE `

	// Whether a refresh token points to a token is kept with the token: verification
	// reads one row and looks nothing else up.
	sqlSetRefreshable    = `UPDATE tokens SET refreshable = TRUE WHERE id = $1`
	sqlSettleRefreshable = `UPDATE tokens SET refreshable = EXISTS (SELECT 1 FROM refresh_tokens WHERE token_id = tokens.id) WHERE `

	sqlCodes = `SELECT id, digest, user_id, user_ansible_id, application_id, grant_id, redirect_uri, scope, challenge,
			challenge_method, created, expires, used
		FROM codes`
	sqlCodeByDigest = sqlCodes + ` WHERE digest = $1`
	sqlCreateCode   = `INSERT INTO codes (digest, user_id, user_ansible_id, application_id, grant_id, redirect_uri, scope, challenge,
			challenge_method, created, expires, used)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`
	sqlConsumeCode = `UPDATE codes SET used = $1 WHERE digest = $2 AND used IS NULL`
	sqlHasCode     = `SELECT EXISTS (SELECT 1 FROM codes WHERE digest = $1)`
	sqlDeleteCodes = `DELETE FROM codes WHERE id IN (SELECT id FROM codes
		WHERE (application_id = $1 OR $1 IS NULL) AND (user_id = $2 OR $2 IS NULL) AND (expires < $3 OR $3 IS NULL) LIMIT $4)`
)

func (r Reader) RefreshTokenByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.RefreshToken, error) {
	return one(ctx, r.session, "reading refresh token", scanRefreshToken, sqlRefreshTokenByDigest, digest[:])
}

func (r Reader) RefreshTokens(ctx context.Context, q tokencore.Query) ([]tokencore.RefreshToken, int, error) {
	return page(ctx, r.session, "listing refresh tokens", scanRefreshToken, sqlRefreshTokens, RefreshTokenTable, q)
}

func (r Reader) CodeByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.AuthorizationCode, error) {
	return one(ctx, r.session, "reading code", scanCode, sqlCodeByDigest, digest[:])
}

func (t *Tx) CreateRefreshToken(ctx context.Context, r *tokencore.RefreshToken) error {
	id, err := t.session.insert(ctx, "creating refresh token", sqlCreateRefreshToken, refreshTokenValues(*r)...)
	if err != nil {
		return err
	}
	r.ID = id
	if r.TokenID == 0 {
		return nil
	}
	_, err = t.session.exec(ctx, "creating refresh token", sqlSetRefreshable, r.TokenID)
	return err
}

func (t *Tx) RevokeRefreshToken(ctx context.Context, id int64, at time.Time) error {
	n, err := t.session.exec(ctx, "revoking refresh token", sqlRevokeRefreshToken, micros(at), id)
	if err != nil || n == 1 {
		return err
	}
	return t.consumedOrMissing(ctx, fmt.Sprintf("revoking refresh token %d", id), sqlHasRefreshToken, id)
}

func (t *Tx) DeleteRefreshTokens(ctx context.Context, ids []int64) (int, error) {
	among, given, err := t.session.dialect.Among("id", "$1", ids)
	if err != nil {
		return 0, tokencore.Unavailable("listing refresh tokens to delete", err)
	}
	return t.dropRefreshTokens(ctx, "deleting refresh tokens", among, given)
}

// dropRefreshTokens deletes those that a condition with one parameter selects.
func (t *Tx) dropRefreshTokens(ctx context.Context, doing, condition string, value any) (int, error) {
	pointed, err := list(ctx, t.session, doing, scanReference, sqlDeleteRefreshTokens+condition+` RETURNING token_id`, value)
	if err != nil {
		return 0, err
	}
	tokens := slices.DeleteFunc(slices.Clone(pointed), func(id int64) bool { return id == 0 })
	if len(tokens) == 0 {
		return len(pointed), nil
	}
	among, given, err := t.session.dialect.Among("id", "$1", tokens)
	if err != nil {
		return 0, tokencore.Unavailable(doing, err)
	}
	_, err = t.session.exec(ctx, doing, sqlSettleRefreshable+among, given)
	return len(pointed), err
}

func (t *Tx) CreateCode(ctx context.Context, c *tokencore.AuthorizationCode) error {
	id, err := t.session.insert(ctx, "creating code", sqlCreateCode, codeValues(*c)...)
	if err != nil {
		return err
	}
	c.ID = id
	return nil
}

func (t *Tx) ConsumeCode(ctx context.Context, digest tokencore.Digest, at time.Time) error {
	n, err := t.session.exec(ctx, "consuming code", sqlConsumeCode, micros(at), digest[:])
	if err != nil || n == 1 {
		return err
	}
	return t.consumedOrMissing(ctx, "consuming code", sqlHasCode, digest[:])
}

func (t *Tx) DeleteCodes(ctx context.Context, applicationID, userID int64, expiredBefore time.Time, most int) (int, error) {
	return t.session.exec(ctx, "deleting codes", sqlDeleteCodes, reference(applicationID), reference(userID), maybe(expiredBefore), atMost(most))
}

// consumedOrMissing says why a row could not be used.
func (t *Tx) consumedOrMissing(ctx context.Context, doing, query string, key any) error {
	exists, err := one(ctx, t.session, doing, scanTruth, query, key)
	switch {
	case err != nil:
		return err
	case exists:
		return fmt.Errorf("%s: %w", doing, tokencore.ErrConsumed)
	default:
		return fmt.Errorf("%s: %w", doing, tokencore.ErrNotFound)
	}
}

// refreshTokenValues are the columns but the id, in the order of the statement above.
func refreshTokenValues(r tokencore.RefreshToken) []any {
	return []any{
		r.Digest[:], r.Hint, r.UserID, r.UserAnsibleID, reference(r.ApplicationID), reference(r.TokenID), r.GrantID, r.Scope,
		micros(r.Created), maybe(r.Revoked),
	}
}

// codeValues are the columns but the id, in the order of the statement above.
func codeValues(c tokencore.AuthorizationCode) []any {
	return []any{
		c.Digest[:], c.UserID, c.UserAnsibleID, reference(c.ApplicationID), c.GrantID, c.RedirectURI, c.Scope, c.Challenge,
		c.ChallengeMethod, micros(c.Created), micros(c.Expires), maybe(c.Used),
	}
}

func scanRefreshToken(row Row) (r tokencore.RefreshToken, err error) {
	err = row.Scan(&r.ID, digest{&r.Digest}, &r.Hint, &r.UserID, &r.UserAnsibleID, id{&r.ApplicationID}, id{&r.TokenID}, &r.GrantID,
		&r.Scope, moment{&r.Created}, moment{&r.Revoked})
	return r, err
}

func scanCode(row Row) (c tokencore.AuthorizationCode, err error) {
	err = row.Scan(&c.ID, digest{&c.Digest}, &c.UserID, &c.UserAnsibleID, id{&c.ApplicationID}, &c.GrantID, &c.RedirectURI, &c.Scope,
		&c.Challenge, &c.ChallengeMethod, moment{&c.Created}, moment{&c.Expires}, moment{&c.Used})
	return c, err
}

// atMost is a LIMIT; 0 is none.
func atMost(most int) int64 {
	if most == 0 {
		return math.MaxInt64
	}
	return int64(most)
}
