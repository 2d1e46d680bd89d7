package sqlstore

import (
	"context"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlSessions       = `SELECT digest, user_id, created, expires FROM sessions`
	sqlSession        = sqlSessions + ` WHERE digest = $1`
	sqlSessionsOfUser = sqlSessions + ` WHERE user_id = $1 ORDER BY created, id`

	sqlCreateSession  = `INSERT INTO sessions (digest, user_id, created, expires) VALUES ($1, $2, $3, $4)`
	sqlExtendSession  = `UPDATE sessions SET expires = $1 WHERE digest = $2`
	sqlDeleteSession  = `DELETE FROM sessions WHERE digest = $1`
	sqlDeleteSessions = `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
		WHERE (user_id = $1 OR $1 IS NULL) AND (expires < $2 OR $2 IS NULL) LIMIT $3)`
)

func (r Reader) Session(ctx context.Context, digest tokencore.Digest) (tokencore.Session, error) {
	return one(ctx, r.session, "reading session", scanSession, sqlSession, digest[:])
}

func (r Reader) Sessions(ctx context.Context, userID int64) ([]tokencore.Session, error) {
	return list(ctx, r.session, "listing sessions", scanSession, sqlSessionsOfUser, userID)
}

func (t *Tx) CreateSession(ctx context.Context, s tokencore.Session) error {
	_, err := t.session.try(ctx, "creating session", sqlCreateSession, s.Digest[:], s.UserID, micros(s.Created), micros(s.Expires))
	return err
}

func (t *Tx) ExtendSession(ctx context.Context, digest tokencore.Digest, expires time.Time) error {
	return t.session.must(ctx, "extending session", sqlExtendSession, micros(expires), digest[:])
}

func (t *Tx) DeleteSession(ctx context.Context, digest tokencore.Digest) error {
	_, err := t.session.exec(ctx, "deleting session", sqlDeleteSession, digest[:])
	return err
}

func (t *Tx) DeleteSessions(ctx context.Context, userID int64, expiredBefore time.Time, most int) (int, error) {
	return t.session.exec(ctx, "deleting sessions", sqlDeleteSessions, reference(userID), maybe(expiredBefore), atMost(most))
}

func scanSession(r Row) (s tokencore.Session, err error) {
	err = r.Scan(digest{&s.Digest}, &s.UserID, moment{&s.Created}, moment{&s.Expires})
	return s, err
}
