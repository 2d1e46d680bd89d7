package awxapi

import (
	"context"
	"math"
	"strconv"

	"github.com/awxgate/awxgate/tokencore"
)

// AWX's limits of page_size.
const (
	defaultPageSize = 25
	maxPageSize     = 200
)

// page is AWX's envelope of a list.
type page[T any] struct {
	Count    int     `json:"count"`
	Next     *string `json:"next"`
	Previous *string `json:"previous"`
	Results  []T     `json:"results"`
}

// uncounted is the envelope with count_disabled.
type uncounted[T any] struct {
	Results []T `json:"results"`
}

// rowSource lists rows of the store.
type rowSource[Row any] func(ctx context.Context, q tokencore.Query) ([]Row, int, error)

// list answers a GET of a collection: the rows that the condition and the query
// string select, a page of them, each as wire makes it.
func list[Row, Wire any](r *request, m *model, where tokencore.Expr, rows rowSource[Row], wire func(rows []Row) ([]Wire, error)) (answer, error) {
	filters, err := r.filters(m)
	if err != nil {
		return answer{}, err
	}
	order, err := r.order(m)
	if err != nil {
		return answer{}, err
	}
	p := r.paging()
	q := tokencore.Query{Where: tokencore.And{where, filters}, Order: order, Limit: p.size, SkipCount: p.uncounted}
	number, err := p.find(r, q, func(q tokencore.Query) (int, error) {
		_, count, err := rows(r.Context(), q)
		return count, err
	})
	if err != nil {
		return answer{}, err
	}
	q.Offset = (number - 1) * p.size
	found, count, err := rows(r.Context(), q)
	if err != nil {
		return answer{}, tokencore.Unavailable("listing", err)
	}
	if !p.uncounted && number > 1 && q.Offset >= count {
		return answer{}, invalidPage()
	}
	results, err := wire(found)
	if err != nil {
		return answer{}, err
	}
	if results == nil {
		results = []Wire{}
	}
	if p.uncounted {
		return ok(uncounted[Wire]{results}), nil
	}
	body := page[Wire]{Count: count, Results: results}
	if number*p.size < count {
		body.Next = p.link(r, number+1)
	}
	if number > 1 {
		body.Previous = p.link(r, number-1)
	}
	return ok(body), nil
}

// paging is what the query string says about the page.
type paging struct {
	size      int
	capped    bool // page_size was above the limit; links then name the limit
	uncounted bool
}

func (r *request) paging() paging {
	p := paging{size: defaultPageSize}
	// AWX fails on a page_size that is no number; here it is the default.
	if text, given := r.query.last("page_size"); given {
		if size, err := strconv.Atoi(text); err == nil && size > 0 {
			p.size, p.capped = min(size, maxPageSize), size > maxPageSize
		}
	}
	_, p.uncounted = r.query.last("count_disabled")
	return p
}

func invalidPage() *problem { return notFound("Invalid page.") }

// find returns the number of the page, which for "last" takes a count.
func (p paging) find(r *request, q tokencore.Query, count func(tokencore.Query) (int, error)) (int, error) {
	text, _ := r.query.last("page")
	switch text {
	case "", "1":
		return 1, nil
	case "last":
		if p.uncounted {
			return 1, nil
		}
		q.Limit = 1
		n, err := count(q)
		if err != nil {
			return 0, tokencore.Unavailable("counting", err)
		}
		return max(1, (n+p.size-1)/p.size), nil
	}
	number, err := strconv.Atoi(text)
	// Without a count AWX knows of one page only.
	if err != nil || number < 1 || number > math.MaxInt32 || p.uncounted && number > 1 {
		return 0, invalidPage()
	}
	return number, nil
}

func (p paging) link(r *request, number int) *string {
	replacements := []parameter{{"page", strconv.Itoa(number)}}
	if p.capped {
		replacements = append(replacements, parameter{"page_size", strconv.Itoa(p.size)})
	}
	link := r.path() + "?" + r.query.with(replacements...)
	return &link
}

// checkFilters lets the filters of the query string decide about one row as well:
// AWX applies them on detail URLs too, and refuses unknown ones there.
func checkFilters[Row any](r *request, m *model, id int64, rows rowSource[Row]) error {
	filters, err := r.filters(m)
	if err != nil {
		return err
	}
	if and, ok := filters.(tokencore.And); ok && len(and) == 0 {
		return nil
	}
	found, _, err := rows(r.Context(), tokencore.Query{
		Where: tokencore.And{tokencore.Eq("id", id), filters}, Limit: 1, SkipCount: true,
	})
	if err != nil {
		return tokencore.Unavailable("filtering", err)
	}
	if len(found) == 0 {
		return noSuch(m.name)
	}
	return nil
}
