package sqlite

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	tokenColumns = `id, digest, hint, user_id, user_ansible_id, application_id, source_id, grant_id, description, scope, created, modified,
		expires, last_used, last_used_from, EXISTS (SELECT 1 FROM refresh_tokens WHERE token_id = tokens.id)`

	sqlTokens        = `SELECT ` + tokenColumns + ` FROM tokens`
	sqlToken         = sqlTokens + ` WHERE id = ?`
	sqlTokenByDigest = sqlTokens + ` WHERE digest = ?`

	sqlCreateToken = `INSERT INTO tokens (digest, hint, user_id, user_ansible_id, application_id, source_id, grant_id, description, scope,
			created, modified, expires, last_used, last_used_from)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	sqlUpdateToken = `UPDATE tokens SET description = ?, scope = ?, expires = ?, modified = ? WHERE id = ?`
	sqlDeleteToken = `DELETE FROM tokens WHERE id = ?` // its refresh token loses it by foreign key
	sqlTouchToken  = `UPDATE tokens SET last_used = ?1, last_used_from = ?2 WHERE id = ?3 AND (last_used IS NULL OR last_used < ?1)`
)

func (r reader) Token(ctx context.Context, id int64) (tokencore.Token, error) {
	return one(ctx, r.session, "reading token", scanToken, sqlToken, id)
}

func (r reader) TokenByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.Token, error) {
	return one(ctx, r.session, "reading token", scanToken, sqlTokenByDigest, digest[:])
}

func (r reader) Tokens(ctx context.Context, q tokencore.Query) ([]tokencore.Token, int, error) {
	return page(ctx, r.session, "listing tokens", scanToken, sqlTokens, tokenTable, q)
}

func (t *tx) CreateToken(ctx context.Context, o *tokencore.Token) error {
	id, err := one(ctx, t.session, "creating token", scanID, sqlCreateToken,
		o.Digest[:], o.Hint, o.UserID, o.UserAnsibleID, reference(o.ApplicationID), reference(o.SourceID), o.GrantID, o.Description, o.Scope,
		micros(o.Created), micros(o.Modified), micros(o.Expires), maybe(o.LastUsed), o.LastUsedFrom)
	if err != nil {
		return err
	}
	o.ID = id
	t.publish(tokencore.ChangeIssued, o.Digest.Key())
	return nil
}

func (t *tx) UpdateToken(ctx context.Context, o tokencore.Token) error {
	err := t.session.must(ctx, fmt.Sprintf("updating token %d", o.ID), sqlUpdateToken,
		o.Description, o.Scope, micros(o.Expires), micros(o.Modified), o.ID)
	if err != nil {
		return err
	}
	t.publish(tokencore.ChangeToken, o.ID)
	return nil
}

func (t *tx) DeleteToken(ctx context.Context, id int64) error {
	if err := t.session.must(ctx, fmt.Sprintf("deleting token %d", id), sqlDeleteToken, id); err != nil {
		return err
	}
	t.publish(tokencore.ChangeToken, id)
	return nil
}

func (t *tx) TouchTokens(ctx context.Context, uses []tokencore.TokenUse) error {
	for _, use := range uses {
		if _, err := t.session.exec(ctx, "recording the use of a token", sqlTouchToken, micros(use.Time), use.From, use.TokenID); err != nil {
			return err
		}
	}
	return nil
}

func scanToken(r row) (t tokencore.Token, err error) {
	err = r.Scan(&t.ID, digest{&t.Digest}, &t.Hint, &t.UserID, &t.UserAnsibleID, id{&t.ApplicationID}, id{&t.SourceID}, &t.GrantID, &t.Description,
		&t.Scope, moment{&t.Created}, moment{&t.Modified}, moment{&t.Expires}, moment{&t.LastUsed}, &t.LastUsedFrom, &t.Refreshable)
	return t, err
}
