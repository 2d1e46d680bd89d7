package tokencore

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// uriStart is the part of a redirect URI that AWX checks: a scheme and how the host
// begins. It is not anchored at the end: ports, paths and further labels go
// unchecked there, and so here.
var uriStart = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9.+-]*)://(?:[A-Za-z0-9\x{a1}-\x{10ffff}]|\[([0-9A-Fa-f:.]+)\])`)

// Limits of a redirect URI and its host, from Django's URL validator.
const (
	maxRedirectURI  = 2048
	maxRedirectHost = 253
)

// CheckRedirectURIs applies AWX's rules to a white-space separated list: http and
// https only, no fragment, and at least one for the authorization code grant. The
// first URI that fails ends the check. The error is an *InvalidError about the whole object.
func CheckRedirectURIs(list string, grant GrantType) error {
	uris := strings.Fields(list)
	if len(uris) == 0 && grant == GrantAuthorizationCode {
		return &InvalidError{Message: "redirect_uris cannot be empty with grant_type authorization-code"}
	}
	for _, uri := range uris {
		if err := checkRedirectURI(uri); err != nil {
			return err
		}
	}
	return nil
}

func checkRedirectURI(uri string) error {
	m := uriStart.FindStringSubmatch(uri)
	if m == nil || len(uri) > maxRedirectURI || len(hostOf(uri)) > maxRedirectHost {
		return &InvalidError{Message: "Enter a valid URL."}
	}
	if address := m[2]; address != "" {
		if ip, err := netip.ParseAddr(address); err != nil || !ip.Is6() {
			return &InvalidError{Message: "Enter a valid URL."}
		}
	}
	if _, fragment, _ := strings.Cut(uri, "#"); fragment != "" {
		return &InvalidError{Message: "Redirect URIs must not contain fragments"}
	}
	if scheme := strings.ToLower(m[1]); scheme != "http" && scheme != "https" {
		return &InvalidError{Message: "Unauthorized redirect scheme: " + scheme}
	}
	return nil
}

// hostOf cuts the host out of a URI that net/url may well refuse to parse.
func hostOf(uri string) string {
	_, rest, _ := strings.Cut(uri, "://")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	host, _, _ := strings.Cut(rest, ":")
	return host
}

// MatchRedirectURI reports whether a requested URI is one of the registered ones: same
// scheme, host, port and path, and every registered query parameter present. A
// registered http loopback address without a port matches any port (RFC 8252, 7.3).
func MatchRedirectURI(list, requested string) bool {
	want, err := url.Parse(requested)
	if err != nil || want.Scheme == "" || want.Host == "" || want.User != nil || want.Fragment != "" {
		return false
	}
	for uri := range strings.FieldsSeq(list) {
		if registered, err := url.Parse(uri); err == nil && matchURI(registered, want) {
			return true
		}
	}
	return false
}

func matchURI(registered, want *url.URL) bool {
	if !strings.EqualFold(registered.Scheme, want.Scheme) || registered.EscapedPath() != want.EscapedPath() {
		return false
	}
	anyPort := isLoopback(registered) && registered.Port() == "" && registered.Hostname() == want.Hostname()
	if registered.Host != want.Host && !anyPort {
		return false
	}
	have := want.Query()
	for key, values := range registered.Query() {
		for _, value := range values {
			if !slices.Contains(have[key], value) {
				return false
			}
		}
	}
	return true
}

func isLoopback(u *url.URL) bool {
	host := u.Hostname()
	return strings.EqualFold(u.Scheme, "http") && (host == "127.0.0.1" || host == "::1")
}
