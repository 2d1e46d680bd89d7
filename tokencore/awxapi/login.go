package awxapi

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/internal/webform"
	"github.com/awxgate/awxgate/tokencore/session"
)

const (
	fieldUsername = "username"
	fieldPassword = "password"
	fieldNext     = "next" // where to go afterwards
)

var loginFields = []string{fieldUsername, fieldPassword, fieldNext, session.FormField}

// loginRoutes are there with accounts of our own. Users of a remote AWX sign in there.
func (a *API) loginRoutes() []route {
	if a.config.Accounts == nil {
		return nil
	}
	return []route{
		{path: loginPath, raw: a.serveLogin},
		{path: logoutPath, raw: a.serveLogout},
	}
}

func (a *API) serveLogin(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		neverCache(w.Header())
		if !accepts(r.Header, "*/*", "text/*", "text/html") {
			writeNotAcceptable(w)
			return
		}
		a.prolong(w, r)
		a.showLogin(w, r, http.StatusOK, loginPage{Next: nextOf(r, nil)})
	case http.MethodPost:
		a.login(w, r)
	default:
		writeRawMethods(w, r, "GET, POST, HEAD, OPTIONS")
	}
}

// login signs in who sends the form: a browser, or awxkit, which then looks for the header
// that names the cookie.
func (a *API) login(w http.ResponseWriter, r *http.Request) {
	form, err := a.ownForm(w, r)
	if err != nil {
		a.refuseForm(w, r, err)
		return
	}
	neverCache(w.Header())
	switch err := a.signIn(w, r, form); {
	case errors.Is(err, tokencore.ErrBadCredentials):
		a.prolong(w, r)
		a.showLogin(w, r, http.StatusUnauthorized, loginPage{Next: nextOf(r, form), Username: form.Get(fieldUsername), Wrong: true})
	case err != nil:
		a.showFailure(w, r, err)
	default:
		h := w.Header()
		h.Set("X-API-Session-Cookie-Name", session.CookieName)
		h.Set("Vary", "Cookie, Accept-Language, Origin")
		writeRedirect(w, session.Next(r, nextOf(r, form), "/"))
	}
}

func (a *API) signIn(w http.ResponseWriter, r *http.Request, form url.Values) error {
	username, password := form.Get(fieldUsername), form.Get(fieldPassword)
	if username == "" || password == "" || strings.ContainsRune(username, 0) {
		return tokencore.ErrBadCredentials
	}
	_, err := a.logins.SignIn(w, r, username, tokencore.NewSecret(password))
	return err
}

// serveLogout ends the session. As in AWX, a GET needs no proof of its origin.
func (a *API) serveLogout(w http.ResponseWriter, r *http.Request) {
	var form url.Values
	switch r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodPost:
		var err error
		if form, err = a.ownForm(w, r); err != nil {
			a.refuseForm(w, r, err)
			return
		}
	default:
		writeRawMethods(w, r, "GET, HEAD, POST, OPTIONS")
		return
	}
	if err := a.logins.SignOut(w, r); err != nil {
		a.showFailure(w, r, err)
		return
	}
	neverCache(w.Header())
	w.Header().Set("Vary", "Accept-Language, Origin, Cookie")
	writeRedirect(w, session.Next(r, nextOf(r, form), "/api/"))
}

// nextOf returns where the form, or else the query, wants to go.
func nextOf(r *http.Request, form url.Values) string {
	if !form.Has(fieldNext) {
		form, _ = webform.Parse(r.URL.RawQuery, loginFields)
	}
	return session.Next(r, form.Get(fieldNext), "")
}

// ownForm reads a form, which must have come from a page or client of ours.
func (a *API) ownForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	form, err := webform.Read(w, r, loginFields)
	if err != nil {
		return nil, err
	}
	return form, a.config.Sessions.CheckCSRF(r, form.Get(session.FormField))
}

func (a *API) refuseForm(w http.ResponseWriter, r *http.Request, err error) {
	if _, foreign := errors.AsType[*session.CSRFError](err); foreign {
		a.prolong(w, r)
		session.WriteForbidden(w, r)
		return
	}
	a.showFailure(w, r, err)
}

// prolong renews the session of the request where it decides about nothing: AWX does so
// with every answer. A failure changes nothing either.
func (a *API) prolong(w http.ResponseWriter, r *http.Request) {
	if a.config.Accounts != nil {
		_, _ = a.config.Sessions.Actor(w, r)
	}
}

// neverCache is Django's never_cache.
func neverCache(h http.Header) {
	h.Set("Expires", time.Now().UTC().Format(http.TimeFormat))
	h.Set("Cache-Control", "max-age=0, no-cache, no-store, must-revalidate, private")
}

func writeRedirect(w http.ResponseWriter, location string) {
	h := w.Header()
	h.Set("Location", location)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusFound)
}

// writeNotAcceptable answers who wants no HTML. The body is AWX's, which was nothing
// and became Python's word for it.
func writeNotAcceptable(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Vary", "Accept-Language, Origin")
	h["Content-Type"] = nil
	w.WriteHeader(http.StatusNotAcceptable)
	_, _ = w.Write([]byte("None"))
}

// writeRawMethods answers OPTIONS, and every method that a page does not have.
func writeRawMethods(w http.ResponseWriter, r *http.Request, allow string) {
	h := w.Header()
	h.Set("Allow", allow)
	h.Set("Vary", "Accept-Language, Origin")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", "0")
	status := http.StatusMethodNotAllowed
	if r.Method == http.MethodOptions {
		status = http.StatusOK
	}
	w.WriteHeader(status)
}
