package sqlstore

import (
	"fmt"
	"regexp"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

// errNoComparison: operator, value and column do not fit.
var errNoComparison = fmt.Errorf("%w: no such comparison", tokencore.ErrField)

// operand is an expression of some kind that is compared with a value.
type operand struct {
	kind kind
	sql  string
	from string // the FROM clause of all rows that have it
}

// Pattern is a comparison of a text with a pattern.
type Pattern struct {
	Compiled   *regexp.Regexp
	Expression string
	From       string // the FROM clause of all rows that have the expression
}

func (c *compiler) compare(left operand, op tokencore.Op, value any) (string, error) {
	if err := match.Comparable(value); err != nil {
		return "", err
	}
	switch op {
	case tokencore.IsNull:
		switch value {
		case true:
			return left.sql + ` IS NULL`, nil
		case false:
			return left.sql + ` IS NOT NULL`, nil
		}
	case tokencore.In:
		return c.in(left, value)
	case tokencore.Equal, tokencore.Greater, tokencore.GreaterOrEqual, tokencore.Less, tokencore.LessOrEqual:
		return c.ordered(left, op, value)
	default:
		if value, ok := value.(string); ok {
			return c.text(c.asText(left), op, value)
		}
	}
	return "", errNoComparison
}

// in binds the list as one value, so that its length has no limit.
func (c *compiler) in(left operand, value any) (string, error) {
	var fits bool
	switch value.(type) {
	case []int64:
		fits = left.kind == number
	case []string:
		fits = left.kind == text
	}
	if !fits {
		return "", errNoComparison
	}
	// The parameter is known before its value.
	parameter := c.bind(nil)
	sql, bound, err := c.dialect.Among(left.sql, parameter, value)
	(*c.values)[len(*c.values)-1] = bound
	return sql, tokencore.Unavailable("listing values", err)
}

var operators = map[tokencore.Op]string{
	tokencore.Equal: ` = `, tokencore.Greater: ` > `, tokencore.GreaterOrEqual: ` >= `, tokencore.Less: ` < `, tokencore.LessOrEqual: ` <= `,
}

func (c *compiler) ordered(left operand, op tokencore.Op, value any) (string, error) {
	var fits bool
	switch wanted := value.(type) {
	case int64:
		fits = left.kind == number
	case string:
		fits = left.kind == text
	case bool:
		fits = left.kind == boolean && op == tokencore.Equal
	case time.Time:
		fits, value = left.kind == moments, micros(wanted)
	}
	if !fits {
		return "", errNoComparison
	}
	return left.sql + operators[op] + c.bind(value), nil
}

// asText makes the operand what text operators see of it.
func (c *compiler) asText(left operand) operand {
	switch left.kind {
	case number:
		left.sql = `CAST(` + left.sql + ` AS TEXT)`
	case boolean:
		left.sql = `CASE ` + left.sql + ` WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END`
	case moments:
		left.sql = c.dialect.TimeText(left.sql)
	default:
	}
	left.kind = text
	return left
}

// text does not use LIKE, which has wildcards.
func (c *compiler) text(left operand, op tokencore.Op, value string) (string, error) {
	switch op {
	case tokencore.EqualFold, tokencore.ContainsFold, tokencore.HasPrefixFold, tokencore.HasSuffixFold:
		left.sql, value = c.dialect.Fold(left.sql), match.Fold(value)
	default:
	}
	switch op {
	case tokencore.EqualFold:
		return left.sql + ` = ` + c.bind(value), nil
	case tokencore.Contains, tokencore.ContainsFold:
		return c.dialect.Contains(left.sql, c.bind(value)), nil
	case tokencore.HasPrefix, tokencore.HasPrefixFold:
		return c.dialect.HasPrefix(left.sql, c.bind(value)), nil
	case tokencore.HasSuffix, tokencore.HasSuffixFold:
		if value == "" {
			return left.sql + ` IS NOT NULL`, nil
		}
		return c.dialect.HasSuffix(left.sql, c.bind(value), len(value)), nil
	case tokencore.Regex, tokencore.RegexFold:
		compiled, err := match.Pattern(op, value)
		if err != nil {
			return "", err
		}
		return c.dialect.Matches(Pattern{compiled, left.sql, left.from}, c.bind), nil
	default:
		return "", errNoComparison
	}
}
