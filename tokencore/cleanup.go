package tokencore

import (
	"context"
	"errors"
	"time"
)

// cleanupBatch bounds how long one cleanup transaction holds the store's writer.
const cleanupBatch = 500

// Cleaned counts what Cleanup deleted.
type Cleaned struct {
	AccessTokens, RefreshTokens, Codes int
}

// Cleanup deletes what can never be used again, by AWX's rules: refresh tokens
// that were revoked, or whose access token expired, longer ago than the refresh
// lifetime; expired access tokens without a refresh token; expired codes. Orphaned
// refresh tokens older than the lifetime, which AWX keeps for ever, go too.
func (s *Service) Cleanup(ctx context.Context) (Cleaned, error) {
	settings, err := s.Settings(ctx)
	if err != nil {
		return Cleaned{}, err
	}
	var cleaned Cleaned
	now := s.Now()
	if err := s.cleanRefreshTokens(ctx, now.Add(-boundedSeconds(settings.RefreshTokenSeconds)), &cleaned); err != nil {
		return cleaned, err
	}
	if err := s.cleanAccessTokens(ctx, now, &cleaned); err != nil {
		return cleaned, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		cleaned.Codes, err = tx.DeleteCodes(ctx, 0, 0, now)
		return Unavailable("deleting codes", err)
	})
	return cleaned, err
}

// boundedSeconds keeps a user's number of seconds within time.Duration; more than
// 290 years ago nothing can have expired.
func boundedSeconds(seconds int64) time.Duration {
	const most = int64(290 * 365 * 24 * time.Hour / time.Second)
	return time.Duration(min(seconds, most)) * time.Second
}

func (s *Service) cleanRefreshTokens(ctx context.Context, before time.Time, cleaned *Cleaned) error {
	dead := Or{
		Compare{"revoked", Less, before},
		Compare{"token.expires", Less, before},
		And{Compare{"token", IsNull, true}, Compare{"revoked", IsNull, true}, Compare{"created", Less, before}},
	}
	for more := true; more; {
		err := s.store.Update(ctx, func(tx Tx) error {
			rows, _, err := tx.RefreshTokens(ctx, Query{Where: dead, Limit: cleanupBatch, SkipCount: true})
			if err != nil {
				return Unavailable("listing refresh tokens", err)
			}
			ids := make([]int64, len(rows))
			for i, r := range rows {
				ids[i] = r.ID
			}
			deleted, err := tx.DeleteRefreshTokens(ctx, ids)
			cleaned.RefreshTokens += deleted
			more = len(rows) == cleanupBatch
			return Unavailable("deleting refresh tokens", err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) cleanAccessTokens(ctx context.Context, now time.Time, cleaned *Cleaned) error {
	dead := And{Compare{"expires", Less, now}, Eq("refreshable", false)}
	for more := true; more; {
		err := s.store.Update(ctx, func(tx Tx) error {
			rows, _, err := tx.Tokens(ctx, Query{Where: dead, Limit: cleanupBatch, SkipCount: true})
			if err != nil {
				return Unavailable("listing tokens", err)
			}
			for _, t := range rows {
				if err := s.DropToken(ctx, tx, Actor{}, t); err != nil && !errors.Is(err, ErrNotFound) {
					return err
				}
				cleaned.AccessTokens++
			}
			more = len(rows) == cleanupBatch
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
