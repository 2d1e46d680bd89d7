package memory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// page selects, sorts and cuts rows, which come by ascending id.
func (c columns[T]) page(d *data, all []T, q tokencore.Query) ([]T, int, error) {
	holds, err := c.condition(d, q.Where)
	if err != nil {
		return nil, 0, err
	}
	compare, err := c.order(d, q.Order)
	if err != nil {
		return nil, 0, err
	}
	matches := slices.DeleteFunc(all, func(row T) bool { return !holds(row) })
	slices.SortStableFunc(matches, compare) // stable, so that the id decides last
	count := 0
	if !q.SkipCount {
		count = len(matches)
	}
	from := min(max(q.Offset, 0), len(matches))
	to := len(matches)
	if q.Limit > 0 {
		to = min(to, from+min(q.Limit, to))
	}
	return matches[from:to:to], count, nil
}

// condition turns an expression into a function. Fields are checked even when
// there are no rows.
func (c columns[T]) condition(d *data, e tokencore.Expr) (func(T) bool, error) {
	switch e := e.(type) {
	case nil:
		return func(T) bool { return true }, nil
	case tokencore.And:
		parts, err := c.conditions(d, e)
		return func(row T) bool {
			return !slices.ContainsFunc(parts, func(holds func(T) bool) bool { return !holds(row) })
		}, err
	case tokencore.Or:
		parts, err := c.conditions(d, e)
		return func(row T) bool {
			return slices.ContainsFunc(parts, func(holds func(T) bool) bool { return holds(row) })
		}, err
	case tokencore.Not:
		holds, err := c.condition(d, e.Expr)
		return func(row T) bool { return !holds(row) }, err
	case tokencore.Compare:
		column, ok := c[e.Field]
		if !ok {
			return nil, fmt.Errorf("%w: %q", tokencore.ErrField, e.Field)
		}
		test := column.kind.test(e.Op, e.Value)
		if test == nil {
			return nil, fmt.Errorf("%w: %q has no such comparison", tokencore.ErrField, e.Field)
		}
		return func(row T) bool { return test(column.of(d, row)) }, nil
	default:
		return nil, fmt.Errorf("%w: condition of type %T", tokencore.ErrField, e)
	}
}

func (c columns[T]) conditions(d *data, parts []tokencore.Expr) ([]func(T) bool, error) {
	all := make([]func(T) bool, 0, len(parts))
	for _, part := range parts {
		holds, err := c.condition(d, part)
		if err != nil {
			return nil, err
		}
		all = append(all, holds)
	}
	return all, nil
}

func (c columns[T]) order(d *data, orders []tokencore.Order) (func(a, b T) int, error) {
	var all []func(a, b T) int
	for _, o := range orders {
		column, ok := c[o.Field]
		if !ok || column.kind == membership {
			return nil, fmt.Errorf("%w: %q", tokencore.ErrField, o.Field)
		}
		sign := 1
		if o.Descending {
			sign = -1
		}
		all = append(all, func(a, b T) int { return sign * compare(column.of(d, a), column.of(d, b)) })
	}
	return func(a, b T) int {
		for _, by := range all {
			if n := by(a, b); n != 0 {
				return n
			}
		}
		return 0
	}, nil
}

// test returns the comparison with a value, or nil when the two do not fit.
// Absent values pass none but IsNull.
func (k kind) test(op tokencore.Op, value any) func(any) bool {
	switch wanted := value.(type) {
	case time.Time:
		value = kept(wanted)
	case []int64:
		return k.testIn(op, func(v any) bool { n, ok := v.(int64); return ok && slices.Contains(wanted, n) }, wanted)
	case []string:
		if k != text || op != tokencore.In {
			return nil
		}
		return func(v any) bool { s, ok := v.(string); return ok && slices.Contains(wanted, s) }
	}
	if null, ok := value.(bool); ok && op == tokencore.IsNull && k != membership {
		return func(v any) bool { return (v == nil) == null }
	}
	switch value := value.(type) {
	case int64:
		if k == membership && op == tokencore.Equal {
			return func(v any) bool { return slices.Contains(v.([]int64), value) } //nolint:forcetypeassert // memberships are
		}
		if k == number {
			return testOrdered(op, value)
		}
	case time.Time:
		if k == moment {
			return testOrdered(op, value)
		}
	case bool:
		if k == boolean && op == tokencore.Equal {
			return testOrdered(op, value)
		}
	case string:
		if k == text {
			return testText(op, value)
		}
	}
	return nil
}

func (k kind) testIn(op tokencore.Op, one func(any) bool, wanted []int64) func(any) bool {
	switch {
	case op != tokencore.In:
		return nil
	case k == number:
		return one
	case k == membership:
		return func(v any) bool {
			return slices.ContainsFunc(v.([]int64), func(n int64) bool { return slices.Contains(wanted, n) }) //nolint:forcetypeassert // memberships are
		}
	default:
		return nil
	}
}

func testOrdered(op tokencore.Op, value any) func(any) bool {
	switch op {
	case tokencore.Equal:
		return func(v any) bool { return v != nil && compare(v, value) == 0 }
	case tokencore.Greater:
		return func(v any) bool { return v != nil && compare(v, value) > 0 }
	case tokencore.GreaterOrEqual:
		return func(v any) bool { return v != nil && compare(v, value) >= 0 }
	case tokencore.Less:
		return func(v any) bool { return v != nil && compare(v, value) < 0 }
	case tokencore.LessOrEqual:
		return func(v any) bool { return v != nil && compare(v, value) <= 0 }
	default:
		return nil
	}
}

func testText(op tokencore.Op, value string) func(any) bool {
	on := func(prepare func(string) string, test func(s, value string) bool) func(any) bool {
		value := prepare(value)
		return func(v any) bool { s, ok := v.(string); return ok && test(prepare(s), value) }
	}
	same := func(s string) string { return s }
	switch op {
	case tokencore.EqualFold:
		return on(fold, func(s, value string) bool { return s == value })
	case tokencore.Contains:
		return on(same, strings.Contains)
	case tokencore.ContainsFold:
		return on(fold, strings.Contains)
	case tokencore.HasPrefix:
		return on(same, strings.HasPrefix)
	case tokencore.HasPrefixFold:
		return on(fold, strings.HasPrefix)
	case tokencore.HasSuffix:
		return on(same, strings.HasSuffix)
	case tokencore.HasSuffixFold:
		return on(fold, strings.HasSuffix)
	default:
		return testOrdered(op, value)
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

// fold lowers ASCII letters only.
func fold(s string) string {
	lower := []byte(s)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + ('a' - 'A')
		}
	}
	return string(lower)
}
