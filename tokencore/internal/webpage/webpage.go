// Package webpage writes the few pages that people see: plain HTML with one style
// sheet, no script, and nothing that is fetched from elsewhere.
package webpage

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"net/http"
)

// New returns a page. The text defines the templates "title" and "main".
func New(text string) *template.Template {
	return template.Must(template.Must(template.New("page").Parse(layout)).Parse(text))
}

// VaryForm is the Vary header of a page with a form, which depends on cookies.
const VaryForm = "Cookie, Accept-Language, Origin"

// Write sends a page that no other site may frame and no cache may keep. A Vary or
// Cache-Control header that is already set stays.
func Write(w http.ResponseWriter, r *http.Request, status int, page *template.Template, data any) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", "en")
	setDefault(h, "Vary", VaryForm)
	setDefault(h, "Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	// Not no-referrer: the Origin of the page's form would be null, which passes no check.
	h.Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_ = page.Execute(w, data) // fails only with the connection
	}
}

func setDefault(h http.Header, name, value string) {
	if h.Get(name) == "" {
		h.Set(name, value)
	}
}

// contentPolicy allows the one style sheet and nothing else. It has no form-action:
// browsers apply that to the redirect which follows the form, and to whatever an
// application redirects to then.
var contentPolicy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'"
}()

const layout = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, noarchive">
<title>{{template "title" .}}</title>
<style>` + style + `</style>
</head>
<body>
<main>
{{template "main" .}}
</main>
</body>
</html>
`

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 28rem; margin: 4rem auto; padding: 0 1rem; }
label { display: block; margin-top: .75rem; }
label + input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }
input[type=submit] { margin: 1.25rem .5rem 0 0; padding: .5rem 1.25rem; font: inherit; }
.wrong { border-left: .25rem solid #c00; padding-left: .75rem; }
`
