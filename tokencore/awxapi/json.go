package awxapi

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding/json would fold the case of keys into structs, replace lone
// surrogates silently and word its errors differently. AWX clients print the
// messages of Python's parser, so this file is that parser (CPython 3.11, json/decoder.py).

// object is a JSON object. Of duplicate keys the last one counts, and a key is
// compared byte by byte.
type object map[string]any

// maxDepth bounds nesting; no field of the API nests deeper than three.
const maxDepth = 64

type jsonParser struct {
	text string
	at   int
}

// parseJSON returns nil, a bool, a string, a number, an object or a []any. A lone
// surrogate becomes the three bytes that UTF-8 forbids for it, for fieldText to find.
func parseJSON(text string) (any, error) {
	p := &jsonParser{text: text}
	p.space()
	value, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(p.text) {
		return nil, p.fail("Extra data", p.at)
	}
	return value, nil
}

// fail words an error as Python does: line, column and offset count characters.
func (p *jsonParser) fail(reason string, at int) error {
	before := p.text[:at]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Errorf("%s: line %d column %d (char %d)", reason, line, column, utf8.RuneCountInString(before))
}

func (p *jsonParser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\n\r", p.text[p.at]) >= 0 {
		p.at++
	}
}

// accept moves over a literal if it is next.
func (p *jsonParser) accept(literal string) bool {
	if strings.HasPrefix(p.text[p.at:], literal) {
		p.at += len(literal)
		return true
	}
	return false
}

func (p *jsonParser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.fail("Too deeply nested", p.at)
	}
	switch {
	case p.accept(`"`):
		return p.str()
	case p.accept("{"):
		return p.object(depth)
	case p.accept("["):
		return p.array(depth)
	case p.accept("null"):
		return nil, nil
	case p.accept("true"):
		return true, nil
	case p.accept("false"):
		return false, nil
	}
	for _, literal := range []string{"NaN", "Infinity", "-Infinity"} {
		if p.accept(literal) {
			return number(literal), nil
		}
	}
	return p.number()
}

func (p *jsonParser) number() (any, error) {
	start := p.at
	p.accept("-")
	if !p.accept("0") && p.digits() == 0 {
		p.at = start
		return nil, p.fail("Expecting value", start)
	}
	end := p.at
	if p.accept(".") {
		if p.digits() > 0 {
			end = p.at
		}
		p.at = end
	}
	if p.accept("e") || p.accept("E") {
		if !p.accept("+") {
			p.accept("-")
		}
		if p.digits() > 0 {
			end = p.at
		}
		p.at = end
	}
	return number(p.text[start:end]), nil
}

func (p *jsonParser) digits() int {
	start := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *jsonParser) object(depth int) (any, error) {
	members := object{}
	p.space()
	if p.accept("}") {
		return members, nil
	}
	for {
		if !p.accept(`"`) {
			return nil, p.fail("Expecting property name enclosed in double quotes", p.at)
		}
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if !p.accept(":") {
			return nil, p.fail("Expecting ':' delimiter", p.at)
		}
		p.space()
		if members[key], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		p.space()
		if p.accept("}") {
			return members, nil
		}
		if !p.accept(",") {
			return nil, p.fail("Expecting ',' delimiter", p.at)
		}
		p.space()
	}
}

func (p *jsonParser) array(depth int) (any, error) {
	items := []any{}
	p.space()
	if p.accept("]") {
		return items, nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		p.space()
		if p.accept("]") {
			return items, nil
		}
		if !p.accept(",") {
			return nil, p.fail("Expecting ',' delimiter", p.at)
		}
		p.space()
	}
}

// str reads a string whose opening quote has been read.
func (p *jsonParser) str() (string, error) {
	start := p.at - 1
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		switch {
		case c == '"':
			p.at++
			return b.String(), nil
		case c < ' ':
			return "", p.fail("Invalid control character at", p.at)
		case c == '\\':
			if err := p.escape(&b, start); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			p.at++
		}
	}
	return "", p.fail("Unterminated string starting at", start)
}

const (
	escapes  = `"\/bfnrt`
	escapeOf = "\"\\/\b\f\n\r\t"
)

func (p *jsonParser) escape(b *strings.Builder, start int) error {
	backslash := p.at
	p.at++
	if p.at == len(p.text) {
		return p.fail("Unterminated string starting at", start)
	}
	c := p.text[p.at]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		b.WriteByte(escapeOf[i])
		p.at++
		return nil
	}
	if c != 'u' {
		return p.fail(`Invalid \escape`, backslash)
	}
	p.at++
	unit, err := p.hex4()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(unit) {
		before := p.at
		if p.accept(`\u`) {
			if low, err := p.hex4(); err == nil {
				if pair := utf16.DecodeRune(unit, low); pair != utf8.RuneError {
					b.WriteRune(pair)
					return nil
				}
			}
		}
		p.at = before
		b.Write([]byte{0xed, 0x80 | byte(unit>>6&0x3f), 0x80 | byte(unit&0x3f)}) // as U+D800 to U+DFFF would be
		return nil
	}
	b.WriteRune(unit)
	return nil
}

func (p *jsonParser) hex4() (rune, error) {
	const digits = 4
	if len(p.text)-p.at < digits || strings.Trim(p.text[p.at:p.at+digits], "0123456789abcdefABCDEF") != "" {
		return 0, p.fail(`Invalid \uXXXX escape`, p.at)
	}
	unit, err := strconv.ParseUint(p.text[p.at:p.at+digits], 16, 16)
	if err != nil {
		return 0, p.fail(`Invalid \uXXXX escape`, p.at)
	}
	p.at += digits
	return rune(unit), nil
}
