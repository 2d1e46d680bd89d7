package awxapi

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

// What Python 3.11 said of each pattern.
func TestTranslatePattern_RefusesAsPythonDoes(t *testing.T) {
	for _, tt := range []struct{ pattern, want string }{
		{`[`, "unterminated character set at position 0"},
		{`[a`, "unterminated character set at position 0"},
		{`[z-a]`, "bad character range z-a at position 1"},
		{`[a-\d]`, "bad character range a-\\d at position 1"},
		{`[]`, "unterminated character set at position 0"},
		{`[^]`, "unterminated character set at position 0"},
		{`(`, "missing ), unterminated subpattern at position 0"},
		{`(a`, "missing ), unterminated subpattern at position 0"},
		{`(?:a`, "missing ), unterminated subpattern at position 0"},
		{`a)`, "unbalanced parenthesis at position 1"},
		{`)`, "unbalanced parenthesis at position 0"},
		{`*`, "nothing to repeat at position 0"},
		{`a**`, "multiple repeat at position 2"},
		{`a*{2}`, "multiple repeat at position 2"},
		{`^*`, "nothing to repeat at position 1"},
		{`a|*`, "nothing to repeat at position 2"},
		{`\`, "bad escape (end of pattern) at position 0"},
		{`ab\`, "bad escape (end of pattern) at position 2"},
		{`\q`, "bad escape \\q at position 0"},
		{`[\q]`, "bad escape \\q at position 1"},
		{`\1`, "invalid group reference 1 at position 1"},
		{`(a\1)`, "cannot refer to an open group at position 2"},
		{`\x4`, "incomplete escape \\x4 at position 0"},
		{`\u12`, "incomplete escape \\u12 at position 0"},
		{`\777`, "octal escape value \\777 outside of range 0-0o377 at position 0"},
		{`a{2,1}`, "min repeat greater than max repeat at position 2"},
		{`(?`, "unexpected end of pattern at position 2"},
		{`(?P`, "unexpected end of pattern at position 3"},
		{`(?Px)`, "unknown extension ?Px at position 1"},
		{`(?P<`, "missing group name at position 4"},
		{`(?P<>a)`, "missing group name at position 4"},
		{`(?P<1>a)`, "bad character in group name '1' at position 4"},
		{`(?P<n`, "missing >, unterminated name at position 4"},
		{`(?P<n>a)(?P<n>b)`, "redefinition of group name 'n' as group 2; was group 1 at position 12"},
		{`(?P=x)`, "unknown group name 'x' at position 4"},
		{`(?#a`, "missing ), unterminated comment at position 0"},
		{`(?y)`, "unknown extension ?y at position 1"},
		{`(?<x`, "unknown extension ?<x at position 1"},
		{`a(?i)b`, "global flags not at the start of the expression at position 1"},
		{`(?L)`, "bad inline flags: cannot use 'L' flag with a str pattern at position 3"},
		{`(?iz)`, "unknown flag at position 3"},
		{`(?i`, "missing -, : or ) at position 3"},
		{`(?-:a)`, "missing flag at position 3"},
		{"a\nb(", "missing ), unterminated subpattern at position 3 (line 2, column 2)"},
		{`é(`, "missing ), unterminated subpattern at position 1"},
	} {
		_, err := translatePattern(tt.pattern)
		var p *problem
		if !errors.As(err, &p) || p.status != 400 || p.body != (message{tt.want}) {
			t.Errorf("%q: got %+v, want %s", tt.pattern, p, tt.want)
		}
	}
}

// What takes more than linear time, Go's engine does not have.
func TestTranslatePattern_RefusesWhatItCannotDo(t *testing.T) {
	for pattern, want := range map[string]string{
		`(a)\1`: "back references", `(?P<a>a)(?P=a)`: "back references",
		`(?=a)`: "look-around", `(?!a)`: "look-around", `(?<=a)`: "look-around", `(?<!a)`: "look-around",
		`a++`: "possessive repetitions", `(?>a)`: "atomic groups", `(?(1)a)`: "conditions", `(?x) a`: "the verbose flag",
		`\N{DIGIT ONE}`: "named characters", `(a{1000}){1000}`: "so many repetitions", `a{99999999999999999999}`: "so many repetitions",
		strings.Repeat("(", 200): "so many groups",
	} {
		_, err := translatePattern(pattern)
		var p *problem
		if !errors.As(err, &p) || p.body != (message{"Regular expressions with " + want + " are not supported."}) {
			t.Errorf("%q: got %+v, want %s", pattern, p, want)
		}
	}
}

func TestTranslatePattern_MeansWhatPythonMeans(t *testing.T) {
	for _, tt := range []struct {
		pattern, matches, not string
	}{
		{`^app1$`, "app1", "app10"},
		{`a.c`, "a.c", "ac"},
		{`[a-c]x`, "bx", "dx"},
		{`[]a]`, "]", "b"},
		{`[^]a]`, "b", "]"},
		{`[a-]`, "-", "b"},
		{`[\]\-^[]`, "[", "a"},
		{`[\d_]`, "_", "a"},
		{`[[:alpha:]]1`, "a1", ":1"},
		{`a{,2}b`, "b", "a"},
		{`a{2}`, "aa", "a"},
		{`a{,}b`, "aaab", "a"},
		{`a{x}`, "a{x}", "a"},
		{`{}`, "{}", "a"},
		{`x|y+?`, "y", "z"},
		{`(?P<n>a)(b)`, "ab", "a"},
		{`(?i)A`, "a", "b"},
		{`(?i:A)b`, "ab", "aB"},
		{`(?#why)a`, "a", "b"},
		{`\A\x61\u0062\143\Z`, "abc", "abcd"},
		{`\bapp\b`, "an app", "apps"},
		{`\.\*\\\/`, `.*\/`, "aaaa"},
		{"\\n\\t[\\b]", "\n\t\b", "b"},
		{`é\w`, "éa", "e"},
	} {
		translated, err := translatePattern(tt.pattern)
		if err != nil {
			t.Errorf("%q: %+v", tt.pattern, err)
			continue
		}
		re := regexp.MustCompile(translated)
		if !re.MatchString(tt.matches) || re.MatchString(tt.not) {
			t.Errorf("%q became %q, which does not match %q or matches %q", tt.pattern, translated, tt.matches, tt.not)
		}
	}
}

func FuzzTranslatePattern(f *testing.F) {
	for _, seed := range []string{`[a-\d]`, `(?P<n>a{2,3}?)|\Z`, `(?is-m:[^]\b])`, `\u00e9\012{`, "\n(", `\\`, "(?#"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		translated, err := translatePattern(pattern)
		var p *problem
		switch {
		case err == nil:
			if _, err := regexp.Compile(translated); err != nil {
				t.Errorf("%q became %q: %v", pattern, translated, err)
			}
		case !errors.As(err, &p) || p.status != 400:
			t.Errorf("%q: %v", pattern, err)
		}
	})
}
