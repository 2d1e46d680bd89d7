package awxapi

import "strings"

// A named URL puts a name where the id goes: "<application>++<organization>". Within a name
// AWX escapes "+" as "[+]" and the reserved characters of a path as percent
// sequences; everything else, "%" included, stays. HTTP then escapes the whole once more.

// nameSeparator stands between the parts of a name.
const nameSeparator = "++"

var (
	nameEscaper = strings.NewReplacer(
		";", "%3B", "/", "%2F", "?", "%3F", ":", "%3A", "@", "%40", "=", "%3D", "&", "%26", "[", "%5B", "]", "%5D",
		"+", "[+]",
	)
	nameUnescaper = strings.NewReplacer(
		"%3B", ";", "%2F", "/", "%3F", "?", "%3A", ":", "%40", "@", "%3D", "=", "%26", "&", "%5B", "[", "%5D", "]",
		"%3b", ";", "%2f", "/", "%3f", "?", "%3a", ":", "%3d", "=", "%5b", "[", "%5d", "]",
		"[+]", "+",
	)
)

// namedSegment joins the parts of a name.
func namedSegment(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = nameEscaper.Replace(part)
	}
	return strings.Join(escaped, nameSeparator)
}

// parseNamedSegment splits a decoded path segment into its parts.
func parseNamedSegment(segment string) []string {
	var parts []string
	for {
		at := separatorIn(segment)
		if at < 0 {
			return append(parts, nameUnescaper.Replace(segment))
		}
		parts = append(parts, nameUnescaper.Replace(segment[:at]))
		segment = segment[at+len(nameSeparator):]
	}
}

// separatorIn finds the first separator; the plus signs of "[+][+]" are none.
func separatorIn(segment string) int {
	for at := 0; at < len(segment); at++ {
		switch {
		case strings.HasPrefix(segment[at:], "[+]"):
			at += len("[+]") - 1
		case strings.HasPrefix(segment[at:], nameSeparator):
			return at
		}
	}
	return -1
}

// isApplicationName reports whether the segment names an application: two parts, the
// second empty for one without organization.
func isApplicationName(segment string) bool {
	const parts = 2
	return len(parseNamedSegment(segment)) == parts
}
