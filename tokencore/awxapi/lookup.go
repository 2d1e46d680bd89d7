package awxapi

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// lookup makes the condition that a field stands in a relation to a value.
type lookup func(name string, f field, value string) (tokencore.Expr, error)

// lookups are the suffixes of a filter path. A new one is a new line.
var lookups = map[string]lookup{
	"exact":       exact,
	"iexact":      textual("iexact", tokencore.EqualFold),
	"contains":    textual("contains", tokencore.Contains),
	"icontains":   textual("icontains", tokencore.ContainsFold),
	"startswith":  textual("startswith", tokencore.HasPrefix),
	"istartswith": textual("istartswith", tokencore.HasPrefixFold),
	"endswith":    textual("endswith", tokencore.HasSuffix),
	"iendswith":   textual("iendswith", tokencore.HasSuffixFold),
	"gt":          ordering(tokencore.Greater),
	"gte":         ordering(tokencore.GreaterOrEqual),
	"lt":          ordering(tokencore.Less),
	"lte":         ordering(tokencore.LessOrEqual),
	"in":          in,
	"isnull":      isNull,
}

// textual compares text only; AWX also casts other columns to text.
func textual(suffix string, op tokencore.Op) lookup {
	return func(name string, f field, value string) (tokencore.Expr, error) {
		if f.kind != textField {
			return nil, badRequest("Lookup " + suffix + " is not supported for field " + name + ".")
		}
		return tokencore.Compare{Field: f.column, Op: op, Value: value}, nil
	}
}

// ordering compares what has an order; nothing is greater or less than null.
func ordering(op tokencore.Op) lookup {
	return func(name string, f field, value string) (tokencore.Expr, error) {
		converted, err := f.convert(name, value)
		if err != nil {
			return nil, err
		}
		if converted == nil || f.kind == booleanField {
			return tokencore.Or{}, nil
		}
		return tokencore.Compare{Field: f.column, Op: op, Value: converted}, nil
	}
}

func exact(name string, f field, value string) (tokencore.Expr, error) {
	converted, err := f.convert(name, value)
	if err != nil {
		return nil, err
	}
	if converted == nil {
		return tokencore.Compare{Field: f.column, Op: tokencore.IsNull, Value: true}, nil
	}
	return tokencore.Eq(f.column, converted), nil
}

// maxListed bounds the values of one "in".
const maxListed = 1000

func in(name string, f field, value string) (tokencore.Expr, error) {
	if value == "" {
		return nil, badRequest("cannot provide empty value for __in")
	}
	if strings.Count(value, ",") >= maxListed {
		return nil, badRequest("too many values for __in")
	}
	var numbers []int64
	var texts []string
	for item := range strings.SplitSeq(value, ",") {
		switch converted, err := f.convert(name, item); converted := converted.(type) {
		case int64:
			numbers = append(numbers, converted)
		case string:
			texts = append(texts, converted)
		case nil:
			if err != nil {
				return nil, err
			} // null is in no list
		default:
			return nil, badRequest("Lookup in is not supported for field " + name + ".")
		}
	}
	if f.kind == textField {
		return tokencore.Compare{Field: f.column, Op: tokencore.In, Value: texts}, nil
	}
	return tokencore.Compare{Field: f.column, Op: tokencore.In, Value: numbers}, nil
}

func isNull(_ string, f field, value string) (tokencore.Expr, error) {
	null, err := parseBoolean(value)
	if err != nil {
		return nil, err
	}
	return tokencore.Compare{Field: f.column, Op: tokencore.IsNull, Value: null}, nil
}

// convert reads a value as the field's type; nil is null. The messages are Django's.
func (f field) convert(name, value string) (any, error) {
	switch f.kind {
	case textField:
		return value, nil
	case numberField:
		n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return nil, badRequest(listed(fmt.Sprintf("“%s” value must be an integer.", value)))
		}
		return n, nil
	case booleanField:
		b, err := parseBoolean(value)
		if err != nil {
			return nil, err
		}
		return b, nil
	case timeField:
		t, err := parseTime(value)
		if err != nil {
			return nil, err
		}
		return t, nil
	case relationField:
		if lower := strings.ToLower(value); lower == "null" || lower == "none" {
			return nil, nil
		}
		n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil {
			return nil, badRequest("Invalid " + name + " id: " + value)
		}
		return n, nil
	default:
		return nil, forbidden()
	}
}

// listed writes a message as AWX prints Django's list of one.
func listed(text string) string {
	encoded, err := encodeJSON([]string{text})
	if err != nil {
		return text
	}
	return string(encoded)
}

func parseBoolean(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	default:
		return false, badRequest(fmt.Sprintf("Unable to convert \"%s\" to boolean", value))
	}
}

// timeLayouts are the forms of a moment, most exact first. Without a zone it is UTC.
var timeLayouts = []string{
	"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04Z07:00", "2006-01-02 15:04Z07:00",
	"2006-01-02T15:04", "2006-01-02 15:04",
	"2006-01-02",
}

func parseTime(value string) (time.Time, error) {
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, value); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, badRequest(listed(fmt.Sprintf("“%s” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format.", value)))
}
