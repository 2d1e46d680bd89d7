package awxapi

import (
	"strings"
	"unicode"
)

// group parses what an opening parenthesis begins. Go need not capture anything, so
// every group that remains is one that does not.
func (p *patternParser) group(start int, before item, depth int) (item, error) {
	captures := true
	prefix := "(?:"
	var name string
	if p.accept('?') {
		kind, err := p.mark("?", "P:#=!<(>"+flagLetters)
		if err != nil {
			return noItem, err
		}
		switch kind {
		case ':':
			captures = false
		case '#':
			return before, p.comment(start)
		case 'P':
			if name, err = p.groupName(); err != nil {
				return noItem, err
			}
		case '=', '!', '<':
			return noItem, p.lookAround(kind)
		case '(':
			return noItem, unsupportedPattern("conditions")
		case '>':
			return noItem, unsupportedPattern("atomic groups")
		default:
			captures = false
			var global bool
			if prefix, global, err = p.flags(start, kind); err != nil {
				return noItem, err
			}
			if global {
				p.global += prefix
				return noItem, nil
			}
		}
	}
	if captures {
		if err := p.opens(name); err != nil {
			return noItem, err
		}
	}
	p.out.WriteString(prefix)
	if err := p.alternatives(depth + 1); err != nil {
		return noItem, err
	}
	if !p.accept(')') {
		return noItem, p.fault(start, "missing ), unterminated subpattern")
	}
	p.out.WriteByte(')')
	if captures {
		p.open = p.open[:len(p.open)-1]
	}
	return plainItem, nil
}

// mark consumes the character that says what kind of group it is, after the
// given ones.
func (p *patternParser) mark(after, kinds string) (rune, error) {
	if p.at == len(p.in) {
		return 0, p.fault(p.at, "unexpected end of pattern")
	}
	start := p.at
	token, err := p.token()
	if err != nil {
		return 0, err
	}
	if !strings.ContainsRune(kinds, token[0]) {
		return 0, p.fault(start-len(after), "unknown extension %s%s", after, string(token))
	}
	return token[0], nil
}

// opens numbers a group and remembers its name.
func (p *patternParser) opens(name string) error {
	p.groups++
	p.open = append(p.open, p.groups)
	if name == "" {
		return nil
	}
	if was, taken := p.names[name]; taken {
		return p.fault(p.at-1-len([]rune(name)), "redefinition of group name %s as group %d; was group %d", pythonRepr(name), p.groups, was)
	}
	p.names[name] = p.groups
	return nil
}

func (p *patternParser) comment(start int) error {
	for p.at < len(p.in) {
		token, err := p.token()
		if err != nil {
			return err
		}
		if token[0] == ')' {
			return nil
		}
	}
	return p.fault(start, "missing ), unterminated comment")
}

// groupName parses what follows "(?P": "<name>", since "=name)" is a back reference.
func (p *patternParser) groupName() (string, error) {
	kind, err := p.mark("?P", "<=")
	if err != nil {
		return "", err
	}
	terminator := map[rune]rune{'<': '>', '=': ')'}[kind]
	start := p.at
	for p.at < len(p.in) && p.in[p.at] != terminator {
		p.at++
	}
	name := string(p.in[start:p.at])
	switch {
	case name == "":
		return "", p.fault(p.at, "missing group name")
	case p.at == len(p.in):
		return "", p.fault(start, "missing %c, unterminated name", terminator)
	}
	p.at++
	_, known := p.names[name]
	switch {
	case !isIdentifier(name):
		return "", p.fault(start, "bad character in group name %s", pythonRepr(name))
	case kind == '<':
		return name, nil
	case !known:
		return "", p.fault(start, "unknown group name %s", pythonRepr(name))
	}
	return "", unsupportedPattern("back references")
}

func isIdentifier(name string) bool {
	for i, c := range name {
		if c != '_' && !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c)) {
			return false
		}
	}
	return true
}

func (p *patternParser) lookAround(kind rune) error {
	if kind == '<' {
		if _, err := p.mark("?<", "=!"); err != nil {
			return err
		}
	}
	return unsupportedPattern("look-around")
}

// flagLetters can follow "(?".
const flagLetters = "-imsauxL"

// flags parses "i)" for the whole expression, or "i-s:" for a group.
func (p *patternParser) flags(start int, c rune) (prefix string, global bool, err error) {
	text := ""
	for minus := false; ; {
		switch {
		case minus && strings.ContainsRune("auL", c):
			return "", false, p.fault(p.at, "bad inline flags: cannot turn off flags 'a', 'u' and 'L'")
		case minus && c == ':' && strings.HasSuffix(text, "-"):
			return "", false, p.fault(p.at-1, "missing flag")
		case c == 'L':
			return "", false, p.fault(p.at, "bad inline flags: cannot use 'L' flag with a str pattern")
		case c == 'x':
			return "", false, unsupportedPattern("the verbose flag")
		case c == '-' && !minus:
			minus = true
			text += "-"
		case c == ')' && !minus, c == ':':
			return p.endFlags(start, text, c == ')')
		case strings.ContainsRune("ims", c):
			text += string(c)
		case c == 'a', c == 'u': // the character set is not ours to choose
		case unicode.IsLetter(c):
			return "", false, p.fault(p.at-1, "unknown flag")
		default:
			return "", false, p.fault(p.at-1, "%s", missingFlag(minus))
		}
		if p.at == len(p.in) {
			return "", false, p.fault(p.at, "%s", missingFlag(minus))
		}
		c = p.in[p.at]
		p.at++
	}
}

func missingFlag(minus bool) string {
	if minus {
		return "missing flag"
	}
	return "missing -, : or )"
}

func (p *patternParser) endFlags(start int, text string, global bool) (string, bool, error) {
	if !global {
		return "(?" + text + ":", false, nil
	}
	if p.out.Len() > 0 {
		return "", false, p.fault(start, "global flags not at the start of the expression")
	}
	if text == "" {
		return "", true, nil
	}
	return "(?" + text + ")", true, nil
}
