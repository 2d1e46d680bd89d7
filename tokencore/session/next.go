package session

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// signInPath is where AWX's clients and browsers sign in.
const signInPath = "/api/login/"

// SignInURL returns where to sign in and come back to a request from. Its encoding is
// AWX's: the query that was asked for is escaped once more, slashes stay.
func SignInURL(path, rawQuery string) string {
	if rawQuery != "" {
		path += "?" + escape(rawQuery, uriReserved)
	}
	return signInPath + "?next=" + escape(path, "/")
}

// Next returns where to go after signing in or out: the address, if it is on this
// site, otherwise the other one. A page elsewhere must not be able to send people
// through our login to wherever it likes.
func Next(r *http.Request, address, otherwise string) string {
	address = strings.TrimSpace(address)
	if !isLocal(r, address) {
		return otherwise
	}
	return escape(address, uriReserved)
}

func isLocal(r *http.Request, address string) bool {
	// Browsers drop control characters, and take a backslash for a slash.
	if strings.ContainsFunc(address, unicode.IsControl) || strings.ContainsRune(address, '\\') {
		return false
	}
	if strings.HasPrefix(address, "/") {
		return !strings.HasPrefix(address, "//")
	}
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http" && r.TLS == nil) &&
		u.User == nil && r.Host != "" && u.Host == r.Host
}

// uriReserved are the characters that Django's iri_to_uri leaves alone, besides letters,
// digits and "-._~".
const uriReserved = "/#%[]=:;$&()+,!?*@'"

// escape percent-encodes every byte that is not unreserved (RFC 3986, 2.3) or in safe.
func escape(s, safe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if isAlphanumeric(c) || strings.IndexByte("-._~", c) >= 0 || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&0xf])
	}
	return b.String()
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
