package awxapi

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// AWX lets Python judge a regular expression and PostgreSQL match it. Here Go's
// engine matches, whose time is linear in the text whatever the pattern, so that nobody
// can stop the service with one; what it cannot do is refused. The judgement, with
// its words and positions, is Python's (3.11, re._parser).

// maxPattern bounds a pattern's length, and with it the time of every match.
const maxPattern = 500

// maxNesting bounds the groups within groups.
const maxNesting = 100

// translatePattern returns what a pattern of Python is in Go.
func translatePattern(text string) (string, error) {
	p := patternParser{in: []rune(text), names: map[string]int{}}
	if len(p.in) > maxPattern {
		return "", badRequest("The regular expression is too long.")
	}
	p.endsInEscape = (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
	if err := p.alternatives(0); err != nil {
		return "", err
	}
	if p.at < len(p.in) {
		return "", p.fault(p.at, "unbalanced parenthesis")
	}
	translated := p.global + p.out.String()
	if _, err := regexp.Compile(translated); err != nil {
		return "", unsupportedPattern("so many repetitions")
	}
	return translated, nil
}

// matchesEmpty reports whether a translated pattern matches the empty text.
func matchesEmpty(pattern string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString("")
}

func unsupportedPattern(what string) *problem {
	return badRequest("Regular expressions with " + what + " are not supported.")
}

type patternParser struct {
	in           []rune
	at           int
	global       string // flags at the beginning
	out          strings.Builder
	groups       int            // opened so far
	open         []int          // those not closed yet
	names        map[string]int // named groups
	endsInEscape bool           // a backslash is the last character, and no other escapes it
}

// fault is Python's re.error.
func (p *patternParser) fault(at int, format string, args ...any) error {
	if last := len(p.in) - 1; p.endsInEscape && p.at >= last { // Python looks one character ahead
		at, format, args = last, "bad escape (end of pattern)", nil
	}
	text := fmt.Sprintf(format, args...) + " at position " + strconv.Itoa(at)
	if before := string(p.in[:at]); strings.ContainsRune(string(p.in), '\n') {
		column := at - len([]rune(before[:strings.LastIndexByte(before, '\n')+1])) + 1
		text += fmt.Sprintf(" (line %d, column %d)", strings.Count(before, "\n")+1, column)
	}
	return badRequest(text)
}

// peek returns the next character, or -1 at the end.
func (p *patternParser) peek() rune {
	if p.at < len(p.in) {
		return p.in[p.at]
	}
	return -1
}

func (p *patternParser) accept(c rune) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

// take consumes up to max characters out of a set.
func (p *patternParser) take(maximum int, set string) string {
	start := p.at
	for p.at-start < maximum && p.at < len(p.in) && strings.ContainsRune(set, p.in[p.at]) {
		p.at++
	}
	return string(p.in[start:p.at])
}

// item is what a repetition could follow.
type item uint8

const (
	noItem item = iota
	anchorItem
	plainItem
	repeatedItem
)

// alternatives parses until a closing parenthesis or the end.
func (p *patternParser) alternatives(depth int) error {
	if depth > maxNesting {
		return unsupportedPattern("so many groups")
	}
	last := noItem
	for p.at < len(p.in) {
		start := p.at
		c := p.in[p.at]
		if c == ')' {
			return nil
		}
		p.at++
		var err error
		switch c {
		case '|':
			p.out.WriteRune(c)
			last = noItem
		case '^', '$':
			p.out.WriteRune(c)
			last = anchorItem
		case '.':
			p.out.WriteRune(c)
			last = plainItem
		case '\\':
			last, err = p.escape(start)
		case '[':
			last, err = plainItem, p.class(start)
		case '(':
			last, err = p.group(start, last, depth)
		case '*', '+', '?', '{':
			last, err = p.repeat(start, last)
		default:
			p.out.WriteString(regexp.QuoteMeta(string(c)))
			last = plainItem
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// repeat parses a repetition after its first character. A brace that begins none
// stands for itself.
func (p *patternParser) repeat(start int, last item) (item, error) {
	text := string(p.in[start])
	if text == "{" {
		var given bool
		var err error
		if text, given, err = p.bounds(); err != nil {
			return noItem, err
		}
		if !given {
			p.out.WriteString(`\{`)
			return plainItem, nil
		}
	}
	switch last {
	case noItem, anchorItem:
		return noItem, p.fault(start, "nothing to repeat")
	case repeatedItem:
		return noItem, p.fault(start, "multiple repeat")
	case plainItem:
	}
	p.out.WriteString(text)
	if p.accept('?') {
		p.out.WriteByte('?')
	} else if p.peek() == '+' {
		return noItem, unsupportedPattern("possessive repetitions")
	}
	return repeatedItem, nil
}

// bounds parses "m}", "m,}", ",n}" or "m,n}" and writes it as Go does.
func (p *patternParser) bounds() (text string, given bool, err error) {
	start := p.at
	if p.peek() == '}' {
		return "", false, nil
	}
	low := p.take(len(p.in), digits)
	high := low
	if p.accept(',') {
		high = p.take(len(p.in), digits)
		text = "{" + orZero(low) + "," + high + "}"
	} else {
		text = "{" + low + "}"
	}
	if !p.accept('}') {
		p.at = start
		return "", false, nil
	}
	least, errLeast := strconv.Atoi(orZero(low))
	most, errMost := strconv.Atoi(orZero(high))
	if errLeast != nil || errMost != nil {
		return "", false, unsupportedPattern("so many repetitions")
	}
	if high != "" && most < least {
		return "", false, p.fault(start, "min repeat greater than max repeat")
	}
	return text, true, nil
}

func orZero(number string) string {
	if number == "" {
		return "0"
	}
	return number
}
