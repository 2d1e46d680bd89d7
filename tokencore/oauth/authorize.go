package oauth

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/internal/webform"
	"github.com/awxgate/awxgate/tokencore/session"
)

const authorizePath = "/api/o/authorize/"

// ServeAuthorize serves GET and POST /api/o/authorize/. A GET shows the page on which a
// person consents; it makes a code at once only for an application that skips the
// page or, if the request says so, that has a token already. A POST is the page's
// form: everything is validated again. Without a session both lead to the login.
func (p *Provider) ServeAuthorize(w http.ResponseWriter, r *http.Request) {
	if !allows(w, r, "GET, POST, HEAD, OPTIONS", http.MethodGet, http.MethodHead, http.MethodPost) {
		return
	}
	actor, err := p.config.Sessions.Actor(w, r)
	anonymous := errors.Is(err, session.ErrNone)
	if err != nil && !anonymous {
		p.showError(w, r, tokencore.Unavailable("looking up session", err))
		return
	}
	var form url.Values
	if r.Method == http.MethodPost {
		if form, err = p.ownForm(w, r); err != nil {
			p.refuseForm(w, r, err)
			return
		}
	}
	switch {
	case anonymous:
		w.Header().Set("Location", session.SignInURL(authorizePath, r.URL.RawQuery))
		writeHead(w, http.StatusFound, typeHTML, true)
	case r.Method == http.MethodPost:
		p.decide(w, r, form, actor.User)
	default:
		p.ask(w, r, actor.User)
	}
}

// ownForm reads a form, which must have come from a page of ours.
func (p *Provider) ownForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	form, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return form, p.config.Sessions.CheckCSRF(r, form.Get(session.FormField))
}

// refuseForm answers a form that cannot be read or was made by another site.
func (p *Provider) refuseForm(w http.ResponseWriter, r *http.Request, err error) {
	if _, foreign := errors.AsType[*session.CSRFError](err); foreign {
		session.WriteForbidden(w, r)
		return
	}
	p.showError(w, r, err)
}

// ask is the GET.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request, user tokencore.User) {
	form, err := queryOnce(r.URL.RawQuery)
	if err != nil {
		p.showError(w, r, err)
		return
	}
	a, err := p.newAuthorization(r.Context(), form)
	if err != nil {
		p.showError(w, r, err)
		return
	}
	if err := a.check(form, p.config.AllowPKCEOptional); err != nil {
		a.redirectError(w, err)
		return
	}
	consented, err := p.consented(r.Context(), a, form, user)
	switch {
	case err != nil:
		p.showError(w, r, err)
	case consented && r.Method == http.MethodGet:
		p.redirectCode(w, r, a, user)
	default:
		p.showConsent(w, r, a, user)
	}
}

// queryOnce reads the query, in which no parameter may stand twice: two readers could
// take different ones.
func queryOnce(query string) (url.Values, error) {
	form, repeated := webform.Parse(query, parameters)
	for _, name := range []string{
		"client_id", "response_type", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method",
	} {
		if slices.Contains(repeated, name) {
			return nil, refusal("invalid_request", "Duplicate "+name+" parameter.")
		}
	}
	return form, nil
}

// decide acts on the button that was pressed. The page's hidden fields repeat the
// request; the query of a POST means nothing.
func (p *Provider) decide(w http.ResponseWriter, r *http.Request, form url.Values, user tokencore.User) {
	for _, field := range []string{"redirect_uri", "scope", "client_id", "response_type"} {
		if form.Get(field) == "" {
			p.showIncomplete(w, r)
			return
		}
	}
	a, err := p.newAuthorization(r.Context(), form)
	if err != nil {
		p.showError(w, r, err)
		return
	}
	if err := a.check(form, p.config.AllowPKCEOptional); err != nil {
		a.redirectError(w, err)
		return
	}
	if allow := form.Get("allow"); allow == "" || strings.EqualFold(allow, "false") {
		a.redirectError(w, errAccessDenied)
		return
	}
	p.redirectCode(w, r, a, user)
}
