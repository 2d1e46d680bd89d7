package awxapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// prefix is a path that is ours with everything below, or exactly. "*" stands for
// any one segment.
type prefix struct {
	segments []string
	exact    bool
}

// ownedPrefixes lists what never reaches AWX. With a remote directory, users and
// organizations are AWX's own, the requester's account among them, but for the lists of
// tokens and applications. What AWX and we answer together is not here: AWX must see it.
func ownedPrefixes(accounts bool) []prefix {
	owned := []prefix{
		{segments: []string{"api", "o"}},
		{segments: []string{"api", "v2", "applications"}},
		{segments: []string{"api", "v2", "tokens"}},
	}
	owned = append(owned, prefixedTokenPaths()...)
	owned = append(owned, relayPaths()...)
	if accounts {
		return append(owned,
			prefix{segments: []string{"api", "login"}},
			prefix{segments: []string{"api", "logout"}},
			prefix{segments: []string{"api", "v2", "me"}},
			prefix{segments: []string{"api", "v2", "users"}},
			prefix{segments: []string{"api", "v2", "organizations"}},
			prefix{segments: []string{"api", "v2", "activity_stream"}},
		)
	}
	return append(owned,
		prefix{segments: []string{"api", "v2", "users", "*", "tokens"}},
		prefix{segments: []string{"api", "v2", "users", "*", "personal_tokens"}},
		prefix{segments: []string{"api", "v2", "users", "*", "authorized_tokens"}},
		prefix{segments: []string{"api", "v2", "users", "*", "applications"}},
		prefix{segments: []string{"api", "v2", "organizations", "*", "applications"}},
	)
}

// prefixedTokenPaths are the places where an AWX up to 24.6.1 makes tokens and
// applications of its own if its OPTIONAL_API_URLPATTERN_PREFIX is set: the same API once
// more, at /api/<prefix>/v2/ and /api/<prefix>/o/. We serve nothing there.
func prefixedTokenPaths() []prefix {
	return []prefix{
		{segments: []string{"api", "*", "o"}},
		{segments: []string{"api", "*", "v2", "applications"}},
		{segments: []string{"api", "*", "v2", "tokens"}},
		{segments: []string{"api", "*", "v2", "users", "*", "tokens"}},
		{segments: []string{"api", "*", "v2", "users", "*", "personal_tokens"}},
		{segments: []string{"api", "*", "v2", "users", "*", "authorized_tokens"}},
		{segments: []string{"api", "*", "v2", "users", "*", "applications"}},
		{segments: []string{"api", "*", "v2", "organizations", "*", "applications"}},
	}
}

// relayPaths are where AWX's nodes pass events on to each other, by a secret of theirs and
// without a user. Nobody has business there who comes through a gateway.
func relayPaths() []prefix {
	return []prefix{
		{segments: []string{"websocket", "relay"}},
		{segments: []string{"api", "websocket", "relay"}},
		{segments: []string{"api", "*", "v2", "websocket", "relay"}},
	}
}

// maxDecodings bounds how often a path is percent-decoded: once more than any chain
// of servers in front of AWX is likely to.
const maxDecodings = 4

// Owns reports whether some server might read the request's path as one of ours alone:
// however it is escaped, doubled, dotted, cased, parametrised or slashed. Such a request must
// never reach the upstream. ServeHTTP answers 404 to every spelling that is not canonical.
func (a *API) Owns(r *http.Request) bool {
	path := r.URL.Path
	if isPlain(path) {
		return slices.ContainsFunc(a.owned, func(p prefix) bool { return p.coversPath(path) })
	}
	for range maxDecodings {
		for _, segments := range readings(path) {
			if slices.ContainsFunc(a.owned, func(p prefix) bool { return p.covers(segments) }) {
				return true
			}
		}
		decoded, err := url.PathUnescape(path)
		if err != nil || decoded == path {
			break
		}
		path = decoded
	}
	return false
}

// isPlain reports whether every server reads the path in the same way. Most paths are
// plain, and are judged without allocation.
func isPlain(path string) bool {
	if strings.Contains(path, "//") || strings.Contains(path, "/.") {
		return false
	}
	for i := range len(path) {
		c := path[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-', c == '.', c == '+', c == '/':
		default:
			return false
		}
	}
	return true
}

// coversPath is covers for a plain path.
func (p prefix) coversPath(path string) bool {
	rest := strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	more := rest != ""
	for _, want := range p.segments {
		if !more {
			return false
		}
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		if want != "*" && want != segment {
			return false
		}
	}
	return !p.exact || !more
}

func (p prefix) covers(segments []string) bool {
	if len(segments) < len(p.segments) || p.exact && len(segments) > len(p.segments) {
		return false
	}
	for i, want := range p.segments {
		if want != "*" && want != segments[i] {
			return false
		}
	}
	return true
}

// readings returns the segments of a path as a careless server may read them, once
// with "segment/.." resolved and once with ".." taken for a name.
func readings(path string) [2][]string {
	path = strings.ToLower(strings.ReplaceAll(path, `\`, "/"))
	var resolved, literal []string
	for segment := range strings.SplitSeq(path, "/") {
		segment, _, _ = strings.Cut(segment, ";")
		// Django's "$" matches before a line feed; other servers cut at NUL or trim.
		segment = strings.TrimFunc(segment, func(c rune) bool { return c <= ' ' || c == 0x7f || c == 0xa0 })
		segment, _, _ = strings.Cut(segment, "\x00")
		switch segment {
		case "", ".":
			continue
		case "..":
			if len(resolved) > 0 {
				resolved = resolved[:len(resolved)-1]
			}
		default:
			resolved = append(resolved, segment)
		}
		literal = append(literal, segment)
	}
	return [2][]string{resolved, literal}
}
