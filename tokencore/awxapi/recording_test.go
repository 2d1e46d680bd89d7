package awxapi_test

import (
	"embed"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

//go:embed testdata
var recordings embed.FS

// recorded is one case of a recording: what was sent to AWX 24.6.1, and what it answered.
type recorded struct {
	file, label string
	line        int // of the request in the file

	method, path string
	identity     string // user of HTTP Basic, "bearer", or empty
	headers      [][2]string
	body         string

	status       int
	answerHeader map[string]string
	answer       string
	cut          bool // the recorder kept only the beginning of the answer
}

// request is how a case is named in the tables of differences and in failures.
func (c recorded) request() string {
	text := c.method + " " + c.path
	if c.identity != "" {
		text += " [" + c.identity + "]"
	}
	if c.body != "" {
		text += " " + c.body
	}
	return text
}

var (
	cutMark      = regexp.MustCompile(`\.\.\.\[\d+ bytes\]$`)
	basicMark    = regexp.MustCompile(` \[basic ([^\]]*)\]`)
	sectionTitle = regexp.MustCompile(`(?m)^######## .*\n`)
)

// readRecording parses a file of testdata; its README states the format: "=== label",
// "> METHOD path [identity] body", "> header", "< status", "<   header", then the body.
func readRecording(t *testing.T, file string) []recorded {
	t.Helper()
	text, err := recordings.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []recorded
	line := 1
	for block := range strings.SplitSeq("\n"+string(text), "\n=== ") {
		if strings.Contains(block, "\n> ") {
			cases = append(cases, parseCase(t, file, line, block))
		}
		line += strings.Count(block, "\n") + 1
	}
	return cases
}

func parseCase(t *testing.T, file string, line int, block string) recorded {
	t.Helper()
	label, rest, _ := strings.Cut(sectionTitle.ReplaceAllString(block, ""), "\n")
	c := recorded{file: file, label: label, line: line, answerHeader: map[string]string{}}
	for first := true; strings.HasPrefix(rest, "> "); first = false {
		var sent string
		sent, rest, _ = strings.Cut(rest[2:], "\n")
		if first {
			c.parseRequest(sent)
		} else if name, value, ok := strings.Cut(sent, ":"); ok {
			c.headers = append(c.headers, [2]string{name, strings.TrimSpace(value)})
		}
	}
	for strings.HasPrefix(rest, "< ") {
		var got string
		got, rest, _ = strings.Cut(rest[2:], "\n")
		if name, value, ok := strings.Cut(strings.TrimSpace(got), ": "); ok && strings.HasPrefix(got, "  ") {
			c.answerHeader[name] = value
		} else if code, _, _ := strings.Cut(got, " "); c.status == 0 {
			c.status, _ = strconv.Atoi(code)
		}
	}
	if c.status == 0 {
		t.Fatalf("%s:%d: no status in case %q", file, line, label)
	}
	c.answer = strings.TrimRight(rest, "\n")
	if c.cut = cutMark.MatchString(c.answer); c.cut {
		c.answer = cutMark.ReplaceAllString(c.answer, "")
	}
	return c
}

// parseRequest reads "METHOD path [identity] body". A path may hold spaces, but
// then an identity follows.
func (c *recorded) parseRequest(line string) {
	var rest string
	c.method, rest, _ = strings.Cut(line, " ")
	switch at := basicMark.FindStringSubmatchIndex(rest); {
	case at != nil:
		c.path, c.identity, c.body = rest[:at[0]], rest[at[2]:at[3]], rest[at[1]:]
	case strings.Contains(rest, " [bearer]"):
		c.path, c.body, _ = strings.Cut(rest, " [bearer]")
		c.identity = "bearer"
	default:
		c.path, c.body, _ = strings.Cut(rest, " ")
	}
	c.body = strings.TrimPrefix(c.body, " ")
}

var pythonPair = regexp.MustCompile(`'([^']*)': '([^']*)'`)

// payload turns the recorder's notation of a body into what was sent: {'a': 'b'} was a form,
// b'...' were bytes.
func (c recorded) payload() (body, contentType string) {
	contentType = "application/json"
	switch {
	case strings.HasPrefix(c.body, "{'"):
		var form []string
		for _, m := range pythonPair.FindAllStringSubmatch(c.body, -1) {
			form = append(form, m[1]+"="+m[2])
		}
		return strings.Join(form, "&"), "application/x-www-form-urlencoded"
	case strings.HasPrefix(c.body, "b'"):
		inner := strings.TrimSuffix(strings.TrimPrefix(c.body, "b'"), "'")
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(inner, `"`, `\"`) + `"`)
		if err != nil {
			text = inner
		}
		return text, contentType
	default:
		return c.body, contentType
	}
}
