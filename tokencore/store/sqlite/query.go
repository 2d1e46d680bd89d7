package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// page runs a query: the rows of a SELECT without conditions that match, and how
// many match. Both are read from one snapshot.
func page[T any](
	ctx context.Context, s *session, doing string, scan func(row) (T, error), sqlSelect string, t table, q tokencore.Query,
) (rows []T, count int, err error) {
	c := compiler{table: t}
	where, err := c.condition(q.Where)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", doing, err)
	}
	order, err := c.order(q.Order)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", doing, err)
	}
	limit := int64(-1) // none
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	sqlPage := sqlSelect + ` WHERE ` + where + ` ORDER BY ` + order + ` LIMIT ? OFFSET ?`
	sqlCount := `SELECT count(*) FROM ` + t.name + ` WHERE ` + where
	err = s.snapshot(ctx, doing, !q.SkipCount, func(s *session) (err error) {
		if !q.SkipCount {
			if count, err = one(ctx, s, doing, scanCount, sqlCount, c.values...); err != nil {
				return err
			}
		}
		c.values = append(c.values, limit, max(q.Offset, 0))
		rows, err = list(ctx, s, doing, scan, sqlPage, c.values...)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return rows, count, nil
}

func scanCount(r row) (n int, err error) {
	err = r.Scan(&n)
	return n, err
}

// compiler turns conditions into SQL. Every name comes from the table, every
// value is bound.
type compiler struct {
	table  table
	values []any // in the order of their question marks
}

func (c *compiler) bind(sql string, values ...any) (string, error) {
	c.values = append(c.values, values...)
	return sql, nil
}

func (c *compiler) condition(e tokencore.Expr) (string, error) {
	switch e := e.(type) {
	case nil:
		return `TRUE`, nil
	case tokencore.And:
		return c.join(e, ` AND `, `TRUE`)
	case tokencore.Or:
		return c.join(e, ` OR `, `FALSE`)
	case tokencore.Not:
		// Without NOT, SQL's three values behave like two: NULL does not hold.
		// IS NOT TRUE keeps it that way.
		inner, err := c.condition(e.Expr)
		return `((` + inner + `) IS NOT TRUE)`, err
	case tokencore.Compare:
		column, ok := c.table.columns[e.Field]
		if !ok {
			return "", fmt.Errorf("%w: %q", tokencore.ErrField, e.Field)
		}
		sql, err := c.compare(column, e.Op, e.Value)
		if err == nil && sql == "" {
			err = fmt.Errorf("%w: %q has no such comparison", tokencore.ErrField, e.Field)
		}
		return sql, err
	default:
		return "", fmt.Errorf("%w: condition of type %T", tokencore.ErrField, e)
	}
}

// join nests in halves, because SQLite limits the depth of an expression.
func (c *compiler) join(parts []tokencore.Expr, operator, none string) (string, error) {
	switch len(parts) {
	case 0:
		return none, nil
	case 1:
		return c.condition(parts[0])
	}
	half := len(parts) / 2
	left, err := c.join(parts[:half], operator, none)
	if err != nil {
		return "", err
	}
	right, err := c.join(parts[half:], operator, none)
	if err != nil {
		return "", err
	}
	return `(` + left + operator + right + `)`, nil
}

// compare returns no SQL when column, comparison and value do not fit.
func (c *compiler) compare(column column, op tokencore.Op, value any) (string, error) {
	switch value := value.(type) {
	case int64:
		if column.kind == membership && op == tokencore.Equal {
			return c.bind(`(? IN `+column.expression+`)`, value)
		}
		if column.kind == number {
			return c.ordered(column, op, value)
		}
	case time.Time:
		if column.kind == moments {
			return c.ordered(column, op, micros(value))
		}
	case bool:
		switch {
		case op == tokencore.IsNull && column.kind != membership:
			if value {
				return column.expression + ` IS NULL`, nil
			}
			return column.expression + ` IS NOT NULL`, nil
		case op == tokencore.Equal && column.kind == boolean:
			return c.ordered(column, op, value)
		}
	case string:
		if column.kind == text {
			return c.text(column, op, value)
		}
	case []int64:
		if op == tokencore.In && (column.kind == number || column.kind == membership) {
			return c.in(column, value)
		}
	case []string:
		if op == tokencore.In && column.kind == text {
			return c.in(column, value)
		}
	}
	return "", nil
}

func (c *compiler) ordered(column column, op tokencore.Op, value any) (string, error) {
	switch op {
	case tokencore.Equal:
		return c.bind(column.expression+` = ?`, value)
	case tokencore.Greater:
		return c.bind(column.expression+` > ?`, value)
	case tokencore.GreaterOrEqual:
		return c.bind(column.expression+` >= ?`, value)
	case tokencore.Less:
		return c.bind(column.expression+` < ?`, value)
	case tokencore.LessOrEqual:
		return c.bind(column.expression+` <= ?`, value)
	default:
		return "", nil
	}
}

// text uses instr instead of LIKE, which has wildcards and folds always.
func (c *compiler) text(column column, op tokencore.Op, value string) (string, error) {
	expression := column.expression
	switch op {
	case tokencore.EqualFold, tokencore.ContainsFold, tokencore.HasPrefixFold, tokencore.HasSuffixFold:
		expression, value = `lower(`+expression+`)`, fold(value)
	default:
	}
	switch op {
	case tokencore.EqualFold:
		return c.bind(expression+` = ?`, value)
	case tokencore.Contains, tokencore.ContainsFold:
		return c.bind(`instr(`+expression+`, ?) > 0`, value)
	case tokencore.HasPrefix, tokencore.HasPrefixFold:
		return c.bind(`instr(`+expression+`, ?) = 1`, value)
	case tokencore.HasSuffix, tokencore.HasSuffixFold:
		if value == "" {
			return expression + ` IS NOT NULL`, nil // substr(x, 0) is all of x
		}
		return c.bind(`substr(CAST(`+expression+` AS BLOB), ?) = CAST(? AS BLOB)`, -len(value), value)
	default:
		return c.ordered(column, op, value)
	}
}

// in binds the list as one JSON value, so that its length has no limit.
func (c *compiler) in(column column, values any) (string, error) {
	list, err := json.Marshal(values)
	if err != nil {
		return "", tokencore.Unavailable("listing values", err)
	}
	if column.kind == membership {
		return c.bind(`EXISTS (SELECT 1 FROM json_each(?) WHERE value IN `+column.expression+`)`, string(list))
	}
	return c.bind(column.expression+` IN (SELECT value FROM json_each(?))`, string(list))
}

// order puts absent values last, as PostgreSQL and so AWX does.
func (c *compiler) order(orders []tokencore.Order) (string, error) {
	var sql strings.Builder
	for _, o := range orders {
		column, ok := c.table.columns[o.Field]
		if !ok || column.kind == membership {
			return "", fmt.Errorf("%w: %q", tokencore.ErrField, o.Field)
		}
		sql.WriteString(column.expression)
		switch {
		case o.Descending && column.nullable:
			sql.WriteString(` DESC NULLS FIRST, `)
		case o.Descending:
			sql.WriteString(` DESC, `)
		case column.nullable:
			sql.WriteString(` NULLS LAST, `)
		default:
			sql.WriteString(`, `)
		}
	}
	return sql.String() + c.table.name + `.id`, nil
}

// fold lowers ASCII letters only, as SQLite's lower() does.
func fold(s string) string {
	lower := []byte(s)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + ('a' - 'A')
		}
	}
	return string(lower)
}
