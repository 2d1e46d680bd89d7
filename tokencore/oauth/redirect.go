package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

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
	e := &exchange{client: a.client, settings: settings, now: p.svc.Now(), userID: user.ID, userAnsibleID: user.AnsibleID, scope: a.scope}
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
		response, err := p.fosite.NewAuthorizeResponse(ctx, request, fositeSession{})
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
