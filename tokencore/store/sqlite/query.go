package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// page runs a query: the rows of a SELECT without conditions that match, and how
// many match. Both are read from one snapshot.
func page[T any](
	ctx context.Context, s *session, doing string, scan func(row) (T, error), sqlSelect string, t table, q tokencore.Query,
) (rows []T, count int, err error) {
	c := compiler{table: t, row: t.name}
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

// compiler turns conditions on the rows of a table into SQL. Every name comes from
// the table, every value is bound.
type compiler struct {
	table  table
	row    string // what the row is called in the statement
	values []any  // in the order of their question marks
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
		return c.comparison(e)
	case tokencore.Related:
		relation, ok := c.table.many[e.Relation]
		if !ok {
			return "", fmt.Errorf("%w: relation %q", tokencore.ErrField, e.Relation)
		}
		// The related row has own columns only, so relations cannot chain.
		related := compiler{table: table{own: relation.columns}, row: "related", values: c.values}
		condition, err := related.condition(e.Where)
		c.values = related.values
		return relation.exists(c.row, condition), err
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

// comparison compares a field of a related row there, where an index may help.
func (c *compiler) comparison(e tokencore.Compare) (string, error) {
	column, through, err := c.table.column(e.Field)
	if err != nil {
		return "", err
	}
	row := c.row
	if through != nil {
		row = "related"
	}
	absent := e.Op == tokencore.IsNull && e.Value == true
	if through != nil && absent {
		e.Value = false // of rows that are not there, too
	}
	sql, err := c.compare(column.kind, of(row, column.sql), e.Op, e.Value)
	switch {
	case err != nil:
		return "", fmt.Errorf("comparing %q: %w", e.Field, err)
	case through == nil:
		return sql, nil
	case absent:
		return `(` + through.exists(c.row, sql) + ` IS NOT TRUE)`, nil
	default:
		return through.exists(c.row, sql), nil
	}
}

// order puts absent values last, as PostgreSQL and so AWX does.
func (c *compiler) order(orders []tokencore.Order) (string, error) {
	var sql strings.Builder
	for _, o := range orders {
		column, through, err := c.table.column(o.Field)
		if err != nil {
			return "", err
		}
		if through == nil {
			sql.WriteString(of(c.row, column.sql))
		} else {
			sql.WriteString(through.value(c.row, column.sql))
		}
		nullable := column.nullable || through != nil
		switch {
		case o.Descending && nullable:
			sql.WriteString(` DESC NULLS FIRST, `)
		case o.Descending:
			sql.WriteString(` DESC, `)
		case nullable:
			sql.WriteString(` NULLS LAST, `)
		default:
			sql.WriteString(`, `)
		}
	}
	return sql.String() + c.row + `.id`, nil
}
