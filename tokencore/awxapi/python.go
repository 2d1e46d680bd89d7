package awxapi

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Python's ways with text, where they show in AWX's answers.

// pythonRepr is Python's repr() of a string.
func pythonRepr(s string) string {
	quote := '\''
	if strings.ContainsRune(s, '\'') && !strings.ContainsRune(s, '"') {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, c := range s {
		switch {
		case c == quote, c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ', c == 0x7f, c > 0x7f && c <= 0xff && !unicode.IsPrint(c):
			fmt.Fprintf(&b, `\x%02x`, c)
		case !unicode.IsPrint(c) && c <= math.MaxUint16:
			fmt.Fprintf(&b, `\u%04x`, c)
		case !unicode.IsPrint(c):
			fmt.Fprintf(&b, `\U%08x`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteRune(quote)
	return b.String()
}

// pythonInt reads an integer as Python's int() does: space around it, a plus sign
// and underscores between digits are fine. One that no column can hold becomes the
// largest or smallest that one can, which compares with every row the same way.
func pythonInt(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" || strings.HasPrefix(digits, "_") ||
		strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return 0, false
	}
	sign := text[:len(text)-len(digits)]
	digits = strings.ReplaceAll(digits, "_", "")
	if strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(sign+digits, 10, 64)
	if err != nil && n == 0 {
		return 0, false
	}
	return n, true
}

// smartSplit splits a search text into words as Django and its REST framework
// do: at white space and commas, but not between quotes.
func smartSplit(text string) []string {
	var words []string
	for _, word := range quotedWord.FindAllString(text, -1) {
		word = strings.Trim(word, ",")
		if n := len(word); n > 0 && (word[0] == '"' || word[0] == '\'') && word[n-1] == word[0] {
			words = append(words, unquote(word))
			continue
		}
		for part := range strings.SplitSeq(word, ",") {
			if part != "" {
				words = append(words, part)
			}
		}
	}
	return words
}

func unquote(word string) string {
	if len(word) < len(`""`) {
		return ""
	}
	quote := word[:1]
	word = word[1 : len(word)-1]
	return strings.ReplaceAll(strings.ReplaceAll(word, `\`+quote, quote), `\\`, `\`)
}

// quotedWord is a word that may hold quoted parts with spaces in them.
var quotedWord = regexp.MustCompile(`(?s)[^\s\p{Z}'"]*(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^\s\p{Z}'"]*)+|[^\s\p{Z}]+`)
