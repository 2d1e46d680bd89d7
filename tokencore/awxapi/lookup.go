package awxapi

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// lookup is the suffix of a filter path: how it reads its value, and how the store
// compares with it.
type lookup struct {
	convert func(p path, value string) (any, error)
	op      tokencore.Op
}

// lookups are all that AWX has; "search" stands apart.
var lookups = map[string]lookup{
	"exact":       {asField, tokencore.Equal},
	"iexact":      {asTextField, tokencore.EqualFold},
	"contains":    {asField, tokencore.Contains},
	"icontains":   {asField, tokencore.ContainsFold},
	"startswith":  {asField, tokencore.HasPrefix},
	"istartswith": {asField, tokencore.HasPrefixFold},
	"endswith":    {asField, tokencore.HasSuffix},
	"iendswith":   {asField, tokencore.HasSuffixFold},
	"regex":       {asPattern, tokencore.Regex},
	"iregex":      {asPattern, tokencore.RegexFold},
	"gt":          {asField, tokencore.Greater},
	"gte":         {asField, tokencore.GreaterOrEqual},
	"lt":          {asField, tokencore.Less},
	"lte":         {asField, tokencore.LessOrEqual},
	"in":          {asList, tokencore.In},
	"isnull":      {asTruth, tokencore.IsNull},
}

func asField(p path, value string) (any, error) { return p.convert(value) }

func asTextField(p path, value string) (any, error) {
	if p.field.kind != textField {
		return nil, badRequest(p.name + " is not a text field and cannot be filtered by case-insensitive search")
	}
	return value, nil
}

func asPattern(_ path, value string) (any, error) { return translatePattern(value) }

func asTruth(_ path, value string) (any, error) { return pythonBool(value) }

func asList(p path, value string) (any, error) {
	if value == "" {
		return nil, badRequest("cannot provide empty value for __in")
	}
	if strings.Count(value, ",") >= maxListed {
		return nil, badRequest("too many values for __in")
	}
	var list []any
	for item := range strings.SplitSeq(value, ",") {
		converted, err := p.convert(item)
		if err != nil {
			return nil, err
		}
		list = append(list, converted)
	}
	return list, nil
}

// compare makes the condition on the field's column, and says whether it would hold
// of null. The messages are Django's.
func (f field) compare(name string, value any) (where tokencore.Expr, null bool, err error) {
	op := lookups[name].op
	textual := op >= tokencore.EqualFold && op <= tokencore.RegexFold
	switch {
	case f.kind == bridgeField, f.kind == secretField:
		return nil, false, badRequest("Filtering on this field is not supported.")
	case f.kind == relationField && textual:
		return nil, false, badRequest("Related Field got invalid lookup: " + name)
	case value == nil && op == tokencore.Equal:
		op, value = tokencore.IsNull, true
	case value == nil:
		return nil, false, badRequest("Cannot use None as a query value")
	}
	null = op == tokencore.IsNull && value == true
	switch {
	case f.column == "":
		where = f.constant(op, value)
	case textual:
		where = f.compareText(op, value)
	case op == tokencore.In:
		where = f.in(value)
	case f.kind == booleanField && op != tokencore.IsNull:
		where = f.compareTruth(op, value == true)
	default:
		where = tokencore.Compare{Field: f.column, Op: op, Value: value}
	}
	return where, null, nil
}

func isNull(column tokencore.Field, null bool) tokencore.Expr {
	return tokencore.Compare{Field: column, Op: tokencore.IsNull, Value: null}
}

// never holds.
var never = tokencore.Or{}

// compareText compares with the text of any column, as Django casts it: Python's
// text of the value, PostgreSQL's of the column.
func (f field) compareText(op tokencore.Op, value any) tokencore.Expr {
	switch v := value.(type) {
	case int64:
		value = strconv.FormatInt(v, 10)
	case bool:
		value = "False"
		if v {
			value = "True"
		}
	case time.Time:
		return never // Python's text of a time ends in "+00:00", PostgreSQL's in "+00"
	}
	return tokencore.Compare{Field: f.column, Op: op, Value: value}
}

// compareTruth orders false before true.
func (f field) compareTruth(op tokencore.Op, value bool) tokencore.Expr {
	switch {
	case op == tokencore.Equal,
		op == tokencore.GreaterOrEqual && value,
		op == tokencore.LessOrEqual && !value:
		return tokencore.Eq(f.column, value)
	case op == tokencore.GreaterOrEqual, op == tokencore.LessOrEqual:
		return isNull(f.column, false)
	case op == tokencore.Greater && !value, op == tokencore.Less && value:
		return tokencore.Eq(f.column, !value)
	default:
		return never
	}
}

// in demands one of the values; null is in no list.
func (f field) in(value any) tokencore.Expr {
	list, _ := value.([]any)
	var numbers []int64
	var texts []string
	var others tokencore.Or
	for _, v := range list {
		switch v := v.(type) {
		case int64:
			numbers = append(numbers, v)
		case string:
			texts = append(texts, v)
		case bool, time.Time:
			others = append(others, tokencore.Eq(f.column, v))
		}
	}
	switch {
	case numbers != nil:
		return tokencore.Compare{Field: f.column, Op: tokencore.In, Value: numbers}
	case texts != nil:
		return tokencore.Compare{Field: f.column, Op: tokencore.In, Value: texts}
	default:
		return others
	}
}

// constant compares with what a field without column always is.
func (f field) constant(op tokencore.Op, value any) tokencore.Expr {
	if f.constantHolds(op, value) {
		return tokencore.And{}
	}
	return never
}

func (f field) constantHolds(op tokencore.Op, value any) bool {
	if op == tokencore.IsNull {
		return value == !f.empty
	}
	if !f.empty {
		return false
	}
	switch op {
	case tokencore.In:
		list, _ := value.([]any)
		return slices.Contains(list, any(""))
	case tokencore.Regex, tokencore.RegexFold:
		pattern, _ := value.(string)
		return matchesEmpty(pattern)
	case tokencore.Greater:
		return false
	case tokencore.Less:
		return value != ""
	case tokencore.LessOrEqual:
		return true
	default: // the empty text begins, ends and contains only itself
		return value == ""
	}
}
