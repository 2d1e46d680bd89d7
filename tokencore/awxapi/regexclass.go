package awxapi

import "strings"

// class parses a set of characters after its bracket.
func (p *patternParser) class(start int) error {
	p.out.WriteByte('[')
	if p.accept('^') {
		p.out.WriteByte('^')
	}
	for empty := true; ; empty = false {
		if p.at == len(p.in) {
			return p.fault(start, "unterminated character set")
		}
		if p.peek() == ']' && !empty {
			p.at++
			p.out.WriteByte(']')
			return nil
		}
		if p.namedClass() {
			continue
		}
		low, err := p.member()
		if err != nil {
			return err
		}
		if p.peek() != '-' || p.at+1 < len(p.in) && p.in[p.at+1] == ']' {
			p.out.WriteString(low.text)
			continue
		}
		p.at++
		if p.at == len(p.in) {
			return p.fault(start, "unterminated character set")
		}
		high, err := p.member()
		if err != nil {
			return err
		}
		if low.category || high.category || high.char < low.char {
			// Python names the first two characters of an escape, and counts back from the end.
			text := low.token + "-" + high.token
			return p.fault(p.at-len([]rune(text)), "bad character range %s", text)
		}
		p.out.WriteString(low.text + "-" + high.text)
	}
}

// namedClass copies a class such as [:alpha:], which PostgreSQL knows.
func (p *patternParser) namedClass() bool {
	rest := string(p.in[p.at:])
	for _, name := range []string{"alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"} {
		if text := "[:" + name + ":]"; strings.HasPrefix(rest, text) {
			p.out.WriteString(text)
			p.at += len(text)
			return true
		}
	}
	return false
}

// setMember is one character of a set, or one of the categories such as \d.
type setMember struct {
	char     rune
	token    string // as it was written, an escape cut after its letter
	text     string // in Go
	category bool
}

func (p *patternParser) member() (setMember, error) {
	at := p.at
	token, err := p.token()
	if err != nil {
		return setMember{}, err
	}
	m := setMember{char: token[0], token: string(token)}
	if len(token) == 2 {
		c := token[1]
		switch {
		case strings.ContainsRune("dDsSwW", c):
			m.text, m.category = m.token, true
			return m, nil
		case c == 'b':
			m.char = '\b'
		case strings.ContainsRune(octalDigits, c):
			m.char, err = p.octal(at, string(c)+p.take(2, octalDigits))
		default:
			m.char, err = p.character(at, c)
		}
	}
	m.text = literal(m.char)
	return m, err
}
