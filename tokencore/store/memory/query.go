package memory

import (
	"fmt"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

// page selects, sorts and cuts rows, which come by ascending id.
func (f fields[T]) page(d *data, all []T, q tokencore.Query) ([]T, int, error) {
	holds, err := f.condition(d, q.Where)
	if err != nil {
		return nil, 0, err
	}
	compare, err := f.order(d, q.Order)
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
func (f fields[T]) condition(d *data, e tokencore.Expr) (func(T) bool, error) {
	switch e := e.(type) {
	case nil:
		return func(T) bool { return true }, nil
	case tokencore.And:
		parts, err := f.conditions(d, e)
		return func(row T) bool {
			return !slices.ContainsFunc(parts, func(holds func(T) bool) bool { return !holds(row) })
		}, err
	case tokencore.Or:
		parts, err := f.conditions(d, e)
		return func(row T) bool {
			return slices.ContainsFunc(parts, func(holds func(T) bool) bool { return holds(row) })
		}, err
	case tokencore.Not:
		holds, err := f.condition(d, e.Expr)
		return func(row T) bool { return !holds(row) }, err
	case tokencore.Compare:
		column, err := f.column(e.Field)
		if err != nil {
			return nil, err
		}
		test, err := column.kind.test(e.Op, e.Value)
		if err != nil {
			return nil, fmt.Errorf("comparing %q: %w", e.Field, err)
		}
		return func(row T) bool { return test(column.of(d, row)) }, nil
	case tokencore.Related:
		related, ok := f.many[e.Relation]
		if !ok {
			return nil, fmt.Errorf("%w: relation %q", tokencore.ErrField, e.Relation)
		}
		owners, err := related(d, e.Where)
		id := f.own["id"]
		return func(row T) bool { return owners[id.of(d, row)] }, err
	default:
		return nil, fmt.Errorf("%w: condition of type %T", tokencore.ErrField, e)
	}
}

func (f fields[T]) conditions(d *data, parts []tokencore.Expr) ([]func(T) bool, error) {
	all := make([]func(T) bool, 0, len(parts))
	for _, part := range parts {
		holds, err := f.condition(d, part)
		if err != nil {
			return nil, err
		}
		all = append(all, holds)
	}
	return all, nil
}

func (f fields[T]) order(d *data, orders []tokencore.Order) (func(a, b T) int, error) {
	var all []func(a, b T) int
	for _, o := range orders {
		column, err := f.column(o.Field)
		if err != nil {
			return nil, err
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
