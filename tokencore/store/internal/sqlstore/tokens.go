package sqlstore

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	tokenColumns = `id, digest, hint, user_id, user_ansible_id, application_id, source_id, grant_id, description, scope, created, modified,
		expires, last_used, last_used_from, refreshable`

	sqlTokens        = `SELECT ` + tokenColumns + ` FROM tokens`
	sqlToken         = sqlTokens + ` WHERE id = $1`
	sqlTokenByDigest = sqlTokens + ` WHERE digest = $1`

	sqlCreateToken = `INSERT INTO tokens (digest, hint, user_id, user_ansible_id, application_id, source_id, grant_id, description, scope,
			created, modified, expires, last_used, last_used_from)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`
	sqlUpdateToken = `UPDATE tokens SET description = $1, scope = $2, expires = $3, modified = $4 WHERE id = $5`
	sqlDeleteToken = `DELETE FROM tokens WHERE id = $1` // its refresh token loses it by foreign key
)

func (r Reader) Token(ctx context.Context, id int64) (tokencore.Token, error) {
	return one(ctx, r.session, "reading token", scanToken, sqlToken, id)
}

func (r Reader) TokenByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.Token, error) {
	return one(ctx, r.session, "reading token", scanToken, sqlTokenByDigest, digest[:])
}

func (r Reader) Tokens(ctx context.Context, q tokencore.Query) ([]tokencore.Token, int, error) {
	return page(ctx, r.session, "listing tokens", scanToken, sqlTokens, TokenTable, q)
}

func (t *Tx) CreateToken(ctx context.Context, o *tokencore.Token) error {
	id, err := t.session.insert(ctx, "creating token", sqlCreateToken, tokenValues(*o)...)
	if err != nil {
		return err
	}
	o.ID = id
	t.publish(tokencore.ChangeIssued, o.Digest.Key())
	return nil
}

func (t *Tx) UpdateToken(ctx context.Context, o tokencore.Token) error {
	err := t.session.must(ctx, fmt.Sprintf("updating token %d", o.ID), sqlUpdateToken,
		o.Description, o.Scope, micros(o.Expires), micros(o.Modified), o.ID)
	if err != nil {
		return err
	}
	t.publish(tokencore.ChangeToken, o.ID)
	return nil
}

func (t *Tx) DeleteToken(ctx context.Context, id int64) error {
	if err := t.session.must(ctx, fmt.Sprintf("deleting token %d", id), sqlDeleteToken, id); err != nil {
		return err
	}
	t.publish(tokencore.ChangeToken, id)
	return nil
}

func (t *Tx) TouchTokens(ctx context.Context, uses []tokencore.TokenUse) error {
	for _, statement := range t.session.dialect.Touch(uses) {
		if _, err := t.session.exec(ctx, "recording uses of tokens", statement.SQL, statement.Args...); err != nil {
			return err
		}
	}
	return nil
}

// tokenValues are the columns but the id, in the order of the statement above.
func tokenValues(o tokencore.Token) []any {
	return []any{
		o.Digest[:], o.Hint, o.UserID, o.UserAnsibleID, reference(o.ApplicationID), reference(o.SourceID), o.GrantID, o.Description, o.Scope,
		micros(o.Created), micros(o.Modified), micros(o.Expires), maybe(o.LastUsed), o.LastUsedFrom,
	}
}

func scanToken(r Row) (t tokencore.Token, err error) {
	err = r.Scan(&t.ID, digest{&t.Digest}, &t.Hint, &t.UserID, &t.UserAnsibleID, id{&t.ApplicationID}, id{&t.SourceID}, &t.GrantID, &t.Description,
		&t.Scope, moment{&t.Created}, moment{&t.Modified}, moment{&t.Expires}, moment{&t.LastUsed}, &t.LastUsedFrom, &t.Refreshable)
	return t, err
}

// Hot are the statements that verification runs.
var Hot = []string{sqlTokenByDigest, sqlUser, sqlApplication}
