package bearer

import (
	"net/http"
	"slices"
	"strings"
)

// defaultSessionCookie is AWX's SESSION_COOKIE_NAME.
const defaultSessionCookie = "awx_sessionid"

// HygieneConfig tells a Hygiene about the server behind. The zero HygieneConfig is for
// a stock AWX.
type HygieneConfig struct {
	// Names are header fields that clients must not send, besides those by which AWX, and
	// servers like it, learn who acts. Name each field that you set.
	Names []string
	// SessionCookie is the cookie of the server's own sessions. Default: awx_sessionid.
	SessionCookie string
	// PassAmbiguousPaths lets paths pass that two servers could read differently. Set
	// it only if no decision depends on a path.
	PassAmbiguousPaths bool
}

// Hygiene keeps requests honest that are forwarded, some of them in the name of a user:
// it refuses what cannot be read in one way only, removes what clients must not say, and
// removes from answers what clients must not see. It is safe for concurrent use.
type Hygiene struct {
	names         []string
	sessionCookie string
	passAmbiguous bool
}

// NewHygiene returns the Hygiene of a configuration.
func NewHygiene(config HygieneConfig) *Hygiene {
	if config.SessionCookie == "" {
		config.SessionCookie = defaultSessionCookie
	}
	return &Hygiene{
		names:         slices.Concat(neverFromClients, config.Names),
		sessionCookie: config.SessionCookie,
		passAmbiguous: config.PassAmbiguousPaths,
	}
}

// Clean removes from a request the fields by which an identity could be claimed, in
// every spelling.
//
//   - A field whose name has "_" or "." goes whatever it is: Python's WSGI and CGI cannot
//     tell it from the one with "-". Caddy drops such fields as well.
//   - Connection is reduced to what it is for, because a proxy removes each field that is
//     named there (RFC 9110, 7.6.1), also one that is set here afterwards.
//   - Upgrade stays for WebSocket only: whatever is spoken after another upgrade, such as
//     h2c, would be requests that nobody looks at.
//   - The trailer goes: its fields reach the server behind after the body.
//
// X-Forwarded-For, -Host and -Proto stay, because a proxy of yours may have set them:
// it is for the one that forwards to know whom to trust.
func (h *Hygiene) Clean(r *http.Request) {
	for name := range r.Header {
		if strings.IndexByte(name, '_') >= 0 || strings.IndexByte(name, '.') >= 0 || h.covers(name) {
			delete(r.Header, name)
		}
	}
	r.Trailer = nil
	upgrade, asked := r.Header["Upgrade"]
	toWebSocket := len(upgrade) == 1 && strings.EqualFold(upgrade[0], "websocket")
	if asked && !toWebSocket {
		delete(r.Header, "Upgrade")
		delete(r.Header, "Http2-Settings")
	}
	lists, ok := r.Header["Connection"]
	if !ok || len(lists) == 1 && isConnectionOption(lists[0], toWebSocket) {
		return
	}
	if kept := connectionOptions(lists, toWebSocket); kept != "" {
		r.Header["Connection"] = []string{kept}
	} else {
		delete(r.Header, "Connection")
	}
}

// DropCredentials removes what could make the server behind act as somebody else than
// the token's user: the token itself and the session cookie. Other cookies stay; the
// WebSocket protocol of AWX needs csrftoken.
func (h *Hygiene) DropCredentials(r *http.Request) {
	delete(r.Header, "Authorization")
	lines, ok := r.Header["Cookie"]
	if !ok {
		return
	}
	var kept []string
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			if pair = strings.TrimSpace(pair); pair != "" && !h.isSession(pair) {
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

// isSession looks at a cookie pair. Django strips white space around names, and quotes
// mean nothing in them.
func (h *Hygiene) isSession(pair string) bool {
	name, _, _ := strings.Cut(pair, "=")
	return strings.TrimSpace(name) == h.sessionCookie
}

// connectionOptions keeps the options that are about the connection itself.
func connectionOptions(lists []string, toWebSocket bool) string {
	var kept []string
	for _, list := range lists {
		for option := range strings.SplitSeq(list, ",") {
			if option = strings.TrimSpace(option); isConnectionOption(option, toWebSocket) {
				kept = append(kept, option)
			}
		}
	}
	return strings.Join(kept, ", ")
}

func isConnectionOption(option string, toWebSocket bool) bool {
	return strings.EqualFold(option, "close") || strings.EqualFold(option, "keep-alive") ||
		toWebSocket && strings.EqualFold(option, "upgrade")
}
