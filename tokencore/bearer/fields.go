package bearer

import "strings"

// neverFromClients lists header fields by which AWX, or a server like it, learns who
// acts, from where, through whom, or what is to be done. None of them means anything in
// a request from outside.
var neverFromClients = []string{
	"X-Trusted-Proxy", // AWX believes addresses of whoever has a valid one
	"Secret",          // authenticates AWX nodes to each other on /websocket/relay/
	"Remote-User", "X-Remote-User", "X-Awx-User",
	// Addresses, which REMOTE_HOST_HEADERS of AWX may name.
	"X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "Forwarded",
	// A read token must not write by way of a method that is named elsewhere.
	"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method",
	// About one connection only, and not about the one behind.
	"Proxy-Authorization", "Proxy-Connection", "Trailer",
}

// neverFromClientsFamilies does the same for everything that begins so, in folded form.
var neverFromClientsFamilies = []string{
	"x-dab-", "x-ansible-", "x-awxgate-", "x-auth-request-", "x-envoy-", "x-forwarded-", "x-original-", "x-rewrite-",
}

// setByProxies are the exceptions from x-forwarded-: every proxy sets them itself, and
// knows whose it may keep.
var setByProxies = []string{"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}

// covers reports whether a server behind could take a field for one that clients must
// not send.
func (h *Hygiene) covers(field string) bool {
	for _, name := range h.names {
		if sameField(field, name) {
			return true
		}
	}
	for _, family := range neverFromClientsFamilies {
		if len(field) > len(family) && sameField(field[:len(family)], family) {
			return !isSetByProxies(field)
		}
	}
	return false
}

// isSetByProxies compares exactly but for case: a look-alike is set by nobody.
func isSetByProxies(field string) bool {
	for _, name := range setByProxies {
		if strings.EqualFold(field, name) {
			return true
		}
	}
	return false
}

// sameField compares field names after folding "-", "_", "." and case.
func sameField(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if foldByte(a[i]) != foldByte(b[i]) {
			return false
		}
	}
	return true
}

func foldByte(c byte) byte {
	switch {
	case c == '_', c == '.':
		return '-'
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	default:
		return c
	}
}
