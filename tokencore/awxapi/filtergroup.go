package awxapi

import (
	"context"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

// A relation to many is joined once for all conditions that are not chained: they are
// about the same related row, as those in one filter() of Django are. Negated ones are about
// none of the rows. Where no related row is, its columns are null.

// expressing turns criteria into conditions; detours ask the store.
type expressing struct{ store tokencore.Reader }

// expressed is what one criterion became.
type expressed struct {
	many  string         // the relation to many that the condition goes through
	where tokencore.Expr // about the related row, if there is a relation
	null  bool           // would hold of a row all of whose columns are null
	not   bool
}

// expressed makes the condition of one criterion.
func (e expressing) expressed(ctx context.Context, c criterion) (expressed, error) {
	p := c.path.last()
	where, null, err := p.field.compare(c.lookup, c.value)
	if err != nil {
		return expressed{}, err
	}
	for _, h := range slices.Backward(p.hops) {
		if where, err = e.around(ctx, h, where, null); err != nil {
			return expressed{}, err
		}
	}
	return expressed{many: p.many, where: where, null: null, not: c.not}, nil
}

// around answers a condition by a detour.
func (e expressing) around(ctx context.Context, h hop, where tokencore.Expr, null bool) (tokencore.Expr, error) {
	if h.many != "" {
		where = some(h.many, expressed{where: where, null: null})
	}
	ids, err := h.ids(ctx, e.store, tokencore.Query{Where: where, Limit: maxDetour + 1, SkipCount: true})
	if err != nil {
		return nil, unanswered("following a filter", err)
	}
	if len(ids) > maxDetour {
		return nil, badRequest("A filter matches too many related objects.")
	}
	where = tokencore.Compare{Field: h.column, Op: tokencore.In, Value: ids}
	if null {
		where = tokencore.Or{where, isNull(h.column, true)}
	}
	return where, nil
}

// some demands one related row for which all conditions hold.
func some(many string, all ...expressed) tokencore.Expr {
	null := true
	where := make(tokencore.And, len(all))
	for i, e := range all {
		where[i] = e.where
		null = null && e.null
	}
	exists := tokencore.Related{Relation: many, Where: where}
	if null {
		return tokencore.Or{exists, tokencore.Not{Expr: tokencore.Related{Relation: many}}}
	}
	return exists
}

func (e expressed) alone() tokencore.Expr {
	where := e.where
	if e.many != "" {
		where = some(e.many, e)
	}
	if e.not {
		return tokencore.Not{Expr: where}
	}
	return where
}

// conjunction is a list of conditions that must all hold.
type conjunction []expressed

// all makes the conditions of criteria.
func (e expressing) all(ctx context.Context, criteria []criterion) (conjunction, error) {
	var all conjunction
	for _, c := range criteria {
		one, err := e.expressed(ctx, c)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// about returns those that are about a row of the relation.
func (all conjunction) about(many string) []expressed {
	var shared []expressed
	for _, e := range all {
		if many != "" && e.many == many && !e.not {
			shared = append(shared, e)
		}
	}
	return shared
}

func (all conjunction) conditions() tokencore.And {
	conditions := tokencore.And{}
	done := map[string]bool{"": true}
	for _, e := range all {
		switch {
		case e.not || e.many == "":
			conditions = append(conditions, e.alone())
		case !done[e.many]:
			done[e.many] = true
			conditions = append(conditions, some(e.many, all.about(e.many)...))
		}
	}
	return conditions
}

// either demands any of the criteria, of the related row that the others are about. No
// criteria are no condition.
func (e expressing) either(ctx context.Context, others conjunction, criteria []criterion) (tokencore.And, error) {
	if len(criteria) == 0 {
		return nil, nil
	}
	either := tokencore.Or{}
	for _, c := range criteria {
		one, err := e.expressed(ctx, c)
		switch {
		case err != nil:
			return nil, err
		case one.not || one.many == "":
			either = append(either, one.alone())
		default:
			either = append(either, some(one.many, append(others.about(one.many), one)...))
		}
	}
	return tokencore.And{either}, nil
}
