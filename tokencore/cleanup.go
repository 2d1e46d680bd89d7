package tokencore

import (
	"context"
	"errors"
	"slices"
	"time"
)

// cleanupBatch is how many rows are looked for at once, outside of any transaction.
// cleanupTurn is after what time a transaction that deletes them lets others write: it
// waits for as many answers of the store as it deletes rows, however far that is.
const (
	cleanupBatch = 500
	cleanupTurn  = 50 * time.Millisecond
)

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
	return cleaned, s.cleanCodes(ctx, now, &cleaned)
}

func (s *Service) cleanCodes(ctx context.Context, now time.Time, cleaned *Cleaned) error {
	for deleted := cleanupBatch; deleted == cleanupBatch; {
		err := s.store.Update(ctx, func(tx Tx) (err error) {
			deleted, err = tx.DeleteCodes(ctx, 0, 0, now, cleanupBatch)
			return Unavailable("deleting codes", err)
		})
		if err != nil {
			return err
		}
		cleaned.Codes += deleted
	}
	return nil
}

// boundedSeconds keeps a user's number of seconds within time.Duration; more than
// 290 years ago nothing can have expired.
func boundedSeconds(seconds int64) time.Duration {
	const most = int64(290 * 365 * 24 * time.Hour / time.Second)
	return time.Duration(min(seconds, most)) * time.Second
}

// cleanRefreshTokens asks for one reason after the other, each by an index: no database
// finds a good way to all of them at once.
func (s *Service) cleanRefreshTokens(ctx context.Context, before time.Time, cleaned *Cleaned) error {
	used := Query{Where: Compare{"revoked", Less, before}, Order: []Order{{Field: "revoked"}}}
	orphaned := Query{Where: And{Compare{"token", IsNull, true}, Compare{"revoked", IsNull, true}, Compare{"created", Less, before}}}
	for _, dead := range []Query{used, orphaned} {
		if err := s.deleteRefreshTokens(ctx, dead, cleaned); err != nil {
			return err
		}
	}
	return s.eachExpired(ctx, before, true, func(tokens []Token) error {
		ids := make([]int64, len(tokens))
		for i, t := range tokens {
			ids[i] = t.ID
		}
		return s.deleteRefreshTokens(ctx, Query{Where: Compare{"token", In, ids}}, cleaned)
	})
}

// deleteRefreshTokens deletes those that a query selects. What died stays dead, so they
// are looked for outside of the transaction.
func (s *Service) deleteRefreshTokens(ctx context.Context, dead Query, cleaned *Cleaned) error {
	dead.Limit, dead.SkipCount = cleanupBatch, true
	for {
		found, _, err := s.store.RefreshTokens(ctx, dead)
		if err != nil || len(found) == 0 {
			return Unavailable("listing refresh tokens", err)
		}
		ids := make([]int64, len(found))
		for i, r := range found {
			ids[i] = r.ID
		}
		err = s.store.Update(ctx, func(tx Tx) error {
			deleted, err := tx.DeleteRefreshTokens(ctx, ids)
			cleaned.RefreshTokens += deleted
			return Unavailable("deleting refresh tokens", err)
		})
		if err != nil {
			return err
		}
	}
}

func (s *Service) cleanAccessTokens(ctx context.Context, now time.Time, cleaned *Cleaned) error {
	return s.eachExpired(ctx, now, false, func(tokens []Token) (err error) {
		for len(tokens) > 0 {
			if tokens, err = s.cleanTurn(ctx, tokens, cleaned); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachExpired calls f with batches of the access tokens that expired before a time and
// have, or lack, a refresh token. f changes that. They come by their expiry, each batch
// from where the last one ended: so one pass over the index of it finds them, however
// many others there are.
func (s *Service) eachExpired(ctx context.Context, before time.Time, refreshable bool, f func([]Token) error) error {
	dead := And{Compare{"expires", Less, before}, Eq("refreshable", refreshable)}
	var last Token
	for from := dead; ; from = append(slices.Clone(dead), Compare{"expires", GreaterOrEqual, last.Expires}) {
		found, _, err := s.store.Tokens(ctx, Query{Where: from, Order: []Order{{Field: "expires"}}, Limit: cleanupBatch, SkipCount: true})
		if err != nil || len(found) == 0 || found[len(found)-1].ID == last.ID {
			return Unavailable("listing tokens", err)
		}
		if err := f(found); err != nil {
			return err
		}
		last = found[len(found)-1]
	}
}

// cleanTurn drops tokens in one transaction until its time is up, and returns those that
// are left. Another node may have been faster with some.
func (s *Service) cleanTurn(ctx context.Context, tokens []Token, cleaned *Cleaned) (left []Token, err error) {
	dropped := 0
	err = s.store.Update(ctx, func(tx Tx) error {
		began := time.Now() // not the clock of tokens: others wait in real time
		for left = tokens; len(left) > 0 && time.Since(began) < cleanupTurn; left = left[1:] {
			switch err := s.DropToken(ctx, tx, Actor{}, left[0]); {
			case err == nil:
				dropped++
			case !errors.Is(err, ErrNotFound):
				return err
			}
		}
		return nil
	})
	if err == nil {
		cleaned.AccessTokens += dropped
	}
	return left, err
}
