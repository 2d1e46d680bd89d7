package oauth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/internal/webpage"
)

// consented reports whether nobody need be asked: the application's owner has decided
// so, or (approval_prompt=auto) the user has a live token of the application that
// covers the scope.
func (p *Provider) consented(ctx context.Context, a *authorization, form url.Values, user tokencore.User) (bool, error) {
	if a.client.app.SkipAuthorization {
		return true, nil
	}
	if form.Get("approval_prompt") != "auto" {
		return false, nil
	}
	covering := tokencore.And{
		tokencore.Eq("user", user.ID),
		tokencore.Eq("application", a.client.app.ID),
		tokencore.Compare{Field: "expires", Op: tokencore.Greater, Value: p.svc.Now()},
	}
	for word := range strings.FieldsSeq(a.scope) {
		// Neither of the two words is part of the other.
		covering = append(covering, tokencore.Compare{Field: "scope", Op: tokencore.Contains, Value: word})
	}
	tokens, _, err := p.svc.Store().Tokens(ctx, tokencore.Query{Where: covering, Limit: 1, SkipCount: true})
	return len(tokens) > 0, tokencore.Unavailable("looking for an earlier consent", err)
}

// consent is what the page shows.
type consent struct {
	Application string
	Host        string // where the code goes
	Username    string
	Rights      []right
	FormToken   string
	Fields      []parameter // hidden
}

// right is a word of the scope as AWX names it, and what it comes to.
type right struct{ Name, Meaning string }

var rights = map[string]right{
	"read":  {"Reading scope", "see what you may see"},
	"write": {"Writing scope", "change and run what you may change and run"},
}

func (p *Provider) showConsent(w http.ResponseWriter, r *http.Request, a *authorization, user tokencore.User) {
	token, err := p.config.Sessions.FormToken(w, r)
	if err != nil {
		p.showError(w, r, tokencore.Unavailable("making form token", err))
		return
	}
	page := consent{
		Application: a.client.app.Name, Host: a.redirectURI.Host, Username: user.Username,
		FormToken: token, Fields: a.parameters(),
	}
	for word := range strings.FieldsSeq(a.scope) {
		page.Rights = append(page.Rights, rights[word])
	}
	webpage.Write(w, r, http.StatusOK, consentPage, page)
}

// showIncomplete answers a form without the fields that the page always sends. AWX
// shows an empty page again, by 200.
func (p *Provider) showIncomplete(w http.ResponseWriter, r *http.Request) {
	if _, err := p.config.Sessions.FormToken(w, r); err != nil {
		p.showError(w, r, tokencore.Unavailable("making form token", err))
		return
	}
	webpage.Write(w, r, http.StatusOK, incompletePage, nil)
}

// The names, the ids and the order of the fields are AWX's: scripts fill in this form.
var consentPage = webpage.New(`{{define "title"}}Authorize {{.Application}}?{{end}}
{{define "main"}}<h1>Authorize {{.Application}}?</h1>
<form id="authorizationForm" method="post">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.FormToken}}">
{{- range .Fields}}
<input type="hidden" name="{{.Name}}"{{if .Value}} value="{{.Value}}"{{end}} id="id_{{.Name}}">
{{- end}}
<p>You are signed in as <strong>{{.Username}}</strong>. In your name, the application will be able to:</p>
<ul>
{{- range .Rights}}
<li>{{.Name}} <small>({{.Meaning}})</small></li>
{{- end}}
</ul>
<p>You will be sent to <strong>{{.Host}}</strong>.</p>
<input type="submit" value="Cancel">
<input type="submit" name="allow" value="Authorize">
</form>{{end}}`)

var incompletePage = webpage.New(`{{define "title"}}Authorize?{{end}}
{{define "main"}}<h1>Authorize?</h1>
<p class="wrong">The form is incomplete. Go back to the application and start again.</p>{{end}}`)

// showError answers what must not be sent to a redirect URI: nobody knows whose it is.
func (p *Provider) showError(w http.ResponseWriter, r *http.Request, err error) {
	refused := wireErrorOf(err)
	if refused == nil {
		p.logFailure(r, err)
		w.Header().Set("Retry-After", retryAfter)
		refused = &wireError{
			status: http.StatusServiceUnavailable, code: "temporarily_unavailable",
			description: "The service cannot answer at the moment. Please try again.",
		}
	}
	w.Header().Set("Vary", "Accept-Language, Origin, Cookie")
	webpage.Write(w, r, refused.status, errorPage, struct{ Code, Description string }{refused.code, refused.description})
}

var errorPage = webpage.New(`{{define "title"}}Error: {{.Code}}{{end}}
{{define "main"}}<h2>Error: {{.Code}}</h2>
<p>{{.Description}}</p>{{end}}`)
