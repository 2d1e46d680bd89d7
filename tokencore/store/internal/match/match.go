// Package match says how the text operators of tokencore.Op compare, for stores whose
// rows pass through Go.
package match

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// timeLayout is how PostgreSQL writes a time in UTC.
const timeLayout = "2006-01-02 15:04:05.999999+00"

// Text is what text operators see of a number, a boolean or a time.
func Text(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case int64:
		return strconv.FormatInt(value, 10), true
	case bool:
		return strconv.FormatBool(value), true
	case time.Time:
		return value.UTC().Format(timeLayout), true
	default:
		return "", false
	}
}

// Fold lowers ASCII letters only.
func Fold(s string) string {
	lower := []byte(s)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + ('a' - 'A')
		}
	}
	return string(lower)
}

// maxSteps bounds what a pattern costs per character: matching is linear in the
// text, but also in the pattern once its repetitions are written out.
const maxSteps = 2000

var errPatternSize = errors.New("it is too large")

// Pattern compiles the value of Regex or RegexFold. Its error matches
// tokencore.ErrField and does not show the pattern.
func Pattern(op tokencore.Op, value string) (*regexp.Regexp, error) {
	flags := "(?s)" // as in PostgreSQL, where a dot matches line breaks
	if op == tokencore.RegexFold {
		flags = "(?is)"
	}
	parsed, err := syntax.Parse(flags+value, syntax.Perl)
	if err != nil {
		if invalid, ok := errors.AsType[*syntax.Error](err); ok {
			err = errors.New(invalid.Code.String())
		}
		return nil, fmt.Errorf("%w: pattern: %w", tokencore.ErrField, err)
	}
	if steps(parsed) > maxSteps {
		return nil, fmt.Errorf("%w: pattern: %w", tokencore.ErrField, errPatternSize)
	}
	compiled, err := regexp.Compile(flags + value)
	if err != nil { // what syntax accepts, regexp does too
		return nil, fmt.Errorf("%w: pattern", tokencore.ErrField)
	}
	return compiled, nil
}

// steps counts what the pattern has once its repetitions are written out. The parser
// bounds nesting and the product of repetitions, so this is quick and cannot overflow.
func steps(re *syntax.Regexp) int {
	n := 1
	if re.Op == syntax.OpLiteral {
		n = len(re.Rune)
	}
	for _, sub := range re.Sub {
		n += steps(sub)
	}
	if re.Op == syntax.OpRepeat {
		times := re.Max
		if times < 0 {
			times = re.Min + 1 // "x{3,}" is three and a loop
		}
		n = (n - 1) * times
	}
	return n
}
