package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

func (r reader) Session(ctx context.Context, digest tokencore.Digest) (tokencore.Session, error) {
	return rowBy(ctx, r.guard, r.data.sessions, r.data.sessionByDigest, "session", digest)
}

func (r reader) Sessions(ctx context.Context, userID int64) ([]tokencore.Session, error) {
	if err := r.guard.enter(ctx); err != nil {
		return nil, err
	}
	defer r.guard.leave()
	var sessions []tokencore.Session
	for _, id := range r.data.sessions.matching(func(s tokencore.Session) bool { return s.UserID == userID }) {
		sessions = append(sessions, r.data.sessions.rows[id])
	}
	slices.SortStableFunc(sessions, func(a, b tokencore.Session) int {
		return a.Created.Compare(b.Created)
	})
	return sessions, nil
}

func (t *tx) CreateSession(ctx context.Context, s tokencore.Session) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if _, taken := t.data.sessionByDigest[s.Digest]; taken {
		return fmt.Errorf("creating session: %w", tokencore.ErrConflict)
	}
	s.Created, s.Expires = kept(s.Created), kept(s.Expires)
	id := t.data.sessions.nextID()
	set(&t.journal, t.data.sessions.rows, id, s)
	set(&t.journal, t.data.sessionByDigest, s.Digest, id)
	return nil
}

func (t *tx) ExtendSession(ctx context.Context, digest tokencore.Digest, expires time.Time) error {
	s, err := t.Session(ctx, digest)
	if err != nil {
		return fmt.Errorf("extending: %w", err)
	}
	s.Expires = kept(expires)
	set(&t.journal, t.data.sessions.rows, t.data.sessionByDigest[digest], s)
	return nil
}

func (t *tx) DeleteSession(ctx context.Context, digest tokencore.Digest) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if id, ok := t.data.sessionByDigest[digest]; ok {
		t.removeSessions([]int64{id})
	}
	return nil
}

func (t *tx) DeleteSessions(ctx context.Context, userID int64, expiredBefore time.Time, most int) (int, error) {
	if err := t.guard.enter(ctx); err != nil {
		return 0, err
	}
	ids := t.data.sessions.matching(func(s tokencore.Session) bool {
		return (userID == 0 || s.UserID == userID) && (expiredBefore.IsZero() || s.Expires.Before(kept(expiredBefore)))
	})
	if most > 0 {
		ids = ids[:min(most, len(ids))]
	}
	t.removeSessions(ids)
	return len(ids), nil
}

func (t *tx) removeSessions(ids []int64) {
	for _, id := range ids {
		drop(&t.journal, t.data.sessionByDigest, t.data.sessions.rows[id].Digest)
		drop(&t.journal, t.data.sessions.rows, id)
	}
}
