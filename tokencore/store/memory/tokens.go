package memory

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

func (r reader) Token(ctx context.Context, id int64) (tokencore.Token, error) {
	return row(ctx, r.guard, r.data.tokens, "token", id)
}

func (r reader) TokenByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.Token, error) {
	return rowBy(ctx, r.guard, r.data.tokens, r.data.tokenByDigest, "token", digest)
}

func (r reader) Tokens(ctx context.Context, q tokencore.Query) ([]tokencore.Token, int, error) {
	return rows(ctx, r, r.data.tokens, tokenFields, q)
}

func (t *tx) CreateToken(ctx context.Context, o *tokencore.Token) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(*o); err != nil {
		return err
	}
	if _, taken := t.data.tokenByDigest[o.Digest]; taken {
		return fmt.Errorf("creating token: %w", tokencore.ErrConflict)
	}
	if err := t.checkOwner(o.ApplicationID); err != nil {
		return fmt.Errorf("creating token: %w", err)
	}
	if _, ok := t.data.refreshTokens.rows[o.SourceID]; !ok && o.SourceID != 0 {
		return fmt.Errorf("creating token: refresh token %d: %w", o.SourceID, tokencore.ErrNotFound)
	}
	o.ID = t.data.tokens.nextID()
	created := *o
	created.Refreshable = false
	created.Created, created.Modified = kept(o.Created), kept(o.Modified)
	created.Expires, created.LastUsed = kept(o.Expires), kept(o.LastUsed)
	set(&t.journal, t.data.tokens.rows, o.ID, created)
	set(&t.journal, t.data.tokenByDigest, o.Digest, o.ID)
	if o.SourceID != 0 {
		attach(&t.journal, t.data.obtainedWith, o.SourceID, o.ID)
	}
	t.publish(tokencore.ChangeIssued, o.Digest.Key())
	return nil
}

func (t *tx) UpdateToken(ctx context.Context, o tokencore.Token) error {
	stored, err := row(ctx, t.guard, t.data.tokens, "token", o.ID)
	if err != nil {
		return fmt.Errorf("updating: %w", err)
	}
	if err := match.Writable(o); err != nil {
		return err
	}
	stored.Description, stored.Scope = o.Description, o.Scope
	stored.Expires, stored.Modified = kept(o.Expires), kept(o.Modified)
	set(&t.journal, t.data.tokens.rows, o.ID, stored)
	t.publish(tokencore.ChangeToken, o.ID)
	return nil
}

func (t *tx) DeleteToken(ctx context.Context, id int64) error {
	if _, err := row(ctx, t.guard, t.data.tokens, "token", id); err != nil {
		return fmt.Errorf("deleting: %w", err)
	}
	t.removeToken(id)
	t.publish(tokencore.ChangeToken, id)
	return nil
}

func (t *tx) TouchTokens(ctx context.Context, uses []tokencore.TokenUse) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	for _, use := range uses {
		stored, ok := t.data.tokens.rows[use.TokenID]
		if at := kept(use.Time); ok && at.After(stored.LastUsed) {
			stored.LastUsed, stored.LastUsedFrom = at, use.From
			set(&t.journal, t.data.tokens.rows, use.TokenID, stored)
		}
	}
	return nil
}

// removeToken leaves refresh tokens behind that point to nothing.
func (t *tx) removeToken(id int64) {
	d, token := t.data, t.data.tokens.rows[id]
	for _, refresh := range d.refreshOf[id] {
		orphan := d.refreshTokens.rows[refresh]
		orphan.TokenID = 0
		set(&t.journal, d.refreshTokens.rows, refresh, orphan)
	}
	drop(&t.journal, d.refreshOf, id)
	if token.SourceID != 0 {
		detach(&t.journal, d.obtainedWith, token.SourceID, id)
	}
	drop(&t.journal, d.tokenByDigest, token.Digest)
	drop(&t.journal, d.tokens.rows, id)
}
