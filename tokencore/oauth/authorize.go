package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// ServeAuthorize serves GET and POST /api/o/authorize/. A GET shows the page, and
// makes a code only for an application that skips authorization and a user who is
// signed in. A POST is the page's form: everything is validated again, and nothing
// happens without the user's password or, for a user who is signed in, if the form
// came from another site.
func (p *Provider) ServeAuthorize(w http.ResponseWriter, r *http.Request) {
	if !allows(w, r, "GET, POST, HEAD, OPTIONS", http.MethodGet, http.MethodHead, http.MethodPost) {
		return
	}
	form, err := p.authorizeForm(w, r)
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
	if r.Method == http.MethodPost {
		p.decide(w, r, a, form)
		return
	}
	user, signedIn := p.resourceOwner(r)
	if r.Method == http.MethodGet && signedIn && a.client.app.SkipAuthorization {
		p.redirectCode(w, r, a, user)
		return
	}
	showPage(w, r, http.StatusOK, a.page(user.Username, signedIn))
}

// authorizeForm reads the parameters of a GET from the query and those of a POST
// from the body alone, where the page's hidden fields repeat them.
func (p *Provider) authorizeForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.Method == http.MethodPost {
		if err := p.crossOrigin.Check(r); err != nil {
			return nil, errCrossOrigin
		}
		return readBody(w, r)
	}
	form, repeated := parseForm(r.URL.RawQuery)
	for _, name := range repeated {
		switch name {
		case "client_id", "response_type", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method":
			return nil, refusal("invalid_request", "Duplicate "+name+" parameter.")
		}
	}
	return form, nil
}

// decide acts on the button that was pressed.
func (p *Provider) decide(w http.ResponseWriter, r *http.Request, a *authorization, form url.Values) {
	if form.Get("allow") == "" {
		a.redirectError(w, errAccessDenied)
		return
	}
	if user, signedIn := p.resourceOwner(r); signedIn {
		p.redirectCode(w, r, a, user)
		return
	}
	password := tokencore.NewSecret(form.Get("password"))
	user, err := p.svc.Directory().Authenticate(r.Context(), form.Get("username"), password)
	switch {
	case errors.Is(err, tokencore.ErrBadCredentials), errors.Is(err, tokencore.ErrNotFound):
		page := a.page(form.Get("username"), false)
		page.Wrong = true
		showPage(w, r, http.StatusUnauthorized, page)
	case err != nil:
		p.showError(w, r, tokencore.Unavailable("checking password", err))
	default:
		p.redirectCode(w, r, a, user)
	}
}

// redirectCode makes a code and sends the browser back with it.
func (p *Provider) redirectCode(w http.ResponseWriter, r *http.Request, a *authorization, user tokencore.User) {
	code, err := p.issueCode(r.Context(), a, user)
	if err != nil {
		p.showError(w, r, err)
		return
	}
	a.redirect(w, parameter{"code", code})
}

func (p *Provider) issueCode(ctx context.Context, a *authorization, user tokencore.User) (string, error) {
	settings, err := p.svc.Settings(ctx)
	if err != nil {
		return "", err
	}
	grant, err := tokencore.NewUUID(p.svc.Rand())
	if err != nil {
		return "", err
	}
	e := &exchange{client: a.client, settings: settings, now: p.svc.Now(), userID: user.ID, scope: a.scope}
	ctx = e.context(ctx)
	request, err := p.fosite.NewAuthorizeRequest(ctx, fositeRequest(a.forFosite(grant)))
	if err != nil {
		return "", err
	}
	request.SetID(grant)
	var code string
	err = p.svc.Store().Update(ctx, func(tx tokencore.Tx) error {
		e.tx = tx
		defer func() { e.tx = nil }()
		response, err := p.fosite.NewAuthorizeResponse(ctx, request, session{})
		if err == nil {
			code = response.GetCode()
		}
		return err
	})
	return code, err
}

// redirect sends the browser to the application. The URI's own query stays as it
// is. 302 is what AWX answers.
func (a *authorization) redirect(w http.ResponseWriter, parameters ...parameter) {
	if a.state != "" {
		parameters = append(parameters, parameter{"state", a.state})
	}
	var query strings.Builder
	query.WriteString(a.redirectURI.RawQuery)
	for _, q := range parameters {
		if query.Len() > 0 {
			query.WriteByte('&')
		}
		query.WriteString(q.Name + "=" + url.QueryEscape(q.Value))
	}
	target := *a.redirectURI
	target.RawQuery = query.String()
	h := w.Header()
	h.Set("Location", target.String())
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	writeHead(w, http.StatusFound, typeHTML, true)
}

func (a *authorization) redirectError(w http.ResponseWriter, refused *wireError) {
	parameters := []parameter{{"error", refused.code}}
	if refused.description != "" {
		parameters = append(parameters, parameter{"error_description", refused.description})
	}
	a.redirect(w, parameters...)
}
