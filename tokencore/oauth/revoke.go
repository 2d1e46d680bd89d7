package oauth

import (
	"context"
	"errors"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// ServeRevoke serves POST /api/o/revoke_token/ (RFC 7009). The token_type_hint is
// not needed: a credential's kind is part of its digest.
func (p *Provider) ServeRevoke(w http.ResponseWriter, r *http.Request) {
	if !allows(w, r, "POST, OPTIONS", http.MethodPost) {
		return
	}
	revoked, err := p.revoke(w, r)
	if err != nil {
		p.writeError(w, r, err)
		return
	}
	writeHead(w, http.StatusOK, typeHTML, revoked)
}

// revoke ends a token of the client that asks. A token of somebody else is left
// alone without a word; AWX let every client revoke every token. revoked tells
// whether there was something to end.
func (p *Provider) revoke(w http.ResponseWriter, r *http.Request) (revoked bool, err error) {
	if r.URL.RawQuery != "" {
		return false, errQuery
	}
	form, err := readBody(w, r)
	if err != nil {
		return false, err
	}
	token := form.Get("token")
	if token == "" {
		return false, missing("token")
	}
	ctx := r.Context()
	c, err := p.authenticate(ctx, r, form)
	if err != nil {
		return false, err
	}
	if signature(tokencore.KindAccess, token) == "" {
		return false, nil
	}
	revoked, err = p.revokeAccess(ctx, c, tokencore.DigestOf(tokencore.KindAccess, token))
	if err != nil || revoked {
		return revoked, err
	}
	return p.revokeRefresh(ctx, c, tokencore.DigestOf(tokencore.KindRefresh, token))
}

// revokeAccess deletes the token. Its refresh token stays, of no use, as in AWX.
func (p *Provider) revokeAccess(ctx context.Context, c *client, digest tokencore.Digest) (revoked bool, err error) {
	t, err := p.svc.Store().TokenByDigest(ctx, digest)
	if err == nil && t.ApplicationID != c.app.ID {
		return false, nil
	}
	switch {
	case err == nil:
		err = p.svc.RevokeToken(ctx, tokencore.Actor{}, t.ID)
	case errors.Is(err, tokencore.ErrNotFound): // perhaps since a moment ago, by another process
		p.svc.Store().Announce(tokencore.Change{Kind: tokencore.ChangeIssued, ID: digest.Key()})
	}
	return ended("revoking token", err)
}

// revokeRefresh marks the refresh token as used and deletes its access token.
func (p *Provider) revokeRefresh(ctx context.Context, c *client, digest tokencore.Digest) (revoked bool, err error) {
	r, err := p.svc.Store().RefreshTokenByDigest(ctx, digest)
	if err == nil && r.ApplicationID != c.app.ID {
		return false, nil
	}
	if err == nil {
		err = p.svc.Store().Update(ctx, func(tx tokencore.Tx) error {
			if err := tx.RevokeRefreshToken(ctx, r.ID, p.svc.Now()); err != nil {
				return err
			}
			if r.TokenID == 0 {
				return nil
			}
			t, err := tx.Token(ctx, r.TokenID)
			if errors.Is(err, tokencore.ErrNotFound) {
				return nil // somebody was faster
			}
			if err != nil {
				return err
			}
			return p.svc.DropToken(ctx, tx, tokencore.Actor{}, t)
		})
	}
	if err == nil || errors.Is(err, tokencore.ErrConsumed) {
		// If another process was faster, nobody knows which access token it was.
		p.svc.Store().Announce(tokencore.Change{Kind: tokencore.ChangeUser, ID: r.UserID})
	}
	return ended("revoking refresh token", err)
}

// ended: a token that is gone or used already is as dead as the client wants it.
func ended(doing string, err error) (bool, error) {
	if errors.Is(err, tokencore.ErrNotFound) || errors.Is(err, tokencore.ErrConsumed) {
		return false, nil
	}
	return err == nil, tokencore.Unavailable(doing, err)
}
