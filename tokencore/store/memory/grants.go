package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

func (r reader) RefreshTokenByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.RefreshToken, error) {
	return rowBy(ctx, r.guard, r.data.refreshTokens, r.data.refreshByDigest, "refresh token", digest)
}

func (r reader) RefreshTokens(ctx context.Context, q tokencore.Query) ([]tokencore.RefreshToken, int, error) {
	return rows(ctx, r, r.data.refreshTokens, refreshTokenFields, q)
}

func (r reader) CodeByDigest(ctx context.Context, digest tokencore.Digest) (tokencore.AuthorizationCode, error) {
	return rowBy(ctx, r.guard, r.data.codes, r.data.codeByDigest, "code", digest)
}

func (t *tx) CreateRefreshToken(ctx context.Context, r *tokencore.RefreshToken) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(*r); err != nil {
		return err
	}
	d := t.data
	if _, taken := d.refreshByDigest[r.Digest]; taken {
		return fmt.Errorf("creating refresh token: %w", tokencore.ErrConflict)
	}
	if err := t.checkOwner(r.ApplicationID); err != nil {
		return fmt.Errorf("creating refresh token: %w", err)
	}
	if r.TokenID != 0 {
		access, ok := d.tokens.rows[r.TokenID]
		if !ok {
			return fmt.Errorf("creating refresh token: token %d: %w", r.TokenID, tokencore.ErrNotFound)
		}
		access.Refreshable = true
		set(&t.journal, d.tokens.rows, access.ID, access)
	}
	r.ID = d.refreshTokens.nextID()
	if r.TokenID != 0 {
		attach(&t.journal, d.refreshOf, r.TokenID, r.ID)
	}
	created := *r
	created.Created, created.Revoked = kept(r.Created), kept(r.Revoked)
	set(&t.journal, d.refreshTokens.rows, r.ID, created)
	set(&t.journal, d.refreshByDigest, r.Digest, r.ID)
	return nil
}

func (t *tx) RevokeRefreshToken(ctx context.Context, id int64, at time.Time) error {
	r, err := row(ctx, t.guard, t.data.refreshTokens, "refresh token", id)
	if err != nil {
		return fmt.Errorf("revoking: %w", err)
	}
	if !r.Live() {
		return fmt.Errorf("revoking refresh token %d: %w", id, tokencore.ErrConsumed)
	}
	r.Revoked = kept(at)
	set(&t.journal, t.data.refreshTokens.rows, id, r)
	return nil
}

func (t *tx) DeleteRefreshTokens(ctx context.Context, ids []int64) (int, error) {
	if err := t.guard.enter(ctx); err != nil {
		return 0, err
	}
	return t.removeRefreshTokens(ids), nil
}

func (t *tx) CreateCode(ctx context.Context, c *tokencore.AuthorizationCode) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(*c); err != nil {
		return err
	}
	if _, taken := t.data.codeByDigest[c.Digest]; taken {
		return fmt.Errorf("creating code: %w", tokencore.ErrConflict)
	}
	if err := t.checkOwner(c.ApplicationID); err != nil {
		return fmt.Errorf("creating code: %w", err)
	}
	c.ID = t.data.codes.nextID()
	created := *c
	created.Created, created.Expires, created.Used = kept(c.Created), kept(c.Expires), kept(c.Used)
	set(&t.journal, t.data.codes.rows, c.ID, created)
	set(&t.journal, t.data.codeByDigest, c.Digest, c.ID)
	return nil
}

func (t *tx) ConsumeCode(ctx context.Context, digest tokencore.Digest, at time.Time) error {
	c, err := t.CodeByDigest(ctx, digest)
	if err != nil {
		return fmt.Errorf("consuming: %w", err)
	}
	if !c.Used.IsZero() {
		return fmt.Errorf("consuming code %d: %w", c.ID, tokencore.ErrConsumed)
	}
	c.Used = kept(at)
	set(&t.journal, t.data.codes.rows, c.ID, c)
	return nil
}

func (t *tx) DeleteCodes(ctx context.Context, applicationID, userID int64, expiredBefore time.Time, most int) (int, error) {
	if err := t.guard.enter(ctx); err != nil {
		return 0, err
	}
	ids := t.data.codes.matching(func(c tokencore.AuthorizationCode) bool {
		return (applicationID == 0 || c.ApplicationID == applicationID) &&
			(userID == 0 || c.UserID == userID) &&
			(expiredBefore.IsZero() || c.Expires.Before(kept(expiredBefore)))
	})
	if most > 0 {
		ids = ids[:min(most, len(ids))]
	}
	t.removeCodes(ids)
	return len(ids), nil
}

// removeRefreshTokens also tells the access tokens that have lost their refresh token
// or their source.
func (t *tx) removeRefreshTokens(ids []int64) int {
	d, n := t.data, 0
	for _, id := range ids {
		r, ok := d.refreshTokens.rows[id]
		if !ok {
			continue
		}
		n++
		if access, ok := d.tokens.rows[r.TokenID]; ok {
			detach(&t.journal, d.refreshOf, access.ID, id)
			access.Refreshable = len(d.refreshOf[access.ID]) > 0
			set(&t.journal, d.tokens.rows, access.ID, access)
		}
		for _, token := range d.obtainedWith[id] {
			obtained := d.tokens.rows[token]
			obtained.SourceID = 0
			set(&t.journal, d.tokens.rows, token, obtained)
		}
		drop(&t.journal, d.obtainedWith, id)
		drop(&t.journal, d.refreshByDigest, r.Digest)
		drop(&t.journal, d.refreshTokens.rows, id)
	}
	return n
}

func (t *tx) removeCodes(ids []int64) {
	for _, id := range ids {
		drop(&t.journal, t.data.codeByDigest, t.data.codes.rows[id].Digest)
		drop(&t.journal, t.data.codes.rows, id)
	}
}
