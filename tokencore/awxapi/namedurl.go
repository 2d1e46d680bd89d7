package awxapi

import "strings"

// A named URL puts a name where the id goes: "<application>++<organization>". Within a name
// AWX escapes "+" as "[+]" and the reserved characters of a path as percent
// sequences; everything else, "%" included, stays. HTTP then escapes the whole once more.

// nameSeparator stands between the parts of a name.
const nameSeparator = "++"

// The parts of each kind of name. The second of an application's is empty if it has
// no organization.
const (
	userNameParts         = 1
	organizationNameParts = 1
	applicationNameParts  = 2
)

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

// parseNamedSegment splits a decoded path segment into the parts of a name; false if
// it is none with so many. A single plus sign separates the parts of names that no object
// here has.
func parseNamedSegment(segment string, parts int) ([]string, bool) {
	names := strings.Split(segment, nameSeparator)
	if len(names) != parts {
		return nil, false
	}
	for i, name := range names {
		if strings.Contains(strings.ReplaceAll(name, "[+]", ""), "+") {
			return nil, false
		}
		names[i] = nameUnescaper.Replace(name)
	}
	return names, true
}

// isNameOf reports whether a segment is an id, or a name with so many parts.
func isNameOf(parts int) func(segment string) bool {
	return func(segment string) bool {
		_, named := parseNamedSegment(segment, parts)
		return named || isID(segment)
	}
}
