package oauth

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"slices"
	"strings"
)

const (
	typeJSON = "application/json"
	typeHTML = "text/html; charset=utf-8"

	// retryAfter is in seconds.
	retryAfter = "5"
)

// writeHead sends the headers that AWX puts on every answer of these endpoints.
// session says that AWX had looked at the session by then.
func writeHead(w http.ResponseWriter, status int, contentType string, session bool) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Language", "en")
	h.Set("Vary", "Accept-Language, Origin")
	if session {
		h.Set("Vary", "Accept-Language, Origin, Cookie")
	}
	w.WriteHeader(status)
}

// allows reports whether the method is served, and answers itself if it is not.
func allows(w http.ResponseWriter, r *http.Request, allow string, methods ...string) bool {
	if slices.Contains(methods, r.Method) {
		return true
	}
	w.Header().Set("Allow", allow)
	status := http.StatusMethodNotAllowed
	if r.Method == http.MethodOptions {
		status = http.StatusOK
	}
	writeHead(w, status, typeHTML, false)
	return false
}

// member is one key of a JSON object and its encoded value.
type member struct{ name, value string }

// quoted encodes a string.
func quoted(s string) string {
	encoded, _ := json.Marshal(s) //nolint:errchkjson // a string always can be
	return string(encoded)
}

// writeJSON writes members in the given order and with Python's separators, as AWX does.
func writeJSON(w http.ResponseWriter, status int, session bool, members ...member) {
	pairs := make([]string, len(members))
	for i, m := range members {
		pairs[i] = quoted(m.name) + ": " + m.value
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store") // RFC 6749, 5.1
	h.Set("Pragma", "no-cache")
	writeHead(w, status, typeJSON, session)
	_, _ = io.WriteString(w, "{"+strings.Join(pairs, ", ")+"}")
}

// writeError answers the token and revocation endpoints' errors.
func (p *Provider) writeError(w http.ResponseWriter, r *http.Request, err error) {
	refused := wireErrorOf(err)
	switch {
	case refused == nil:
		p.logFailure(r, err)
		w.Header().Set("Retry-After", retryAfter)
		writeJSON(w, http.StatusServiceUnavailable, false, member{"error", quoted("temporarily_unavailable")})
	case refused.code == "":
		writeHead(w, refused.status, typeHTML, refused.session)
		_, _ = io.WriteString(w, html.EscapeString(refused.description))
	default:
		if refused.status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_client"`)
		}
		members := []member{{"error", quoted(refused.code)}}
		if refused.description != "" {
			members = append(members, member{"error_description", quoted(refused.description)})
		}
		writeJSON(w, refused.status, refused.session, members...)
	}
}

func (p *Provider) logFailure(r *http.Request, err error) {
	p.svc.Logger().Warn("OAuth2 endpoint unavailable", "method", r.Method, "path", r.URL.Path, "error", cause(err))
}
