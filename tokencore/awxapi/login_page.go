package awxapi

import (
	"errors"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/internal/webform"
	"github.com/awxgate/awxgate/tokencore/internal/webpage"
)

// loginPage is what the login page shows.
type loginPage struct {
	FormToken string
	Next      string
	Username  string
	Wrong     bool // name or password were
}

func (a *API) showLogin(w http.ResponseWriter, r *http.Request, status int, page loginPage) {
	token, err := a.config.Sessions.FormToken(w, r)
	if err != nil {
		a.showFailure(w, r, err)
		return
	}
	page.FormToken = token
	w.Header().Set("Vary", webpage.VaryForm)
	webpage.Write(w, r, status, loginTemplate, page)
}

// showFailure answers a browser when the form cannot be read or nobody knows the answer.
func (a *API) showFailure(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusServiceUnavailable, textUnavailable
	switch {
	case errors.Is(err, webform.ErrTooLarge):
		status, text = http.StatusRequestEntityTooLarge, "The form is too large."
	case errors.Is(err, webform.ErrUnreadable):
		status, text = http.StatusBadRequest, "The form cannot be read."
	default:
		w.Header().Set("Retry-After", retryAfter)
		a.svc.Logger().Warn("login unavailable", "method", r.Method, "path", r.URL.Path, "error", tokencore.Unavailable("answering", err))
	}
	w.Header().Set("Vary", "Accept-Language, Origin, Cookie")
	webpage.Write(w, r, status, failureTemplate, text)
}

var loginTemplate = webpage.New(`{{define "title"}}Log in · AWX REST API{{end}}
{{define "main"}}<h1>Log in</h1>
{{- if .Wrong}}
<p class="wrong" role="alert">Wrong username or password. Both are case-sensitive.</p>
{{- end}}
<form method="post" action="/api/login/">
<input type="hidden" name="csrfmiddlewaretoken" value="{{.FormToken}}">
<input type="hidden" name="next" value="{{.Next}}">
<label for="id_username">Username</label>
<input id="id_username" name="username" value="{{.Username}}" maxlength="150" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="id_password">Password</label>
<input id="id_password" name="password" type="password" autocomplete="current-password" required>
<input type="submit" value="Log in">
</form>{{end}}`)

var failureTemplate = webpage.New(`{{define "title"}}{{.}}{{end}}
{{define "main"}}<h1>{{.}}</h1>
<p><a href="/api/login/">Log in</a></p>{{end}}`)
