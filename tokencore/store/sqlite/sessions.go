package sqlite

import (
	"context"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlSessions       = `SELECT digest, user_id, created, expires FROM sessions`
	sqlSession        = sqlSessions + ` WHERE digest = ?`
	sqlSessionsOfUser = sqlSessions + ` WHERE user_id = ? ORDER BY created, id`

	sqlCreateSession  = `INSERT INTO sessions (digest, user_id, created, expires) VALUES (?, ?, ?, ?)`
	sqlExtendSession  = `UPDATE sessions SET expires = ? WHERE digest = ?`
	sqlDeleteSession  = `DELETE FROM sessions WHERE digest = ?`
	sqlDeleteSessions = `DELETE FROM sessions WHERE (?1 IS NULL OR user_id = ?1) AND (?2 IS NULL OR expires < ?2)`
)

func (r reader) Session(ctx context.Context, digest tokencore.Digest) (tokencore.Session, error) {
	return one(ctx, r.session, "reading session", scanSession, sqlSession, digest[:])
}

func (r reader) Sessions(ctx context.Context, userID int64) ([]tokencore.Session, error) {
	return list(ctx, r.session, "listing sessions", scanSession, sqlSessionsOfUser, userID)
}

func (t *tx) CreateSession(ctx context.Context, s tokencore.Session) error {
	_, err := t.session.exec(ctx, "creating session", sqlCreateSession, s.Digest[:], s.UserID, micros(s.Created), micros(s.Expires))
	return err
}

func (t *tx) ExtendSession(ctx context.Context, digest tokencore.Digest, expires time.Time) error {
	return t.session.must(ctx, "extending session", sqlExtendSession, micros(expires), digest[:])
}

func (t *tx) DeleteSession(ctx context.Context, digest tokencore.Digest) error {
	_, err := t.session.exec(ctx, "deleting session", sqlDeleteSession, digest[:])
	return err
}

func (t *tx) DeleteSessions(ctx context.Context, userID int64, expiredBefore time.Time) (int, error) {
	return t.session.exec(ctx, "deleting sessions", sqlDeleteSessions, reference(userID), maybe(expiredBefore))
}

func scanSession(r row) (s tokencore.Session, err error) {
	err = r.Scan(digest{&s.Digest}, &s.UserID, moment{&s.Created}, moment{&s.Expires})
	return s, err
}
