package caddymodule

import (
	"net/http"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore/bearer"
)

// defaultSessionCookie is AWX's SESSION_COOKIE_NAME.
const defaultSessionCookie = "awx_sessionid"

// neverFromClients lists header fields by which AWX, or a server like it, learns who
// acts, through whom, or what is to be done. None of them means anything in a request
// from outside.
var neverFromClients = []string{
	"X-DAB-JW-TOKEN", "X-Trusted-Proxy", "X-ANSIBLE-SERVICE-AUTH", // AWX's own ways to take an identity
	"Secret", // authenticates AWX nodes to each other on /websocket/relay/
	"Remote-User", "X-Remote-User", "X-Awx-User",
	"X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username",
	// REMOTE_HOST_HEADERS of AWX may name these; Caddy sets X-Forwarded-For, -Host and -Proto itself.
	"X-Real-IP", "Forwarded", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Uri", "X-Forwarded-Method",
	"X-Original-URL", "X-Rewrite-URL",
	// A read token must not write by way of a method that is named elsewhere.
	"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method", "X-Original-Method",
}

// neverFromClientsPrefixes does the same for families of fields, in folded form.
var neverFromClientsPrefixes = []string{"x-awxgate-", "x-auth-request-", "x-envoy-"}

// hygiene removes from requests what clients must not say.
type hygiene struct {
	names         []string
	sessionCookie string
}

// newHygiene extends the list by the names that the identity sets and the ones that
// the operator adds.
func newHygiene(sessionCookie string, names ...[]string) hygiene {
	if sessionCookie == "" {
		sessionCookie = defaultSessionCookie
	}
	return hygiene{names: slices.Concat(append([][]string{neverFromClients}, names...)...), sessionCookie: sessionCookie}
}

// clean removes identity headers in every spelling. It also reduces the Connection
// field to what it is for, because a proxy removes each field that is named there
// (RFC 9110, 7.6.1), also one that we set; and it drops the trailer, whose fields
// would reach the upstream after the body.
func (h hygiene) clean(r *http.Request) {
	for name := range r.Header {
		if hasFoldedPrefix(name) {
			delete(r.Header, name)
		}
	}
	bearer.StripIdentity(r.Header, h.names)
	delete(r.Header, "Trailer")
	r.Trailer = nil
	if connection, ok := r.Header["Connection"]; ok {
		if kept := connectionOptions(connection); kept != "" {
			r.Header["Connection"] = []string{kept}
		} else {
			delete(r.Header, "Connection")
		}
	}
}

// dropCredentials removes what could make the upstream act as somebody else than the
// token's user: the token itself and AWX's session cookie. Other cookies stay; the
// WebSocket protocol of AWX needs csrftoken.
func (h hygiene) dropCredentials(r *http.Request) {
	delete(r.Header, "Authorization")
	h.dropSession(r)
}

// dropSession removes AWX's session cookie.
func (h hygiene) dropSession(r *http.Request) {
	lines, ok := r.Header["Cookie"]
	if !ok {
		return
	}
	var kept []string
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			name, _, _ := strings.Cut(pair, "=")
			// Django strips white space around names and values, and quotes mean nothing in names.
			if pair = strings.TrimSpace(pair); pair != "" && strings.TrimSpace(name) != h.sessionCookie {
				kept = append(kept, pair)
			}
		}
	}
	if len(kept) == 0 {
		delete(r.Header, "Cookie")
		return
	}
	r.Header["Cookie"] = []string{strings.Join(kept, "; ")}
}

// connectionOptions keeps the options that are about the connection itself.
func connectionOptions(lists []string) string {
	var kept []string
	for _, list := range lists {
		for option := range strings.SplitSeq(list, ",") {
			option = strings.TrimSpace(option)
			if strings.EqualFold(option, "close") || strings.EqualFold(option, "keep-alive") || strings.EqualFold(option, "upgrade") {
				kept = append(kept, option)
			}
		}
	}
	return strings.Join(kept, ", ")
}

// hasFoldedPrefix compares as bearer.StripIdentity does: "-", "_", "." and case are one.
func hasFoldedPrefix(name string) bool {
	for _, prefix := range neverFromClientsPrefixes {
		if len(name) > len(prefix) && foldsTo(name[:len(prefix)], prefix) {
			return true
		}
	}
	return false
}

func foldsTo(name, folded string) bool {
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_', c == '.':
			c = '-'
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if c != folded[i] {
			return false
		}
	}
	return true
}
