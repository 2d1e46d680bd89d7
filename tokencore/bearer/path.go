package bearer

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// AmbiguousPath reports whether the path of a request could name one resource to a
// rule here and another to the server behind: slash, backslash, semicolon or a control
// byte in any encoding, dot and empty segments, text that can be decoded twice, and
// invalid UTF-8. Both the parsed path and the request line are looked at, because
// either may be what the next server gets.
//
// An escape that decodes to an ordinary character is not ambiguous: rules compare
// decoded paths.
func AmbiguousPath(r *http.Request) bool {
	if ambiguous(r.URL.EscapedPath()) {
		return true
	}
	// A request that a server did not parse has no request line.
	return r.RequestURI != "" && ambiguous(pathOfTarget(r.RequestURI))
}

// pathOfTarget cuts the path out of a request target in origin or absolute form
// (RFC 9112, 3.2). The other two forms have none, and that is ambiguous.
func pathOfTarget(target string) string {
	target, _, _ = strings.Cut(target, "?")
	if strings.HasPrefix(target, "/") {
		return target
	}
	_, rest, _ := strings.Cut(target, "://")
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		return rest[slash:]
	}
	return ""
}

func ambiguous(path string) bool {
	if !strings.HasPrefix(path, "/") {
		return true
	}
	plain := true
	for i := range len(path) {
		switch c := path[i]; {
		case c == ' ', c == '#', isTreacherous(c):
			return true
		case c == '%', c >= utf8.RuneSelf:
			plain = false
		}
	}
	if plain {
		return hasOddSegment(path)
	}
	decoded, err := url.PathUnescape(path)
	if err != nil || !utf8.ValidString(decoded) || strings.Count(decoded, "/") != strings.Count(path, "/") {
		return true
	}
	for i := range len(decoded) {
		if isTreacherous(decoded[i]) || isEscape(decoded[i:]) {
			return true
		}
	}
	return hasOddSegment(decoded)
}

// isTreacherous names the bytes that servers read differently: some end a string at
// NUL, take a backslash for a slash, or cut a segment at a semicolon.
func isTreacherous(c byte) bool { return c < ' ' || c == 0x7f || c == '\\' || c == ';' }

func isEscape(text string) bool {
	return len(text) >= 3 && text[0] == '%' && isHex(text[1]) && isHex(text[2])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// hasOddSegment reports whether a segment is ".", "..", or empty without being the last.
func hasOddSegment(path string) bool {
	for more := true; more; {
		var segment string
		path = path[1:] // the slash before the segment
		slash := strings.IndexByte(path, '/')
		if more = slash >= 0; more {
			segment, path = path[:slash], path[slash:]
		} else {
			segment = path
		}
		if segment == "." || segment == ".." || segment == "" && more {
			return true
		}
	}
	return false
}
