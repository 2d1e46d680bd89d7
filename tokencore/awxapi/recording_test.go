package awxapi_test

import (
	"embed"
	"fmt"
	"net/http"
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
	identity     string // user of HTTP Basic, "bearer", or empty: in the headers, or nobody
	headers      [][2]string
	body         string

	status       int
	answerHeader map[string]string
	answer       string
	cut          bool // the recorder kept only the beginning of the answer
	wire         bool // from a proxy's log: of the answer's headers only some were kept
}

// request is how a case is named in the table of deviations and in failures.
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

// title names the case in the test's output.
func (c recorded) title() string {
	return fmt.Sprintf("%d %s", c.line, strings.Map(func(r rune) rune {
		if r == '/' || r < ' ' {
			return '_'
		}
		return r
	}, c.label))
}

// header returns a header that was sent.
func (c recorded) header(name string) string {
	for _, h := range c.headers {
		if strings.EqualFold(h[0], name) {
			return h[1]
		}
	}
	return ""
}

// readRecording parses a file of testdata; the README there states the formats.
func readRecording(t *testing.T, file string) []recorded {
	t.Helper()
	text, err := recordings.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []recorded
	if strings.HasSuffix(file, ".log") {
		cases = readWire(string(text))
	} else {
		cases = readCases(string(text))
	}
	for i := range cases {
		c := &cases[i]
		c.file = file
		if c.status == 0 {
			t.Fatalf("%s:%d: no status in case %q", file, c.line, c.label)
		}
		if c.cut = cutMark.MatchString(c.answer); c.cut {
			c.answer = cutMark.ReplaceAllString(c.answer, "")
		}
		c.cut = c.cut || c.wire && len(c.answer) == wireLimit
	}
	return cases
}

const wireLimit = 1500 // characters of an answer that the proxy kept

var (
	cutMark      = regexp.MustCompile(`\.\.\.\[\d+ bytes\]$`)
	basicMark    = regexp.MustCompile(` \[basic ([^\]]*)\]`)
	sectionTitle = regexp.MustCompile(`(?m)^######## .*\n`)
)

// readCases parses "=== label", "> METHOD path [identity] body", "> header",
// "< status", "<   header", then the body.
func readCases(text string) []recorded {
	var cases []recorded
	line := 1
	for block := range strings.SplitSeq("\n"+text, "\n=== ") {
		if strings.Contains(block, "\n> ") {
			cases = append(cases, parseCase(line, sectionTitle.ReplaceAllString(block, "")))
		}
		line += strings.Count(block, "\n") + 1
	}
	return cases
}

func parseCase(line int, block string) recorded {
	label, rest, _ := strings.Cut(block, "\n")
	c := recorded{label: label, line: line, answerHeader: map[string]string{}}
	sent, got, _ := strings.Cut(rest, "\n< ")
	lines := strings.Split(sent, "\n")
	// A body may have several lines; headers come after it.
	end := 1
	for end < len(lines) && !strings.HasPrefix(lines[end], "> ") {
		end++
	}
	c.parseRequest(strings.TrimPrefix(strings.Join(lines[:end], "\n"), "> "))
	for _, header := range lines[end:] {
		if name, value, ok := strings.Cut(strings.TrimPrefix(header, "> "), ":"); ok {
			c.headers = append(c.headers, [2]string{name, strings.TrimSpace(value)})
		}
	}
	c.parseAnswer(got, "<   ")
	return c
}

// readWire parses a proxy's log: "########## command", then per request ">>> METHOD path",
// ">   header", the body, "<<< status", "<   header", the body.
func readWire(text string) []recorded {
	var cases []recorded
	command, line := "", 0 // the split below counts the first line break, which is not in the file
	for block := range strings.SplitSeq("\n"+text, "\n>>> ") {
		if sent, got, ok := strings.Cut(block, "\n<<< "); ok {
			c := recorded{label: command, line: line, answerHeader: map[string]string{}, wire: true}
			c.method, sent, _ = strings.Cut(sent, " ")
			c.path, sent, _ = strings.Cut(sent, "\n")
			for strings.HasPrefix(sent, ">   ") {
				var header string
				header, sent, _ = strings.Cut(sent, "\n")
				name, value, _ := strings.Cut(header[len(">   "):], ": ")
				c.headers = append(c.headers, [2]string{name, value})
			}
			c.body = sent
			got, _, _ = strings.Cut(got, "\n##########")
			c.parseAnswer(got, "<   ")
			cases = append(cases, c)
		}
		if _, after, ok := strings.Cut(block, "\n########## "); ok {
			command, _, _ = strings.Cut(after, "\n")
		}
		line += strings.Count(block, "\n") + 1
	}
	return cases
}

// parseAnswer reads "status reason", headers that begin with the mark, and the body.
func (c *recorded) parseAnswer(text, mark string) {
	status, rest, _ := strings.Cut(text, "\n")
	code, _, _ := strings.Cut(status, " ")
	c.status, _ = strconv.Atoi(code)
	for strings.HasPrefix(rest, mark) {
		var header string
		header, rest, _ = strings.Cut(rest, "\n")
		if name, value, ok := strings.Cut(header[len(mark):], ": "); ok {
			name = http.CanonicalHeaderKey(name)
			if before, twice := c.answerHeader[name]; twice {
				value = before + ", " + value
			}
			c.answerHeader[name] = value
		}
	}
	c.answer = strings.TrimRight(rest, "\n")
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

var (
	pythonPair  = regexp.MustCompile(`'([^']*)': '([^']*)'`)
	pythonTuple = regexp.MustCompile(`\('([^']*)', '([^']*)'\)`)
)

// payload turns the recorder's notation of a body into what was sent: {'a': 'b'} and
// [('a', 'b')] were forms, b'...' were bytes.
func (c recorded) payload() (body, contentType string) {
	var pairs [][]string
	switch {
	case c.wire:
		return c.body, ""
	case strings.HasPrefix(c.body, "{'"):
		pairs = pythonPair.FindAllStringSubmatch(c.body, -1)
	case strings.HasPrefix(c.body, "[('"):
		pairs = pythonTuple.FindAllStringSubmatch(c.body, -1)
	case c.body == "{}" && strings.HasPrefix(c.path, "/api/o/"):
		// An empty form: nothing is sent, not even a type.
		return "", ""
	case strings.HasPrefix(c.body, "b'"):
		inner := strings.TrimSuffix(strings.TrimPrefix(c.body, "b'"), "'")
		text, err := strconv.Unquote(`"` + strings.ReplaceAll(inner, `"`, `\"`) + `"`)
		if err != nil {
			text = inner
		}
		return text, "application/json"
	case strings.HasPrefix(c.body, "--b\n"):
		return strings.ReplaceAll(c.body, "\n", "\r\n"), "multipart/form-data; boundary=b"
	default:
		return c.body, "application/json"
	}
	form := make([]string, 0, len(pairs))
	for _, pair := range pairs {
		form = append(form, formEscape(pair[1])+"="+formEscape(pair[2]))
	}
	return strings.Join(form, "&"), "application/x-www-form-urlencoded"
}

// formEscape is enough of percent-encoding for the values that were recorded.
var formEscaper = strings.NewReplacer("%", "%25", "&", "%26", "+", "%2B", "=", "%3D", " ", "+")

func formEscape(text string) string { return formEscaper.Replace(text) }
