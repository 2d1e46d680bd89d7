package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlRefreshTokens = `SELECT id, digest, hint, user_id, user_ansible_id, application_id, token_id, grant_id, scope, created, revoked
		FROM refresh_tokens`
	sqlRefreshTokenByDigest = sqlRefreshTokens + ` WHERE digest = ?`

	sqlCreateRefreshToken = `INSERT INTO refresh_tokens (digest, hint, user_id, user_ansible_id, application_id, token_id, grant_id, scope, created,
			revoked)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	sqlRevokeRefreshToken  = `UPDATE refresh_tokens SET revoked = ? WHERE id = ? AND revoked IS NULL`
	sqlHasRefreshToken     = `SELECT EXISTS (SELECT 1 FROM refresh_tokens WHERE id = ?)`
	sqlDeleteRefreshTokens = `DELETE FROM refresh_tokens WHERE id IN (SELECT value FROM json_each(?))`

	sqlCodeByDigest = `SELECT id, digest, user_id, user_ansible_id, application_id, grant_id, redirect_uri, scope, challenge,
			challenge_method, created, expires, used
		FROM codes WHERE digest = ?`
	sqlCreateCode = `INSERT INTO codes (digest, user_id, user_ansible_id, application_id, grant_id, redirect_uri, scope, challenge,
			challenge_method, created, expires, used)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	sqlConsumeCode = `UPDATE codes SET used = ? WHERE digest = ? AND used IS NULL`
	sqlHasCode     = `SELECT EXISTS (SELECT 1 FROM codes WHERE digest = ?)`
	sqlDeleteCodes = `DELETE FROM codes
		WHERE (?1 IS NULL OR application_id = ?1) AND (?2 IS NULL OR user_id = ?2) AND (?3 IS NULL OR expires < ?3)`
)

func (r reader) RefreshTokenByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.RefreshToken, error) {
	return one(ctx, r.session, "reading refresh token", scanRefreshToken, sqlRefreshTokenByDigest, digest[:])
}

func (r reader) RefreshTokens(ctx context.Context, q tokencore.Query) ([]tokencore.RefreshToken, int, error) {
	return page(ctx, r.session, "listing refresh tokens", scanRefreshToken, sqlRefreshTokens, refreshTokenTable, q)
}

func (r reader) CodeByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.AuthorizationCode, error) {
	return one(ctx, r.session, "reading code", scanCode, sqlCodeByDigest, digest[:])
}

func (t *tx) CreateRefreshToken(ctx context.Context, r *tokencore.RefreshToken) error {
	id, err := one(ctx, t.session, "creating refresh token", scanID, sqlCreateRefreshToken,
		r.Digest[:], r.Hint, r.UserID, r.UserAnsibleID, reference(r.ApplicationID), reference(r.TokenID), r.GrantID, r.Scope,
		micros(r.Created), maybe(r.Revoked))
	if err != nil {
		return err
	}
	r.ID = id
	return nil
}

func (t *tx) RevokeRefreshToken(ctx context.Context, id int64, at time.Time) error {
	n, err := t.session.exec(ctx, "revoking refresh token", sqlRevokeRefreshToken, micros(at), id)
	if err != nil || n == 1 {
		return err
	}
	return t.consumedOrMissing(ctx, fmt.Sprintf("revoking refresh token %d", id), sqlHasRefreshToken, id)
}

func (t *tx) DeleteRefreshTokens(ctx context.Context, ids []int64) (int, error) {
	given, err := json.Marshal(ids)
	if err != nil {
		return 0, tokencore.Unavailable("listing refresh tokens to delete", err)
	}
	return t.session.exec(ctx, "deleting refresh tokens", sqlDeleteRefreshTokens, string(given))
}

func (t *tx) CreateCode(ctx context.Context, c *tokencore.AuthorizationCode) error {
	id, err := one(ctx, t.session, "creating code", scanID, sqlCreateCode,
		c.Digest[:], c.UserID, c.UserAnsibleID, reference(c.ApplicationID), c.GrantID, c.RedirectURI, c.Scope, c.Challenge,
		c.ChallengeMethod, micros(c.Created), micros(c.Expires), maybe(c.Used))
	if err != nil {
		return err
	}
	c.ID = id
	return nil
}

func (t *tx) ConsumeCode(ctx context.Context, digest tokencore.Digest, at time.Time) error {
	n, err := t.session.exec(ctx, "consuming code", sqlConsumeCode, micros(at), digest[:])
	if err != nil || n == 1 {
		return err
	}
	return t.consumedOrMissing(ctx, "consuming code", sqlHasCode, digest[:])
}

func (t *tx) DeleteCodes(ctx context.Context, applicationID, userID int64, expiredBefore time.Time) (int, error) {
	return t.session.exec(ctx, "deleting codes", sqlDeleteCodes, reference(applicationID), reference(userID), maybe(expiredBefore))
}

// consumedOrMissing says why a row could not be used.
func (t *tx) consumedOrMissing(ctx context.Context, doing, query string, key any) error {
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

func scanRefreshToken(row row) (r tokencore.RefreshToken, err error) {
	err = row.Scan(&r.ID, digest{&r.Digest}, &r.Hint, &r.UserID, &r.UserAnsibleID, id{&r.ApplicationID}, id{&r.TokenID}, &r.GrantID,
		&r.Scope, moment{&r.Created}, moment{&r.Revoked})
	return r, err
}

func scanCode(row row) (c tokencore.AuthorizationCode, err error) {
	err = row.Scan(&c.ID, digest{&c.Digest}, &c.UserID, &c.UserAnsibleID, id{&c.ApplicationID}, &c.GrantID, &c.RedirectURI, &c.Scope,
		&c.Challenge, &c.ChallengeMethod, moment{&c.Created}, moment{&c.Expires}, moment{&c.Used})
	return c, err
}
