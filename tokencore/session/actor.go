package session

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// Actor returns who is signed in, with the rights of a person who does everything
// himself, and prolongs the session: the cookie is sent again, with AWX's header
// Session-Timeout. ErrNone: nobody is signed in.
func (s *Sessions) Actor(w http.ResponseWriter, r *http.Request) (tokencore.Actor, error) {
	key, ok := sessionKey(r)
	if !ok {
		return tokencore.Actor{}, ErrNone
	}
	ctx := r.Context()
	found, err := s.svc.Store().Session(ctx, key.Digest(tokencore.KindSession))
	if err != nil {
		return tokencore.Actor{}, noneOr("looking up session", err)
	}
	settings, err := s.svc.Settings(ctx)
	if err != nil {
		return tokencore.Actor{}, err
	}
	if !s.svc.Now().Before(found.Expires) || settings.LocalAuthOff {
		return tokencore.Actor{}, ErrNone
	}
	user, err := s.svc.Directory().User(ctx, found.UserID)
	if err != nil {
		return tokencore.Actor{}, noneOr("looking up user", err)
	}
	if !user.IsActive {
		return tokencore.Actor{}, ErrNone
	}
	actor, err := s.svc.Actor(ctx, user, tokencore.ScopeRead|tokencore.ScopeWrite)
	if err != nil {
		return tokencore.Actor{}, noneOr("looking up roles", err)
	}
	actor.Session = found.Digest
	l := lifeOf(found.Created, settings)
	if err := s.prolong(ctx, found, l); err != nil {
		return tokencore.Actor{}, err
	}
	s.setSessionCookie(w, r, key, l.promised(s.svc.Now()))
	return actor, nil
}

// noneOr takes what is not there for nobody, and everything else for a failure.
func noneOr(doing string, err error) error {
	if errors.Is(err, tokencore.ErrNotFound) {
		return ErrNone
	}
	return tokencore.Unavailable(doing, err)
}

// prolong writes when enough has changed. A failure to write is no reason to refuse
// who is signed in: the next request tries again.
func (s *Sessions) prolong(ctx context.Context, found tokencore.Session, l life) error {
	expires := l.expires(s.svc.Now())
	if moved := expires.Sub(found.Expires).Abs(); moved < l.step() {
		return nil
	}
	err := s.svc.Store().Update(ctx, func(tx tokencore.Tx) error {
		return tokencore.Unavailable("prolonging session", tx.ExtendSession(ctx, found.Digest, expires))
	})
	if errors.Is(err, tokencore.ErrNotFound) {
		return ErrNone // signed out since a moment ago
	}
	if err != nil {
		s.svc.Logger().WarnContext(ctx, "session not prolonged", "user_id", found.UserID, "error", err)
	}
	return nil
}

// life says how long a session lives.
type life struct {
	idle int64 // seconds after the last use
	end  time.Time
}

// longestLife ends a session that is never idle, in seconds.
const longestLife = 30 * 24 * 60 * 60

func lifeOf(created time.Time, settings tokencore.Settings) life {
	idle := settings.SessionSeconds
	return life{idle: idle, end: tokencore.ExpiryAfter(created, max(idle, longestLife))}
}

// step is how far the expiry of a row may lag: a minute, or a tenth of a short life.
func (l life) step() time.Duration { return time.Duration(min(l.idle/10, 60)) * time.Second }

// promised returns for how many seconds the browser keeps the cookie.
func (l life) promised(now time.Time) int64 {
	return min(l.idle, max(l.end.Unix()-now.Unix(), 0))
}

// expires returns what the row is to say. It is a step more than was promised, since
// the next uses within a step are not written.
func (l life) expires(now time.Time) time.Time {
	expires := tokencore.ExpiryAfter(now, l.idle).Add(l.step())
	if expires.After(l.end) {
		return l.end
	}
	return expires
}
