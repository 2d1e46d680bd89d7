package awxapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// model is what may be asked about one kind of row. Whatever is not in the tables
// cannot be filtered or sorted by: a filter on a stored secret would give it away bit by bit
// (awx#1354).
type model struct {
	name     string // of AWX's class, as it stands in messages
	typeName string // the "type" of its objects
	fields   map[string]field
	search   []tokencore.Field
	order    []tokencore.Order // unless the query asks for another
}

// field is one name in a filter path. Related models are written out per
// relation, since their columns are reached through it.
type field struct {
	kind    fieldKind
	column  tokencore.Field
	related *model
}

type fieldKind uint8

const (
	secretField fieldKind = iota // the zero value refuses
	numberField
	textField
	booleanField
	timeField
	relationField // column holds the id
)

// reserved are the parameters that are no filters.
var reserved = []string{
	"page", "page_size", "format", "order", "order_by", "search", "type",
	"host_filter", "count_disabled", "no_truncate", "limit", "validate",
}

// maxFilters bounds the work that one request can ask for.
const maxFilters = 100

// filters translates the query string. All conditions must hold; those with
// "or__" count as one, of which any must.
func (r *request) filters(m *model) (tokencore.Expr, error) {
	all := tokencore.And{}
	var either tokencore.Or
	if len(r.query) > maxFilters {
		return nil, badRequest("Too many filters.")
	}
	for _, p := range r.query {
		if strings.ContainsRune(p.value, 0) {
			return nil, badRequest("Null characters are not allowed.")
		}
		switch {
		case p.key == "search":
			terms, err := searchTerms(m.search, p.value)
			if err != nil {
				return nil, err
			}
			all = append(all, terms)
			continue
		case p.key == "type" && p.value != m.typeName:
			all = append(all, tokencore.Or{})
			continue
		case slices.Contains(reserved, p.key):
			continue
		}
		key, or := strings.CutPrefix(p.key, "or__")
		condition, err := m.condition(key, p.value)
		if err != nil {
			return nil, err
		}
		if or {
			either = append(either, condition)
		} else {
			all = append(all, condition)
		}
	}
	if either != nil {
		all = append(all, either)
	}
	return all, nil
}

// searchTerms demands every word of the text in any of the columns.
func searchTerms(columns []tokencore.Field, text string) (tokencore.And, error) {
	terms := tokencore.And{}
	words := strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == ',' })
	if len(words) > maxFilters {
		return nil, badRequest("Too many words to search for.")
	}
	for _, word := range words {
		var anywhere tokencore.Or
		for _, column := range columns {
			anywhere = append(anywhere, tokencore.Compare{Field: column, Op: tokencore.ContainsFold, Value: word})
		}
		terms = append(terms, anywhere)
	}
	return terms, nil
}

// condition translates one parameter whose "or__" has been taken away.
func (m *model) condition(key, value string) (tokencore.Expr, error) {
	key, _ = strings.CutPrefix(key, "chain__") // to-one relations only: the same as without
	key, not := strings.CutPrefix(key, "not__")
	condition, err := m.positive(key, value)
	if err != nil || !not {
		return condition, err
	}
	return tokencore.Not{Expr: condition}, nil
}

func (m *model) positive(key, value string) (tokencore.Expr, error) {
	if path, ok := strings.CutSuffix(key, "__search"); ok {
		name, f, err := m.resolve(path)
		if err != nil {
			return nil, err
		}
		if f.related == nil {
			return nil, badRequest(name + " is not searchable")
		}
		return searchTerms(f.related.search, value)
	}
	path, lookupName := key, "exact"
	if before, after, found := cutLast(key, "__"); found {
		if _, known := lookups[after]; known {
			path, lookupName = before, after
		}
	}
	name, f, err := m.resolve(path)
	if err != nil {
		return nil, err
	}
	return lookups[lookupName](name, f, value)
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// resolve follows a path of fields and returns the last one with its name.
func (m *model) resolve(path string) (string, field, error) {
	if path == "" {
		return "", field{}, badRequest("Query string field name not provided.")
	}
	var f field
	var name string
	for name = range strings.SplitSeq(path, "__") {
		if m == nil {
			return "", field{}, badRequest("No related model for field " + name + ".")
		}
		if name == "pk" {
			name = "id"
		}
		var known bool
		if f, known = m.fields[name]; !known {
			return "", field{}, badRequest(m.name + " has no field named '" + name + "'")
		}
		if f.kind == secretField {
			return "", field{}, detail(http.StatusForbidden, "Filtering on "+name+" is not allowed.")
		}
		m = f.related
	}
	return name, f, nil
}

// order translates order_by (or its alias): names separated by commas, a minus for descending.
func (r *request) order(m *model) ([]tokencore.Order, error) {
	text, given := r.query.last("order_by")
	if !given {
		text, _ = r.query.last("order")
	}
	var order []tokencore.Order
	for name := range strings.SplitSeq(text, ",") {
		if name == "" { // AWX fails on these
			continue
		}
		path, descending := strings.CutPrefix(name, "-")
		_, f, err := m.resolve(path)
		if err != nil {
			return nil, err
		}
		if f.column == "" {
			return nil, badRequest(m.name + " has no field named '" + path + "'")
		}
		order = append(order, tokencore.Order{Field: f.column, Descending: descending})
	}
	if order == nil {
		return m.order, nil
	}
	if len(order) > maxFilters {
		return nil, badRequest("Too many fields to order by.")
	}
	return order, nil
}
