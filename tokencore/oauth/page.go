package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// page is what the authorization page shows.
type page struct {
	Style       template.CSS
	Application string
	Host        string // where the code goes
	Rights      []string
	Hidden      []parameter
	SignedIn    bool
	Username    string
	Wrong       bool // name or password were
}

// meanings are the rights of a scope in words.
var meanings = []struct{ word, meaning string }{
	{"read", "Read what you may read"},
	{"write", "Change and run what you may change and run"},
}

func (a *authorization) page(username string, signedIn bool) page {
	d := page{
		Style:       pageStyle,
		Application: a.client.app.Name,
		Host:        a.redirectURI.Host,
		Hidden:      a.parameters(),
		SignedIn:    signedIn,
		Username:    username,
	}
	words := strings.Fields(a.scope)
	for _, m := range meanings {
		if slices.Contains(words, m.word) {
			d.Rights = append(d.Rights, m.meaning)
		}
	}
	return d
}

func showPage(w http.ResponseWriter, r *http.Request, status int, d page) {
	writePage(w, r, status, pageTemplate, d)
}

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
	writePage(w, r, refused.status, errorTemplate, struct {
		Style             template.CSS
		Code, Description string
	}{pageStyle, refused.code, refused.description})
}

func writePage(w http.ResponseWriter, r *http.Request, status int, t *template.Template, data any) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: the form's Origin would be null, which passes no check.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	writeHead(w, status, typeHTML, true)
	if r.Method != http.MethodHead {
		_ = t.Execute(w, data) // fails only with the connection
	}
}

// contentPolicy allows the one style sheet and nothing else. It has no form-action:
// browsers apply that to the redirect which follows the form, and to whatever the
// application redirects to then.
var contentPolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'"
}()

const pageStyle template.CSS = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 28rem; margin: 4rem auto; padding: 0 1rem; }
label { display: block; margin-top: .75rem; }
input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }
button { margin: 1.25rem .5rem 0 0; padding: .5rem 1.25rem; font: inherit; }
.wrong { border-left: .25rem solid #c00; padding-left: .75rem; }
`

// Authorize comes first: it is the button that the Enter key presses.
var pageTemplate = template.Must(template.New("authorize").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Authorize {{.Application}}</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
<h1>Authorize {{.Application}}?</h1>
<p>The application will be able to do this in your name:</p>
<ul>
{{- range .Rights}}
<li>{{.}}</li>
{{- end}}
</ul>
<p>You will be sent to <strong>{{.Host}}</strong>.</p>
{{- if .Wrong}}
<p class="wrong" role="alert">Wrong username or password.</p>
{{- end}}
<form method="post">
{{- range .Hidden}}
<input type="hidden" name="{{.Name}}" value="{{.Value}}">
{{- end}}
{{- if .SignedIn}}
<p>You are signed in as <strong>{{.Username}}</strong>.</p>
{{- else}}
<label for="username">Username</label>
<input id="username" name="username" value="{{.Username}}" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
{{- end}}
<button name="allow" value="Authorize">Authorize</button>
<button formnovalidate>Cancel</button>
</form>
</main>
</body>
</html>
`))

var errorTemplate = template.Must(template.New("error").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Error: {{.Code}}</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
<h2>Error: {{.Code}}</h2>
<p>{{.Description}}</p>
</main>
</body>
</html>
`))
