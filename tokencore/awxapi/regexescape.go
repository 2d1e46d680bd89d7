package awxapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	digits      = "0123456789"
	octalDigits = "01234567"
	hexDigits   = "0123456789abcdefABCDEF"
)

// escape parses an escape sequence outside of a set.
func (p *patternParser) escape(start int) (item, error) {
	if p.at == len(p.in) {
		return noItem, p.fault(start, "bad escape (end of pattern)")
	}
	c := p.in[p.at]
	p.at++
	switch {
	case c == 'A', c == 'b', c == 'B':
		p.out.WriteString(`\` + string(c))
		return anchorItem, nil
	case c == 'Z':
		p.out.WriteString(`\z`)
		return anchorItem, nil
	case strings.ContainsRune("dDsSwW", c):
		p.out.WriteString(`\` + string(c))
		return plainItem, nil
	case '0' <= c && c <= '9':
		return p.octalOrReference(start, c)
	}
	char, err := p.character(start, c)
	p.out.WriteString(literal(char))
	return plainItem, err
}

// octalOrReference tells "\012" from "\1".
func (p *patternParser) octalOrReference(start int, c rune) (item, error) {
	text := string(c)
	octal := c == '0'
	if octal {
		text += p.take(2, octalDigits)
	} else if second := p.take(1, digits); second != "" {
		text += second
		if strings.Trim(text, octalDigits) == "" {
			third := p.take(1, octalDigits)
			octal = third != ""
			text += third
		}
	}
	if octal {
		char, err := p.octal(start, text)
		p.out.WriteString(literal(char))
		return plainItem, err
	}
	group, err := strconv.Atoi(text)
	if err != nil || group > p.groups {
		return noItem, p.fault(start+1, "invalid group reference %s", text)
	}
	if slices.Contains(p.open, group) {
		return noItem, p.fault(start, "cannot refer to an open group")
	}
	return noItem, unsupportedPattern("back references")
}

func (p *patternParser) octal(start int, text string) (rune, error) {
	const largest = 0o377
	value, err := strconv.ParseInt(text, 8, 32)
	if err != nil || value > largest {
		return 0, p.fault(start, `octal escape value \%s outside of range 0-0o377`, text)
	}
	return rune(value), nil
}

// character parses the escapes of single characters that are the same in and out
// of a set.
func (p *patternParser) character(start int, c rune) (rune, error) {
	if strings.ContainsRune("afnrtv", c) {
		return map[rune]rune{'a': '\a', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}[c], nil
	}
	lengths := map[rune]int{'x': 2, 'u': 4, 'U': 8}
	if length := lengths[c]; length > 0 {
		hex := p.take(length, hexDigits)
		value, err := strconv.ParseUint(hex, 16, 31)
		switch {
		case len(hex) != length:
			return 0, p.fault(start, `incomplete escape \%c%s`, c, hex)
		case err != nil || value > unicode.MaxRune:
			return 0, p.fault(start, `bad escape \%c%s`, c, hex)
		}
		return rune(value), nil
	}
	if c == 'N' {
		return 0, unsupportedPattern("named characters")
	}
	if c < unicode.MaxASCII && unicode.IsLetter(c) {
		return 0, p.fault(start, `bad escape \%c`, c)
	}
	return c, nil
}

// token consumes a character together with the backslash before it, as Python's
// tokenizer does.
func (p *patternParser) token() ([]rune, error) {
	start := p.at
	p.at++
	if p.in[start] == '\\' {
		if p.at == len(p.in) {
			return nil, p.fault(start, "bad escape (end of pattern)")
		}
		p.at++
	}
	return p.in[start:p.at], nil
}

// literal writes a character so that it means nothing else.
func literal(c rune) string { return fmt.Sprintf(`\x{%x}`, c) }
