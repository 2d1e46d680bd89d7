package tokencore

import (
	"context"
	"errors"
)

// RevokeToken deletes an access token. Its refresh token stays, unusable, until it
// is cleaned up, as in AWX. ErrNotFound.
func (s *Service) RevokeToken(ctx context.Context, by Actor, id int64) error {
	err := s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.Token(ctx, id)
		if err != nil {
			return Unavailable("loading token", err)
		}
		return s.DropToken(ctx, tx, by, t)
	})
	s.announceGone(Change{ChangeToken, id}, err)
	return err
}

// announceGone ends what this process remembers of a row that was to be deleted and is
// gone. Who is told so is told that the tokens concerned are dead; but another process
// has deleted the row, and what it says about that may still be under way.
func (s *Service) announceGone(change Change, err error) {
	if errors.Is(err, ErrNotFound) {
		s.store.Announce(change)
	}
}

// RevokeGrant deletes every access token of a grant and marks every refresh token
// of it as used, within the caller's transaction.
func (s *Service) RevokeGrant(ctx context.Context, tx Tx, by Actor, grantID string) error {
	refresh, _, err := tx.RefreshTokens(ctx, Query{Where: Eq("grant", grantID), SkipCount: true})
	if err != nil {
		return Unavailable("listing refresh tokens", err)
	}
	for _, r := range refresh {
		if err := tx.RevokeRefreshToken(ctx, r.ID, s.Now()); err != nil && !errors.Is(err, ErrConsumed) {
			return Unavailable("revoking refresh token", err)
		}
	}
	return s.dropTokens(ctx, tx, by, Eq("grant", grantID))
}

// dropTokens drops every access token that the condition selects.
func (s *Service) dropTokens(ctx context.Context, tx Tx, by Actor, where Expr) error {
	tokens, _, err := tx.Tokens(ctx, Query{Where: where, SkipCount: true})
	if err != nil {
		return Unavailable("listing tokens", err)
	}
	for _, t := range tokens {
		if err := s.DropToken(ctx, tx, by, t); err != nil {
			return err
		}
	}
	return nil
}

// Revocation asks for the revocation of many tokens at once.
type Revocation struct {
	UserID  int64 // 0: everybody's
	Refresh bool  // refresh tokens too
}

// Revoked lists what a Revocation ended, in the order in which AWX reports it.
type Revoked struct {
	Refresh []RefreshToken
	Access  []Token // without those that went with a refresh token
}

// RevokeTokens deletes access tokens and, if asked, first marks live refresh tokens
// as used and deletes the access tokens that belong to them. All of it happens, or none.
func (s *Service) RevokeTokens(ctx context.Context, by Actor, request Revocation) (Revoked, error) {
	var revoked Revoked
	err := s.store.Update(ctx, func(tx Tx) error {
		revoked = Revoked{}
		owner := Expr(And{})
		if request.UserID != 0 {
			owner = Eq("user", request.UserID)
		}
		if request.Refresh {
			live, _, err := tx.RefreshTokens(ctx, Query{Where: And{owner, Compare{"revoked", IsNull, true}}, SkipCount: true})
			if err != nil {
				return Unavailable("listing refresh tokens", err)
			}
			for _, r := range live {
				if err := s.revokeRefresh(ctx, tx, by, r); err != nil {
					return err
				}
			}
			revoked.Refresh = live
		}
		tokens, _, err := tx.Tokens(ctx, Query{Where: owner, SkipCount: true})
		if err != nil {
			return Unavailable("listing tokens", err)
		}
		for _, t := range tokens {
			if err := s.DropToken(ctx, tx, by, t); err != nil {
				return err
			}
		}
		revoked.Access = tokens
		return nil
	})
	if err != nil {
		return Revoked{}, err
	}
	s.log.Info("revoked tokens", "user_id", request.UserID, "access", len(revoked.Access), "refresh", len(revoked.Refresh))
	return revoked, nil
}

func (s *Service) revokeRefresh(ctx context.Context, tx Tx, by Actor, r RefreshToken) error {
	if err := tx.RevokeRefreshToken(ctx, r.ID, s.Now()); err != nil {
		return Unavailable("revoking refresh token", err)
	}
	if r.TokenID == 0 {
		return nil
	}
	t, err := tx.Token(ctx, r.TokenID)
	if err != nil {
		return Unavailable("loading token", err)
	}
	return s.DropToken(ctx, tx, by, t)
}
