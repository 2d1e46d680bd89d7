package caddymodule

import (
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// forward passes a request on. What AWX knows of users it also learns from us: it writes
// what a signed identity says into its own account. So an identity that was made before an
// administrator was demoted, or a user was renamed or deleted, would undo that if it
// reached AWX afterwards. Of the changes that go through the gateway we know, and ask
// AWX at once; for the others there is the TTL.
func (g *gate) forward(w http.ResponseWriter, r *http.Request, next caddyhttp.Handler) error {
	if g.recheck == nil || !mayChangeUsers(r) {
		return next.ServeHTTP(w, r)
	}
	// Before the client learns that it is done.
	return next.ServeHTTP(caddyhttp.NewResponseRecorder(w, nil, func(status int, _ http.Header) (buffer bool) {
		if status < http.StatusBadRequest {
			g.recheck()
		}
		return false
	}), r)
}

// mayChangeUsers reports whether AWX may change users, or what they may do, when it serves
// the request. A login may: AWX then takes over what LDAP and the like say.
func mayChangeUsers(r *http.Request) bool {
	path := strings.ToLower(r.URL.Path)
	if strings.HasPrefix(path, "/sso/") {
		return true
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return strings.Contains(path, "user") || strings.Contains(path, "role") || strings.Contains(path, "login")
}
