package session

import (
	"context"
	"errors"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// clearedAtOnce bounds how many expired sessions one sign-in deletes.
const clearedAtOnce = 100

// SignIn checks a password and begins a session with a new key; the one that the
// request may have had ends. It sets the cookies, a new csrftoken among them, and the
// user's time of last login. ErrBadCredentials.
func (s *Sessions) SignIn(w http.ResponseWriter, r *http.Request, username string, password tokencore.Secret) (tokencore.User, error) {
	ctx := r.Context()
	user, err := s.svc.Directory().Authenticate(ctx, username, password)
	if errors.Is(err, tokencore.ErrBadCredentials) || errors.Is(err, tokencore.ErrNotFound) {
		// Not the name: people type passwords there.
		s.svc.Logger().WarnContext(ctx, "login refused", "from", r.RemoteAddr)
		return tokencore.User{}, tokencore.ErrBadCredentials
	}
	if err != nil {
		return tokencore.User{}, tokencore.Unavailable("checking password", err)
	}
	key, err := s.newKey()
	if err != nil {
		return tokencore.User{}, err
	}
	csrf, err := s.newKey()
	if err != nil {
		return tokencore.User{}, err
	}
	settings, err := s.svc.Settings(ctx)
	if err != nil {
		return tokencore.User{}, err
	}
	old, _ := sessionKey(r)
	err = s.svc.Store().Update(ctx, func(tx tokencore.Tx) error {
		return s.begin(ctx, tx, settings, user.ID, key, old)
	})
	if err != nil {
		return tokencore.User{}, err
	}
	s.svc.Logger().InfoContext(ctx, "user logged in", "user", user.Username, "from", r.RemoteAddr)
	s.setSignedInCookie(w, r)
	s.setCSRFCookie(w, r, csrf)
	s.setSessionCookie(w, r, key, settings.SessionSeconds)
	return user, nil
}

// begin writes a session, and clears away what it replaces and what has expired.
func (s *Sessions) begin(ctx context.Context, tx tokencore.Tx, settings tokencore.Settings, userID int64, key, old tokencore.Secret) error {
	user, err := tx.User(ctx, userID)
	if errors.Is(err, tokencore.ErrNotFound) || err == nil && !user.IsActive {
		return tokencore.ErrBadCredentials // since a moment ago
	}
	if err != nil {
		return tokencore.Unavailable("loading user", err)
	}
	now := s.svc.Now()
	user.LastLogin = now
	if err := tx.UpdateUser(ctx, user); err != nil {
		return tokencore.Unavailable("noting login", err)
	}
	if err := tx.DeleteSession(ctx, old.Digest(tokencore.KindSession)); err != nil {
		return tokencore.Unavailable("ending old session", err)
	}
	// Others sign in, too, so a few at a time are enough.
	if _, err := tx.DeleteSessions(ctx, 0, now, clearedAtOnce); err != nil {
		return tokencore.Unavailable("clearing expired sessions", err)
	}
	err = tx.CreateSession(ctx, tokencore.Session{
		Digest: key.Digest(tokencore.KindSession), UserID: userID,
		Created: now, Expires: lifeOf(now, settings).expires(now),
	})
	if err != nil {
		return tokencore.Unavailable("creating session", err)
	}
	return dropOldest(ctx, tx, userID, settings.SessionsPerUser)
}

// dropOldest ends the user's sessions beyond the limit; a negative one is none.
func dropOldest(ctx context.Context, tx tokencore.Tx, userID, limit int64) error {
	if limit < 0 {
		return nil
	}
	sessions, err := tx.Sessions(ctx, userID)
	if err != nil {
		return tokencore.Unavailable("listing sessions", err)
	}
	for _, oldest := range sessions[:max(int64(len(sessions))-limit, 0)] {
		if err := tx.DeleteSession(ctx, oldest.Digest); err != nil {
			return tokencore.Unavailable("ending oldest session", err)
		}
	}
	return nil
}

// SignOut ends the session of the request, if there is one, and has the browser forget it.
func (s *Sessions) SignOut(w http.ResponseWriter, r *http.Request) error {
	if _, err := r.Cookie(CookieName); err == nil {
		if err := s.end(r); err != nil {
			return err
		}
		s.deleteSessionCookie(w, r)
	}
	s.setSignedOutCookie(w, r)
	return nil
}

// end reads before it writes: made-up cookies must not cost a transaction each.
func (s *Sessions) end(r *http.Request) error {
	key, ok := sessionKey(r)
	if !ok {
		return nil
	}
	ctx, digest := r.Context(), key.Digest(tokencore.KindSession)
	_, err := s.svc.Store().Session(ctx, digest)
	if errors.Is(err, tokencore.ErrNotFound) {
		return nil
	}
	if err != nil {
		return tokencore.Unavailable("looking up session", err)
	}
	err = s.svc.Store().Update(ctx, func(tx tokencore.Tx) error {
		return tokencore.Unavailable("ending session", tx.DeleteSession(ctx, digest))
	})
	return err
}
