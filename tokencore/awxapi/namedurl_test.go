package awxapi

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNamedSegment(t *testing.T) {
	tests := []struct {
		parts   []string
		segment string
	}{
		{[]string{"app", "org"}, "app++org"},
		{[]string{"app", ""}, "app++"},
		{[]string{"", "org"}, "++org"},
		{[]string{"we+ird/na me?&%;[x]", "orgA"}, "we[+]ird%2Fna me%3F%26%%3B%5Bx%5D++orgA"},
		{[]string{"ap++p", "or+g"}, "ap[+][+]p++or[+]g"},
		{[]string{"+", "+"}, "[+]++[+]"},
		{[]string{"é漢😀", "a:b@c=d"}, "é漢😀++a%3Ab%40c%3Dd"},
	}
	for _, tt := range tests {
		if got := namedSegment(tt.parts...); got != tt.segment {
			t.Errorf("%q: got %q, want %q", tt.parts, got, tt.segment)
		}
		if diff := cmp.Diff(tt.parts, parsed(tt.segment, len(tt.parts))); diff != "" {
			t.Errorf("%q\n%s", tt.segment, diff)
		}
	}
}

func TestIsApplicationName(t *testing.T) {
	for segment, want := range map[string]bool{
		"a+b++c": false, "a++b+c": false, "1": true, "[+": false,
		"a++b": true, "++": true, "a++": true, "a": false, "a+b": false, "a[+][+]b": false, "a++b++c": false, "": false,
	} {
		if got := isNameOf(applicationNameParts)(segment); got != want {
			t.Errorf("%q: got %v", segment, got)
		}
	}
}

func parsed(segment string, parts int) []string {
	names, _ := parseNamedSegment(segment, parts)
	return names
}

// ambiguous names hold what looks like an escape.
var ambiguous = regexp.MustCompile(`(?i)%(3[bafd]|2[f6]|40|5[bd])`)

func FuzzParseNamedSegment(f *testing.F) {
	f.Add("a++b", "x")
	f.Add("[+]++%2F", "")
	f.Fuzz(func(t *testing.T, first, second string) {
		parseNamedSegment(first, userNameParts)
		if ambiguous.MatchString(first) || ambiguous.MatchString(second) {
			return // AWX's escaping leaves "%" alone, so such names have no name of their own
		}
		got := parsed(namedSegment(first, second), applicationNameParts)
		if diff := cmp.Diff([]string{first, second}, got); diff != "" {
			t.Error(diff)
		}
	})
}
