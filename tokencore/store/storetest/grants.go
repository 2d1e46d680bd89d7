package storetest

import (
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var refreshTokenTests = []test{
	{"what was created comes back by digest", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		o := s.token(t, "token", 1, a.ID)
		r := s.refreshToken(t, "refresh", 1, a.ID, o.ID)
		got, err := s.RefreshTokenByDigest(s.ctx, r.Digest)
		same(t, "refresh token", found(t, got, err), r)
		page, count, err := s.RefreshTokens(s.ctx, tokencore.Query{})
		same(t, "page", found(t, page, err), []tokencore.RefreshToken{r})
		same(t, "count", count, 1)
	}},
	{"unknown ones are not found", func(t *testing.T, s store) {
		r := s.refreshToken(t, "refresh", 1, 0, 0)
		row, err := s.RefreshTokenByDigest(s.ctx, digest(tokencore.KindRefresh, "other"))
		missing(t, row, err)
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.RevokeRefreshToken(s.ctx, r.ID+1, start) })
	}},
	{"a digest exists once, also after it was used", func(t *testing.T, s store) {
		r := s.refreshToken(t, "refresh", 1, 0, 0)
		again := func(tx tokencore.Tx) error {
			return tx.CreateRefreshToken(s.ctx, &tokencore.RefreshToken{Digest: r.Digest, UserID: 2})
		}
		s.refuse(t, tokencore.ErrConflict, again)
		s.update(t, func(tx tokencore.Tx) error { return tx.RevokeRefreshToken(s.ctx, r.ID, start) })
		s.refuse(t, tokencore.ErrConflict, again)
	}},
	{"none can be made for an application or an access token that is gone", func(t *testing.T, s store) {
		for _, orphan := range []tokencore.RefreshToken{
			{Digest: digest(tokencore.KindRefresh, "a"), UserID: 1, ApplicationID: 77},
			{Digest: digest(tokencore.KindRefresh, "b"), UserID: 1, TokenID: 77},
		} {
			s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.CreateRefreshToken(s.ctx, &orphan) })
		}
	}},
	{"a used one stays as a tombstone and cannot be used again", func(t *testing.T, s store) {
		r := s.refreshToken(t, "refresh", 1, 0, 0)
		s.update(t, func(tx tokencore.Tx) error { return tx.RevokeRefreshToken(s.ctx, r.ID, start.Add(time.Minute)) })
		s.refuse(t, tokencore.ErrConsumed, func(tx tokencore.Tx) error {
			return tx.RevokeRefreshToken(s.ctx, r.ID, start.Add(time.Hour))
		})
		r.Revoked = start.Add(time.Minute)
		got, err := s.RefreshTokenByDigest(s.ctx, r.Digest)
		same(t, "refresh token", found(t, got, err), r)
	}},
	{"of 16 concurrent uses exactly one succeeds", func(t *testing.T, s store) {
		r := s.refreshToken(t, "refresh", 1, 0, 0)
		oneWinner(t, inParallel(16, func() error {
			return s.Update(s.ctx, func(tx tokencore.Tx) error { return tx.RevokeRefreshToken(s.ctx, r.ID, start) })
		}))
	}},
	{"deleting returns how many there were", func(t *testing.T, s store) {
		one, two, three := s.refreshToken(t, "one", 1, 0, 0), s.refreshToken(t, "two", 1, 0, 0), s.refreshToken(t, "three", 1, 0, 0)
		for _, test := range []struct {
			ids  []int64
			want int
		}{{nil, 0}, {[]int64{one.ID, 12345, three.ID}, 2}, {[]int64{one.ID}, 0}} {
			s.update(t, func(tx tokencore.Tx) error {
				n, err := tx.DeleteRefreshTokens(s.ctx, test.ids)
				same(t, "deleted", n, test.want)
				return err
			})
		}
		page, _, err := s.RefreshTokens(s.ctx, tokencore.Query{})
		same(t, "left", found(t, page, err), []tokencore.RefreshToken{two})
	}},
}

var codeTests = []test{
	{"what was created comes back by digest", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		c := s.code(t, "code", 1, a.ID, start.Add(time.Minute))
		got, err := s.CodeByDigest(s.ctx, c.Digest)
		same(t, "code", found(t, got, err), c)
	}},
	{"unknown ones are not found", func(t *testing.T, s store) {
		unknown := digest(tokencore.KindCode, "unknown")
		row, err := s.CodeByDigest(s.ctx, unknown)
		missing(t, row, err)
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.ConsumeCode(s.ctx, unknown, start) })
	}},
	{"a digest exists once", func(t *testing.T, s store) {
		c := s.code(t, "code", 1, 0, start)
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error {
			return tx.CreateCode(s.ctx, &tokencore.AuthorizationCode{Digest: c.Digest, UserID: 2})
		})
	}},
	{"none can be made for an application that is gone", func(t *testing.T, s store) {
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error {
			return tx.CreateCode(s.ctx, &tokencore.AuthorizationCode{Digest: digest(tokencore.KindCode, "orphan"), UserID: 2, ApplicationID: 77})
		})
	}},
	{"a used one is kept and cannot be used again", func(t *testing.T, s store) {
		c := s.code(t, "code", 1, 0, start)
		s.update(t, func(tx tokencore.Tx) error { return tx.ConsumeCode(s.ctx, c.Digest, start.Add(time.Minute)) })
		s.refuse(t, tokencore.ErrConsumed, func(tx tokencore.Tx) error { return tx.ConsumeCode(s.ctx, c.Digest, start.Add(time.Hour)) })
		c.Used = start.Add(time.Minute)
		got, err := s.CodeByDigest(s.ctx, c.Digest)
		same(t, "code", found(t, got, err), c)
	}},
	{"of 16 concurrent uses exactly one succeeds", func(t *testing.T, s store) {
		c := s.code(t, "code", 1, 0, start)
		oneWinner(t, inParallel(16, func() error {
			return s.Update(s.ctx, func(tx tokencore.Tx) error { return tx.ConsumeCode(s.ctx, c.Digest, start) })
		}))
	}},
	{"codes are deleted by application, by user and by expiry", func(t *testing.T, s store) {
		a, b := s.application(t, "a", 4), s.application(t, "b", 4)
		for _, test := range []struct {
			name              string
			application, user int64
			before            time.Time
			most, want        int
		}{
			{"expired before", 0, 0, start.Add(time.Second), 0, 2},
			{"exactly at its expiry a code has not expired before", 0, 0, start, 0, 0},
			{"of an application", a.ID, 0, time.Time{}, 0, 2},
			{"of a user", 0, 1, time.Time{}, 0, 2},
			{"of a user that expired before", 0, 1, start.Add(time.Second), 0, 1},
			{"of an application and a user", b.ID, 2, time.Time{}, 0, 1},
			{"all", 0, 0, time.Time{}, 0, 4},
			{"three of all", 0, 0, time.Time{}, 3, 3},
			{"one that expired before", 0, 0, start.Add(time.Second), 1, 1},
		} {
			s.update(t, func(tx tokencore.Tx) error {
				_, err := tx.DeleteCodes(s.ctx, 0, 0, time.Time{}, 0)
				return err
			})
			s.code(t, "one", 1, a.ID, start)
			s.code(t, "two", 1, b.ID, start.Add(time.Hour))
			s.code(t, "three", 2, a.ID, start)
			s.code(t, "four", 2, b.ID, start.Add(time.Hour))
			s.update(t, func(tx tokencore.Tx) error {
				n, err := tx.DeleteCodes(s.ctx, test.application, test.user, test.before, test.most)
				same(t, test.name, n, test.want)
				return err
			})
		}
	}},
}
