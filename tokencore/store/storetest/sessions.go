package storetest

import (
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var sessionTests = []test{
	{"what was created comes back by digest, also after it has expired", func(t *testing.T, s store) {
		one := s.session(t, "one", 1, start)
		got, err := s.Session(s.ctx, one.Digest)
		same(t, "session", found(t, got, err), one)
	}},
	{"unknown ones are not found, and cannot be extended", func(t *testing.T, s store) {
		s.session(t, "one", 1, start)
		for _, unknown := range []tokencore.Digest{{}, digest(tokencore.KindSession, "other"), digest(tokencore.KindAccess, "one")} {
			row, err := s.Session(s.ctx, unknown)
			missing(t, row, err)
			s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.ExtendSession(s.ctx, unknown, start) })
		}
	}},
	{"a digest exists once", func(t *testing.T, s store) {
		one := s.session(t, "one", 1, start)
		one.UserID = 2
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error { return tx.CreateSession(s.ctx, one) })
	}},
	{"those of a user come back, the oldest first", func(t *testing.T, s store) {
		third := s.session(t, "third", 1, start.Add(time.Minute))
		first := s.session(t, "first", 1, start)
		s.session(t, "another's", 2, start)
		second := s.session(t, "second", 1, start)
		got, err := s.Sessions(s.ctx, 1)
		same(t, "sessions", found(t, got, err), []tokencore.Session{first, second, third})
		got, err = s.Sessions(s.ctx, 3)
		same(t, "of nobody", len(found(t, got, err)), 0)
	}},
	{"extending overwrites the expiry and nothing else", func(t *testing.T, s store) {
		one, other := s.session(t, "one", 1, start), s.session(t, "other", 1, start)
		one.Expires = start.Add(2 * time.Hour)
		s.update(t, func(tx tokencore.Tx) error { return tx.ExtendSession(s.ctx, one.Digest, one.Expires.Add(999)) })
		got, err := s.Sessions(s.ctx, 1)
		same(t, "sessions", found(t, got, err), []tokencore.Session{one, other})
	}},
	{"deleting one twice is no error", func(t *testing.T, s store) {
		one, other := s.session(t, "one", 1, start), s.session(t, "other", 1, start)
		for range 2 {
			s.update(t, func(tx tokencore.Tx) error { return tx.DeleteSession(s.ctx, one.Digest) })
		}
		row, err := s.Session(s.ctx, one.Digest)
		missing(t, row, err)
		got, err := s.Sessions(s.ctx, 1)
		same(t, "left", found(t, got, err), []tokencore.Session{other})
		s.session(t, "one", 2, start) // the digest is free again
	}},
	{"sessions are deleted by user and by expiry", func(t *testing.T, s store) {
		expiry := start.Add(time.Hour)
		for _, test := range []struct {
			name       string
			user       int64
			before     time.Time
			most, want int
		}{
			{"expired before", 0, expiry.Add(time.Microsecond), 0, 2},
			{"exactly at its expiry a session has not expired before", 0, expiry, 0, 0},
			{"of a user", 1, time.Time{}, 0, 2},
			{"of a user that expired before", 1, expiry.Add(time.Microsecond), 0, 1},
			{"of nobody", 3, time.Time{}, 0, 0},
			{"all", 0, time.Time{}, 0, 4},
			{"three of all", 0, time.Time{}, 3, 3},
		} {
			s.update(t, func(tx tokencore.Tx) error {
				_, err := tx.DeleteSessions(s.ctx, 0, time.Time{}, 0)
				return err
			})
			s.session(t, "one", 1, start)
			s.session(t, "two", 1, start.Add(time.Minute))
			s.session(t, "three", 2, start)
			s.session(t, "four", 2, start.Add(time.Minute))
			s.update(t, func(tx tokencore.Tx) error {
				n, err := tx.DeleteSessions(s.ctx, test.user, test.before, test.most)
				same(t, test.name, n, test.want)
				return err
			})
			one, err := s.Sessions(s.ctx, 1)
			two, err2 := s.Sessions(s.ctx, 2)
			same(t, test.name+": left", len(found(t, one, err))+len(found(t, two, err2)), 4-test.want)
		}
	}},
	{"a session may belong to a user of another directory", func(t *testing.T, s store) {
		one := s.session(t, "one", 12345, start)
		got, err := s.Sessions(s.ctx, 12345)
		same(t, "sessions", found(t, got, err), []tokencore.Session{one})
	}},
}
