package awxapi

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// AWX's limits of page_size.
const (
	defaultPageSize = 25
	maxPageSize     = 200
)

// listTimeout bounds what the store may take to answer one list.
const listTimeout = 10 * time.Second

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
	ctx, cancel := context.WithTimeout(r.Context(), listTimeout)
	defer cancel()
	filters, err := r.filters(ctx, m)
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
		_, count, err := rows(ctx, q)
		return count, err
	})
	if err != nil {
		return answer{}, err
	}
	q.Offset = (number - 1) * p.size
	found, count, err := rows(ctx, q)
	if err != nil {
		return answer{}, unanswered("listing", err)
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
		if size, ok := pythonInt(text); ok && size > 0 {
			p.size, p.capped = int(min(size, maxPageSize)), size > maxPageSize
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
			return 0, unanswered("counting", err)
		}
		return max(1, (n+p.size-1)/p.size), nil
	}
	number, ok := pythonInt(text)
	// Without a count AWX knows of one page only.
	if !ok || number < 1 || number > math.MaxInt32 || p.uncounted && number > 1 {
		return 0, invalidPage()
	}
	return int(number), nil
}

func (p paging) link(r *request, number int) *string {
	replacements := []parameter{{"page", strconv.Itoa(number)}}
	if p.capped {
		replacements = append(replacements, parameter{"page_size", strconv.Itoa(p.size)})
	}
	link := r.path() + "?" + r.query.with(replacements...)
	return &link
}

// unanswered says why the store did not list. A regular expression is the one thing
// that it may refuse though everything here is right: it may cost too much.
func unanswered(doing string, err error) error {
	if errors.Is(err, tokencore.ErrField) {
		return unsupportedPattern("so many steps")
	}
	return tokencore.Unavailable(doing, err)
}

// narrow lets the filters of the query string decide about the row of a detail URL as
// well, as in AWX. The pipeline has read them already.
func narrow[Row any](r *request, id int64, rows rowSource[Row]) error {
	if len(r.narrowed) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), listTimeout)
	defer cancel()
	found, _, err := rows(ctx, tokencore.Query{
		Where: tokencore.And{tokencore.Eq("id", id), r.narrowed}, Limit: 1, SkipCount: true,
	})
	if err != nil {
		return unanswered("filtering", err)
	}
	if len(found) == 0 {
		return noSuch(r.route.detail.name)
	}
	return nil
}

// narrowing reads the filters of a detail URL: AWX refuses unknown ones before it
// looks for the row.
func (r *request) narrowing() (err error) {
	if r.route.detail == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), listTimeout)
	defer cancel()
	r.narrowed, err = r.filters(ctx, r.route.detail)
	return err
}
