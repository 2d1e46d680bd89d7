package session

import (
	"net/http"
	"strconv"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// CookieName is the name of the session cookie. awxkit finds it through a header
// that the login endpoint sends.
const CookieName = "awx_sessionid"

const (
	csrfCookie     = "csrftoken"
	signedInCookie = "userLoggedIn" // AWX's UI reads it
	// keyLength is the length of a session's and of a csrftoken's value: 190 bits.
	keyLength = 32
)

// newKey returns a new value for a cookie.
func (s *Sessions) newKey() (tokencore.Secret, error) {
	key, err := tokencore.GenerateSecret(s.svc.Rand(), keyLength)
	return key, tokencore.Unavailable("generating key", err)
}

// sessionKey returns the value of the session cookie, if it can be one at all.
func sessionKey(r *http.Request) (tokencore.Secret, bool) {
	cookie, err := r.Cookie(CookieName)
	if err != nil || len(cookie.Value) != keyLength {
		return tokencore.Secret{}, false
	}
	return tokencore.NewSecret(cookie.Value), true
}

// attributes are those in which AWX's cookies differ.
type attributes struct {
	sameSite http.SameSite
	httpOnly bool
	quoted   bool
	expires  time.Time
	maxAge   int
}

// setSessionCookie hands the session to the browser for some more seconds.
func (s *Sessions) setSessionCookie(w http.ResponseWriter, r *http.Request, key tokencore.Secret, seconds int64) {
	s.setCookie(w, r, CookieName, key.Reveal(), attributes{
		sameSite: http.SameSiteLaxMode, httpOnly: true,
		expires: tokencore.ExpiryAfter(s.svc.Now(), seconds), maxAge: int(seconds),
	})
	w.Header().Set("Session-Timeout", strconv.FormatInt(seconds, 10))
}

func (s *Sessions) deleteSessionCookie(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, CookieName, "", attributes{
		sameSite: http.SameSiteLaxMode, quoted: true, expires: time.Unix(0, 0), maxAge: -1,
	})
}

// setCSRFCookie makes a cookie that pages of ours can read, which is the point of it.
func (s *Sessions) setCSRFCookie(w http.ResponseWriter, r *http.Request, secret tokencore.Secret) {
	s.setCookie(w, r, csrfCookie, secret.Reveal(), attributes{sameSite: http.SameSiteLaxMode})
}

func (s *Sessions) setSignedInCookie(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, signedInCookie, "true", attributes{sameSite: http.SameSiteLaxMode})
}

func (s *Sessions) setSignedOutCookie(w http.ResponseWriter, r *http.Request) {
	s.setCookie(w, r, signedInCookie, "false", attributes{})
}

func (s *Sessions) setCookie(w http.ResponseWriter, r *http.Request, name, value string, a attributes) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // all attributes are there, just not as constants
		Name: name, Value: value, Path: "/", Secure: s.config.Secure(r),
		SameSite: a.sameSite, HttpOnly: a.httpOnly, Quoted: a.quoted, Expires: a.expires, MaxAge: a.maxAge,
	})
}
