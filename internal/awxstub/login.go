package awxstub

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
)

const (
	sessionCookie = "awx_sessionid"
	csrfCookie    = "csrftoken"
)

// authenticate finds out who acts, in AWX's order: JWT, session, Basic. What is present
// and wrong ends the matter, except for a session, which is as good as absent.
func (s *Stub) authenticate(c *call) (status int, detail string) {
	if token := jwtOf(c.Header); token != "" && s.key != nil {
		user, err := s.byJWT(token)
		if err != nil {
			return http.StatusUnauthorized, "JWT refused: " + err.Error()
		}
		c.user = user
		return http.StatusOK, ""
	}
	if cookie, err := c.Cookie(sessionCookie); err == nil {
		if id, known := s.sessions[cookie.Value]; known {
			if !isSafe(c.Method) && (!s.originTrusted(c) || !c.csrfMatches("")) {
				return http.StatusForbidden, "CSRF Failed: CSRF token missing."
			}
			c.user = s.find(func(u *User) bool { return u.ID == id && !u.Disabled })
			setSession(c, cookie.Value) // SESSION_SAVE_EVERY_REQUEST
		}
	}
	if username, password, ok := c.BasicAuth(); ok && c.user == nil {
		if c.user = s.byPassword(username, password); c.user == nil {
			return http.StatusUnauthorized, "Invalid username/password."
		}
	}
	return http.StatusOK, ""
}

func (s *Stub) byPassword(username, password string) *User {
	return s.find(func(u *User) bool {
		return u.Username == username && u.Password == password && password != "" && !u.Disabled
	})
}

func isSafe(method string) bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, method)
}

// csrfMatches is Django's double submit: the cookie and the header, or the form's field.
func (c *call) csrfMatches(fromForm string) bool {
	cookie, err := c.Cookie(csrfCookie)
	if err != nil || cookie.Value == "" {
		return false
	}
	return cookie.Value == c.Header.Get("X-CSRFToken") || cookie.Value == fromForm
}

// newCSRFToken makes a secret of Django's length.
func newCSRFToken() string { return (rand.Text() + rand.Text())[:32] }

// loginPage hands out the CSRF token.
func (*Stub) loginPage(c *call) {
	http.SetCookie(c.w, &http.Cookie{Name: csrfCookie, Value: newCSRFToken(), Path: "/", SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain HTTP, and read by scripts, as in AWX
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = c.w.Write([]byte("<title>AWX</title>\n"))
}

func (s *Stub) login(c *call) {
	form, err := url.ParseQuery(c.body)
	if err != nil || !s.originTrusted(c) || !c.csrfMatches(form.Get("csrfmiddlewaretoken")) {
		c.refuse(http.StatusForbidden, "CSRF Failed: CSRF token missing.")
		return
	}
	user := s.byPassword(form.Get("username"), form.Get("password"))
	if user == nil {
		c.refuse(http.StatusUnauthorized, "Unable to log in with provided credentials.")
		return
	}
	c.user = user
	id := rand.Text()
	s.sessions[id] = user.ID
	setSession(c, id)
	http.SetCookie(c.w, &http.Cookie{Name: "userLoggedIn", Value: "true", Path: "/"}) //nolint:gosec // plain HTTP, and read by scripts, as in AWX
	c.w.Header().Set("X-API-Session-Cookie-Name", sessionCookie)
	c.w.Header().Set("Location", "/api/")
	c.w.WriteHeader(http.StatusFound)
}

func setSession(c *call, id string) {
	http.SetCookie(c.w, &http.Cookie{Name: sessionCookie, Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // plain HTTP
	c.w.Header().Set("Session-Timeout", "1800")
}

func (s *Stub) logout(c *call) {
	if cookie, err := c.Cookie(sessionCookie); err == nil {
		delete(s.sessions, cookie.Value)
	}
	c.w.Header().Set("Location", "/api/")
	c.w.WriteHeader(http.StatusFound)
}

// NewSession signs a user in, whom it creates if need be, and returns the session's cookie.
func (s *Stub) NewSession(username string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.find(func(u *User) bool { return u.Username == username })
	if user == nil {
		user = &User{ID: s.newID(), Username: username}
		s.users = append(s.users, user)
	}
	id := rand.Text()
	s.sessions[id] = user.ID
	return id
}
