package sqlstore

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// page runs a query: the rows of a SELECT without conditions that match, and how
// many match. Both are read from one snapshot.
func page[T any](
	ctx context.Context, s *session, doing string, scan func(Row) (T, error), sqlSelect string, t Table, q tokencore.Query,
) (rows []T, count int, err error) {
	if s.failed != nil {
		return nil, 0, s.failed
	}
	c := compiler{dialect: s.dialect, table: t, row: t.Name, from: t.Name, values: new([]any)}
	where, err := c.condition(q.Where)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", doing, err)
	}
	order, err := c.order(q.Order)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", doing, err)
	}
	sqlCount := `SELECT count(*) FROM ` + t.Name + ` WHERE ` + where
	conditions := len(*c.values)
	limit := math.MaxInt64 // none
	if q.Limit > 0 {
		limit = q.Limit
	}
	sqlPage := sqlSelect + ` WHERE ` + where + ` ORDER BY ` + order +
		` LIMIT ` + c.bind(int64(limit)) + ` OFFSET ` + c.bind(int64(max(q.Offset, 0)))
	read := func(on Conn) error {
		s := &session{on: on, dialect: s.dialect}
		values, err := resolve(ctx, on, *c.values)
		if err != nil {
			return err
		}
		if !q.SkipCount {
			if count, err = one(ctx, s, doing, scanCount, sqlCount, values[:conditions]...); err != nil {
				return err
			}
		}
		rows, err = list(ctx, s, doing, scan, sqlPage, values...)
		return err
	}
	if q.SkipCount && !unresolved(*c.values) {
		err = read(s.on)
	} else {
		err = s.on.Snapshot(ctx, read)
	}
	if err != nil {
		return nil, 0, s.explain(doing, err)
	}
	return rows, count, nil
}

func scanCount(r Row) (n int, err error) {
	err = r.Scan(&n)
	return n, err
}

// Condition translates a condition on the rows of a table, and returns what to bind to
// its parameters.
func Condition(dialect Dialect, t Table, where tokencore.Expr) (sql string, values []any, err error) {
	c := compiler{dialect: dialect, table: t, row: t.Name, from: t.Name, values: new([]any)}
	sql, err = c.condition(where)
	return sql, *c.values, err
}

// compiler turns conditions on the rows of a table into SQL. Every name comes from
// the table, every value is bound.
type compiler struct {
	dialect Dialect
	table   Table
	row     string // what the row is called in the statement
	from    string // where rows of that name come from
	values  *[]any // in the order of their parameters
	inside  bool   // an Or or a Not
}

// nested is the compiler of the parts of an Or or a Not.
func (c *compiler) nested() *compiler {
	inner := *c
	inner.inside = true
	return &inner
}

// bind returns the parameter that stands for the value.
func (c *compiler) bind(value any) string {
	*c.values = append(*c.values, value)
	return "$" + strconv.Itoa(len(*c.values))
}

func (c *compiler) condition(e tokencore.Expr) (string, error) {
	switch e := e.(type) {
	case nil:
		return `TRUE`, nil
	case tokencore.And:
		return c.join(e, ` AND `, `TRUE`)
	case tokencore.Or:
		if len(e) > 1 {
			c = c.nested()
		}
		return c.join(e, ` OR `, `FALSE`)
	case tokencore.Not:
		// Without NOT, SQL's three values behave like two: NULL does not hold.
		// IS NOT TRUE keeps it that way.
		inner, err := c.nested().condition(e.Expr)
		return `((` + inner + `) IS NOT TRUE)`, err
	case tokencore.Compare:
		return c.comparison(e)
	case tokencore.Related:
		relation, ok := c.table.many[e.Relation]
		if !ok {
			return "", fmt.Errorf("%w: relation %q", tokencore.ErrField, e.Relation)
		}
		// The related row has own columns only, so relations cannot chain.
		related := compiler{
			dialect: c.dialect, table: Table{own: relation.columns}, row: "related", from: relation.from, values: c.values,
		}
		condition, err := related.condition(e.Where)
		return c.exists(&relation, condition), err
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
	row, from := c.row, c.from
	if through != nil {
		row, from = "related", through.from
	}
	absent := e.Op == tokencore.IsNull && e.Value == true
	if through != nil && absent {
		e.Value = false // of rows that are not there, too
	}
	sql, err := c.compare(operand{column.kind, of(row, column.sql), from}, e.Op, e.Value)
	switch {
	case err != nil:
		return "", fmt.Errorf("comparing %q: %w", e.Field, err)
	case through == nil:
		return sql, nil
	case absent:
		return `(` + c.nested().exists(through, sql) + ` IS NOT TRUE)`, nil
	default:
		return c.exists(through, sql), nil
	}
}

// exists is the condition that a related row satisfies a condition.
func (c *compiler) exists(r *relation, condition string) string {
	return c.dialect.Related(of(c.row, r.key), `SELECT `+r.owner+` FROM `+r.from+` WHERE `+condition, !c.inside)
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
