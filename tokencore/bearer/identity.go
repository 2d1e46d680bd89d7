package bearer

import (
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// StripIdentity removes every header field that a server behind could take for one of
// the given names: Python's WSGI and CGI make no difference between "-" and "_", other
// servers none between those and ".", and none of them minds the case. It also takes
// the names out of the Connection field, by which a client could otherwise have a proxy
// remove the field that is set here afterwards (RFC 9110, 7.6.1).
//
// Call it for r.Trailer too, or drop the trailer: its fields reach the server behind
// after the body.
func StripIdentity(h http.Header, names []string) {
	for key := range h {
		if isOneOf(key, names) {
			delete(h, key)
		}
	}
	if values := h["Connection"]; slices.ContainsFunc(values, func(v string) bool { return mentions(v, names) }) {
		if kept := withoutOptions(values, names); len(kept) > 0 {
			h["Connection"] = kept
		} else {
			delete(h, "Connection")
		}
	}
}

// mentions reports whether a list names one of the fields.
func mentions(list string, names []string) bool {
	for more := true; more; {
		var option string
		option, list, more = strings.Cut(list, ",")
		if isOneOf(textproto.TrimString(option), names) {
			return true
		}
	}
	return false
}

// withoutOptions returns the lists without the elements that name one of the fields.
func withoutOptions(lists, names []string) []string {
	var kept []string
	for _, list := range lists {
		var options []string
		for option := range strings.SplitSeq(list, ",") {
			if option = textproto.TrimString(option); option != "" && !isOneOf(option, names) {
				options = append(options, option)
			}
		}
		if len(options) > 0 {
			kept = append(kept, strings.Join(options, ", "))
		}
	}
	return kept
}

func isOneOf(field string, names []string) bool {
	for _, name := range names {
		if sameField(field, name) {
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
