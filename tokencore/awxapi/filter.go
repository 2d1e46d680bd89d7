package awxapi

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// reserved are the parameters that are no filters.
var reserved = []string{
	"page", "page_size", "format", "order", "order_by", "search", "type",
	"host_filter", "count_disabled", "no_truncate", "limit", "validate",
}

// The bounds of the work that one request can ask for.
const (
	maxQuery   = 64 << 10 // bytes
	maxFilters = 100      // parameters, words to search for, fields to order by
	maxListed  = 1000     // values of one "in"
	maxDetour  = 10_000   // rows of a detour
)

// filtering is a query string on its way to a condition. Everything in it is
// read, and refused, before anything is asked of the store.
type filtering struct {
	all, either, chained []criterion
	roles                []tokencore.Expr
	searched             relatedSearch
}

// criterion is one parameter.
type criterion struct {
	path   path
	lookup string
	value  any // of the path's field, or what the lookup wants instead
	not    bool
}

// filters translates the query string. All conditions must hold; those with
// "or__" count as one, of which any must.
func (r *request) filters(ctx context.Context, m *model) (tokencore.And, error) {
	if len(r.URL.RawQuery) > maxQuery {
		return nil, badRequest("The query string is too long.")
	}
	if len(r.query) > maxFilters {
		return nil, badRequest("Too many filters.")
	}
	var f filtering
	for _, p := range r.query.grouped() {
		if slices.Contains(reserved, p.key) {
			continue
		}
		if err := f.read(r, m, p); err != nil {
			return nil, err
		}
	}
	if r.remote {
		if err := f.refuseAccounts(); err != nil {
			return nil, err
		}
	}
	conditions, err := f.express(ctx, r.store)
	if err != nil {
		return nil, err
	}
	if given, ok := r.query.last("type"); ok && !slices.Contains(strings.Split(given, ","), m.typeName) {
		conditions = append(conditions, tokencore.Or{})
	}
	words, err := r.search(m)
	return append(conditions, words...), err
}

// read takes one parameter with all its values, in AWX's order of looking at its parts.
func (f *filtering) read(r *request, m *model, p grouped) error {
	key := p.key
	if m.name == modelUser && strings.HasPrefix(key, "created") { // AWX's own exception
		key = strings.ReplaceAll(key, "created", "date_joined")
	}
	key, asInteger := strings.CutSuffix(key, "__int")
	switch {
	case key == "role_level":
		role, known := m.roles[p.values[0]]
		if !known {
			return badRequest("Cannot apply role_level filter to this list because its model does not use roles for access control.")
		}
		f.roles = append(f.roles, role(r.actor))
		return nil
	case strings.HasSuffix(key, "__search"):
		return f.searched.read(m, key, p.values)
	}
	list := &f.all
	if rest, chain := strings.CutPrefix(key, "chain__"); chain {
		key, list = rest, &f.chained
	} else if rest, or := strings.CutPrefix(key, "or__"); or {
		key, list = rest, &f.either
	}
	key, not := strings.CutPrefix(key, "not__")
	for _, value := range p.values {
		c, err := m.criterion(key, value, asInteger)
		if err != nil {
			return err
		}
		c.not = not
		*list = append(*list, c)
	}
	return nil
}

// refuseAccounts refuses what the store cannot answer, because AWX keeps the users and
// organizations: nothing would match, which would look like an answer.
func (f *filtering) refuseAccounts() error {
	for _, c := range slices.Concat(f.all, f.either, f.chained, f.searched.criteria()) {
		if c.path.account {
			return badRequest("Filtering on " + c.path.text + " is not supported, because AWX keeps the users and organizations; filter by their ids.")
		}
	}
	return nil
}

// criterion reads one condition.
func (m *model) criterion(key, value string, asInteger bool) (criterion, error) {
	if asInteger {
		n, ok := pythonInt(value)
		if !ok {
			return criterion{}, badRequest("invalid literal for int() with base 10: " + pythonRepr(value))
		}
		value = strconv.FormatInt(n, 10)
	}
	text, lookup := splitLookup(key)
	p, err := m.resolve(text)
	if err != nil {
		return criterion{}, err
	}
	if strings.ContainsRune(value, 0) {
		return criterion{}, badRequest("Null characters are not allowed.")
	}
	converted, err := lookups[lookup].convert(p, value)
	return criterion{path: p, lookup: lookup, value: converted}, err
}

// splitLookup cuts a lookup from the end of a path; without one it is "exact".
func splitLookup(key string) (text, lookup string) {
	if i := strings.LastIndex(key, "__"); i >= 0 {
		if _, known := lookups[key[i+2:]]; known {
			return key[:i], key[i+2:]
		}
	}
	return key, "exact"
}

// express makes the conditions: those of a chain each for itself, the others together.
func (f *filtering) express(ctx context.Context, store tokencore.Reader) (tokencore.And, error) {
	e := expressing{store}
	conditions := tokencore.And{}
	if f.searched.everyTerm {
		for _, term := range f.searched.terms {
			either, err := e.either(ctx, nil, term.criteria)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, either...)
		}
		f.searched = relatedSearch{}
	}
	for _, c := range f.chained {
		alone, err := e.all(ctx, []criterion{c})
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, alone.conditions()...)
	}
	all, err := e.all(ctx, f.all)
	if err != nil {
		return nil, err
	}
	conditions = append(conditions, f.roles...)
	conditions = append(conditions, all.conditions()...)
	for _, group := range [][]criterion{f.either, f.searched.criteria()} {
		either, err := e.either(ctx, all, group)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, either...)
	}
	return conditions, nil
}
