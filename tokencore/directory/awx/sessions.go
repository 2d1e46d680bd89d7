package awx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/session"
)

// maxCookie bounds in bytes a session cookie that AWX is asked about; Django's have 32.
const maxCookie = 256

// Sessions knows who is signed in at AWX: it asks AWX with the cookie that the browser
// sent, anew for each request, and with nothing else of the request. Use NewSessions.
//
// Forms, and requests that change something, are checked as those of our own sessions
// are: AWX's csrftoken cookie and ours are the same thing to Django.
type Sessions struct {
	svc       *tokencore.Service
	directory *Directory
	cookie    string
	forms     *session.Sessions
}

// NewSessions returns the sessions of a service's users at AWX. The cookie is AWX's
// SESSION_COOKIE_NAME; empty: session.CookieName, its default.
func NewSessions(svc *tokencore.Service, directory *Directory, cookie string) (*Sessions, error) {
	if directory == nil {
		return nil, errors.New("sessions of AWX need its directory")
	}
	forms, err := session.New(svc, session.Config{})
	if err != nil {
		return nil, fmt.Errorf("building form tokens: %w", err)
	}
	if cookie == "" {
		cookie = session.CookieName
	}
	return &Sessions{svc: svc, directory: directory, cookie: cookie, forms: forms}, nil
}

// Actor returns who is signed in, with the rights of a person who does everything himself.
// AWX prolongs a session with every request; the cookie that it sends for that is handed
// on. session.ErrNone: nobody is signed in.
func (s *Sessions) Actor(w http.ResponseWriter, r *http.Request) (tokencore.Actor, error) {
	cookie, err := r.Cookie(s.cookie)
	if err != nil || cookie.Value == "" || len(cookie.Value) > maxCookie {
		return tokencore.Actor{}, session.ErrNone
	}
	user, header, err := s.directory.signedIn(r.Context(), &http.Cookie{Name: s.cookie, Value: cookie.Value}) //nolint:gosec // sent, not set
	if err != nil {
		return tokencore.Actor{}, err
	}
	actor, err := s.svc.Actor(r.Context(), user, tokencore.ScopeRead|tokencore.ScopeWrite)
	if errors.Is(err, tokencore.ErrNotFound) {
		return tokencore.Actor{}, session.ErrNone // gone since a moment ago
	}
	if err != nil {
		return tokencore.Actor{}, err
	}
	s.prolong(w, header)
	return actor, nil
}

// prolong hands on what AWX says about the session, and nothing else that it set.
func (s *Sessions) prolong(w http.ResponseWriter, header http.Header) {
	for _, line := range header.Values("Set-Cookie") {
		if set, err := http.ParseSetCookie(line); err == nil && set.Name == s.cookie {
			w.Header().Add("Set-Cookie", line)
		}
	}
	if timeout := header.Get("Session-Timeout"); timeout != "" {
		w.Header().Set("Session-Timeout", timeout)
	}
}

// FormToken is session.Sessions.FormToken.
func (s *Sessions) FormToken(w http.ResponseWriter, r *http.Request) (string, error) {
	return s.forms.FormToken(w, r)
}

// CheckCSRF is session.Sessions.CheckCSRF.
func (s *Sessions) CheckCSRF(r *http.Request, formToken string) error {
	return s.forms.CheckCSRF(r, formToken)
}

// withCookie authorizes a request by a session.
func withCookie(cookie *http.Cookie) func(*http.Request) error {
	return func(r *http.Request) error {
		r.AddCookie(cookie)
		return nil
	}
}

// signedIn asks AWX whose session a cookie is, and returns the header of the answer, too.
func (d *Directory) signedIn(ctx context.Context, cookie *http.Cookie) (user tokencore.User, header http.Header, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.config.Timeout)
	defer cancel()
	user, err = d.whoIs(ctx, func(ctx context.Context, path string, query url.Values, into any) (err error) {
		header, err = d.client.get(ctx, path, query, withCookie(cookie), into)
		return err
	})
	switch {
	case isRefusal(err):
		return tokencore.User{}, nil, session.ErrNone
	case err != nil:
		return tokencore.User{}, nil, unavailable("checking a session", err)
	default:
		return user, header, nil
	}
}
