package memory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

// errNoComparison: operator, value and column do not fit.
var errNoComparison = fmt.Errorf("%w: no such comparison", tokencore.ErrField)

// test returns the comparison with a value. Absent values pass none but IsNull.
func (k kind) test(op tokencore.Op, value any) (func(any) bool, error) {
	if err := match.Comparable(value); err != nil {
		return nil, err
	}
	switch op {
	case tokencore.IsNull:
		if null, ok := value.(bool); ok {
			return func(v any) bool { return (v == nil) == null }, nil
		}
	case tokencore.In:
		return k.testIn(value)
	case tokencore.Equal, tokencore.Greater, tokencore.GreaterOrEqual, tokencore.Less, tokencore.LessOrEqual:
		return k.testOrdered(op, value)
	default:
		if value, ok := value.(string); ok {
			return testText(op, value)
		}
	}
	return nil, errNoComparison
}

func (k kind) testIn(value any) (func(any) bool, error) {
	switch wanted := value.(type) {
	case []int64:
		if k == number {
			return func(v any) bool { n, ok := v.(int64); return ok && slices.Contains(wanted, n) }, nil
		}
	case []string:
		if k == text {
			return func(v any) bool { s, ok := v.(string); return ok && slices.Contains(wanted, s) }, nil
		}
	}
	return nil, errNoComparison
}

func (k kind) testOrdered(op tokencore.Op, value any) (func(any) bool, error) {
	var fits bool
	switch wanted := value.(type) {
	case int64:
		fits = k == number
	case string:
		fits = k == text
	case bool:
		fits = k == boolean && op == tokencore.Equal
	case time.Time:
		fits, value = k == moment, kept(wanted)
	}
	if !fits {
		return nil, errNoComparison
	}
	return func(v any) bool {
		if v == nil {
			return false
		}
		switch n := compare(v, value); op {
		case tokencore.Greater:
			return n > 0
		case tokencore.GreaterOrEqual:
			return n >= 0
		case tokencore.Less:
			return n < 0
		case tokencore.LessOrEqual:
			return n <= 0
		default:
			return n == 0
		}
	}, nil
}

// testText compares the text of a value of any type.
func testText(op tokencore.Op, value string) (func(any) bool, error) {
	on := func(test func(s, value string) bool) (func(any) bool, error) {
		return func(v any) bool { s, ok := match.Text(v); return ok && test(s, value) }, nil
	}
	folded := func(test func(s, value string) bool) (func(any) bool, error) {
		value := match.Fold(value)
		return func(v any) bool { s, ok := match.Text(v); return ok && test(match.Fold(s), value) }, nil
	}
	switch op {
	case tokencore.EqualFold:
		return folded(func(s, value string) bool { return s == value })
	case tokencore.Contains:
		return on(strings.Contains)
	case tokencore.ContainsFold:
		return folded(strings.Contains)
	case tokencore.HasPrefix:
		return on(strings.HasPrefix)
	case tokencore.HasPrefixFold:
		return folded(strings.HasPrefix)
	case tokencore.HasSuffix:
		return on(strings.HasSuffix)
	case tokencore.HasSuffixFold:
		return folded(strings.HasSuffix)
	case tokencore.Regex, tokencore.RegexFold:
		pattern, err := match.Pattern(op, value)
		return func(v any) bool { s, ok := match.Text(v); return ok && pattern.MatchString(s) }, err
	default:
		return nil, errNoComparison
	}
}

// compare orders two values of one column. Absent ones come last.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	case bool:
		if b, ok := b.(bool); ok {
			return cmp.Compare(truth(a), truth(b))
		}
	case nil:
		if b == nil {
			return 0
		}
		return 1
	}
	return -1
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
