package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

// errNoComparison: operator, value and column do not fit.
var errNoComparison = fmt.Errorf("%w: no such comparison", tokencore.ErrField)

// compare compares an expression of some kind with a value.
func (c *compiler) compare(k kind, expression string, op tokencore.Op, value any) (string, error) {
	switch op {
	case tokencore.IsNull:
		switch value {
		case true:
			return expression + ` IS NULL`, nil
		case false:
			return expression + ` IS NOT NULL`, nil
		}
	case tokencore.In:
		return c.in(k, expression, value)
	case tokencore.Equal, tokencore.Greater, tokencore.GreaterOrEqual, tokencore.Less, tokencore.LessOrEqual:
		return c.ordered(k, expression, op, value)
	default:
		if value, ok := value.(string); ok {
			return c.text(asText(k, expression), op, value)
		}
	}
	return "", errNoComparison
}

// in binds the list as one JSON value, so that its length has no limit.
func (c *compiler) in(k kind, expression string, value any) (string, error) {
	var fits bool
	switch value.(type) {
	case []int64:
		fits = k == number
	case []string:
		fits = k == text
	}
	if !fits {
		return "", errNoComparison
	}
	list, err := json.Marshal(value)
	if err != nil {
		return "", tokencore.Unavailable("listing values", err)
	}
	return c.bind(expression+` IN (SELECT value FROM json_each(?))`, string(list))
}

func (c *compiler) ordered(k kind, expression string, op tokencore.Op, value any) (string, error) {
	var fits bool
	switch wanted := value.(type) {
	case int64:
		fits = k == number
	case string:
		fits = k == text
	case bool:
		fits = k == boolean && op == tokencore.Equal
	case time.Time:
		fits, value = k == moments, micros(wanted)
	}
	if !fits {
		return "", errNoComparison
	}
	switch op {
	case tokencore.Greater:
		return c.bind(expression+` > ?`, value)
	case tokencore.GreaterOrEqual:
		return c.bind(expression+` >= ?`, value)
	case tokencore.Less:
		return c.bind(expression+` < ?`, value)
	case tokencore.LessOrEqual:
		return c.bind(expression+` <= ?`, value)
	default:
		return c.bind(expression+` = ?`, value)
	}
}

// asText is what text operators see of a value.
func asText(k kind, expression string) string {
	switch k {
	case number:
		return `CAST(` + expression + ` AS TEXT)`
	case boolean:
		return `CASE ` + expression + ` WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END`
	case moments:
		return sqlTimeText + `(` + expression + `)`
	default:
		return expression
	}
}

// text uses instr instead of LIKE, which has wildcards and folds always.
func (c *compiler) text(expression string, op tokencore.Op, value string) (string, error) {
	switch op {
	case tokencore.EqualFold, tokencore.ContainsFold, tokencore.HasPrefixFold, tokencore.HasSuffixFold:
		expression, value = `lower(`+expression+`)`, match.Fold(value)
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
	case tokencore.Regex, tokencore.RegexFold:
		pattern, err := match.Pattern(op, value)
		if err != nil {
			return "", err
		}
		patterns.put(pattern)
		return c.bind(sqlMatches+`(?, `+expression+`)`, pattern.String())
	default:
		return "", errNoComparison
	}
}
