package awxapi

import (
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// order translates order_by (or its alias): names separated by commas, a minus for
// descending. What they leave undecided, the model's own order decides.
func (r *request) order(m *model) ([]tokencore.Order, error) {
	var text string
	for _, p := range r.query.grouped() { // of both names the one that came last counts
		if p.key == "order_by" || p.key == "order" {
			text = p.values[len(p.values)-1]
		}
	}
	var order []tokencore.Order
	for name := range strings.SplitSeq(text, ",") {
		if name == "" { // AWX fails on these
			continue
		}
		name, descending := strings.CutPrefix(name, "-")
		columns, err := m.orderBy(name)
		if err != nil {
			return nil, err
		}
		for _, column := range columns {
			order = append(order, tokencore.Order{Field: column.Field, Descending: column.Descending != descending})
		}
	}
	if len(order) > maxFilters {
		return nil, badRequest("Too many fields to order by.")
	}
	return append(order, m.order...), nil
}

// orderBy returns the columns that a name sorts by: of a relation those by which its
// rows are sorted, as in Django.
func (m *model) orderBy(name string) ([]tokencore.Order, error) {
	if name == "" {
		return nil, badRequest(m.name + " has no field named ''")
	}
	p, err := m.resolve(name)
	if err != nil {
		return nil, err
	}
	f := p.field
	switch {
	case f.kind == bridgeField, f.many != "", p.many != "", p.hops != nil, f.detour != nil && f.detour.many != "":
		return nil, badRequest("Ordering by " + name + " is not supported.")
	case f.column == "": // the same everywhere
		return nil, nil
	case f.kind == relationField && f.detour == nil && f.related != nil && f.related.order != nil && !strings.HasSuffix(name, "_id"):
		return f.related.order, nil
	default:
		return []tokencore.Order{{Field: f.column}}, nil
	}
}
