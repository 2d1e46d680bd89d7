package awxapi

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// streamPage is one page of two lists that are merged by time. AWX offers its entries by
// page number, and counts those before a time. Each of our entries has as its place the
// number of ours before it plus the number of AWX's before its time, so that a search over ours
// finds how many of them are on earlier pages. What remains are a slice of each list.
//
// The upstream is asked once for the first page. For a later one it is asked once for its
// count, at most log2 of the number of our entries before that page, rounded up, plus one
// times for a count before a time, and at most twice for its slice: for a million of
// entries of ours 24 requests, one after another.
type streamPage struct {
	merging
	api *API
	r   *request

	paging     paging
	where      tokencore.Expr
	order      []tokencore.Order // of ours
	theirOrder string
	direction  direction

	first *held // AWX's first answer, whose header the client gets
}

// theirRow is an entry of AWX's.
type theirRow struct {
	text json.RawMessage
	time time.Time
}

// theirList is what is read of a list of AWX's.
type theirList struct {
	Count   *int              `json:"count"`
	Results []json.RawMessage `json:"results"`
}

// notListError is an answer of AWX's that is no list of entries: the client gets it.
type notListError struct{ answer *held }

func (*notListError) Error() string { return "AWX answered something else than a list" }

func (p *streamPage) serve() {
	body, err := p.make()
	if err == nil {
		var text []byte
		if text, err = encodeJSON(body); err == nil {
			p.first.send(text)
			return
		}
	}
	theirs, ok := errors.AsType[*notListError](err)
	switch {
	case !ok:
		p.refuse(p.api, p.r, err)
	case theirs.answer.status != 0 && !theirs.answer.passing:
		theirs.answer.pass()
	}
}

// make returns the envelope with its entries.
func (p *streamPage) make() (any, error) {
	size := 1
	if text, given := p.r.query.last("page"); !given || text == "" || text == "1" || p.paging.uncounted {
		size = p.paging.size
	}
	theirCount, window, err := p.ask(1, size)
	if err != nil {
		return nil, err
	}
	_, ourCount, err := p.ours(0, 1)
	if err != nil {
		return nil, err
	}
	total := theirCount + ourCount
	number, err := p.paging.find(p.r, tokencore.Query{}, func(tokencore.Query) (int, error) { return total, nil })
	if err != nil {
		return nil, err
	}
	start := (number - 1) * p.paging.size
	if number > 1 && start >= total {
		return nil, invalidPage()
	}
	before, err := p.oursBefore(start, theirCount, ourCount)
	if err != nil {
		return nil, err
	}
	if number > 1 || size < p.paging.size {
		if window, err = p.theirs(start-before, theirCount); err != nil {
			return nil, err
		}
	}
	entries, _, err := p.ours(before, p.paging.size)
	if err != nil {
		return nil, err
	}
	results, err := p.merge(window, entries)
	if err != nil {
		return nil, err
	}
	if p.paging.uncounted {
		return uncounted[json.RawMessage]{results}, nil
	}
	body := page[json.RawMessage]{Count: total, Results: results}
	if number*p.paging.size < total {
		body.Next = p.paging.link(p.r, number+1)
	}
	if number > 1 {
		body.Previous = p.paging.link(p.r, number-1)
	}
	return body, nil
}

// oursBefore finds how many of our entries have a place before the given one.
func (p *streamPage) oursBefore(start, theirCount, ourCount int) (int, error) {
	low, high := max(0, start-theirCount), min(start, ourCount)
	if p.direction == timeless {
		return low, nil
	}
	for low < high {
		middle := (low + high) / 2
		entries, _, err := p.ours(middle, 1)
		if err != nil {
			return 0, err
		}
		if len(entries) == 0 { // deleted in the meantime
			high = middle
			continue
		}
		theirs, err := p.theirsBefore(entries[0].Time)
		if err != nil {
			return 0, err
		}
		if middle+theirs < start {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// theirsBefore counts AWX's entries that come before one of ours of that time.
func (p *streamPage) theirsBefore(t time.Time) (int, error) {
	condition := parameter{"timestamp__lte", t.UTC().Format("2006-01-02T15:04:05.000000Z")}
	if p.direction == falling {
		condition.key = "timestamp__gt"
	}
	count, _, err := p.ask(1, 1, condition)
	return count, err
}

// theirs returns a page's worth of AWX's entries from any place on. They are on two of
// its pages, or on one.
func (p *streamPage) theirs(from, count int) ([]theirRow, error) {
	size := p.paging.size
	to := min(from+size, count)
	var rows []theirRow
	for number := from/size + 1; (number-1)*size < to; number++ {
		_, found, err := p.ask(number, size)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	if from >= to {
		return nil, nil
	}
	rows = rows[min(from%size, len(rows)):]
	return rows[:min(to-from, len(rows))], nil
}

// ask gets a page of AWX's entries, with the query's own filters and further ones.
func (p *streamPage) ask(number, size int, further ...parameter) (int, []theirRow, error) {
	var q query
	for _, parameter := range p.r.query {
		if !slices.Contains([]string{"page", "page_size", "order", "order_by", "count_disabled"}, parameter.key) {
			q = append(q, parameter)
		}
	}
	q = append(append(q, further...),
		parameter{"order_by", p.theirOrder}, parameter{"page", strconv.Itoa(number)}, parameter{"page_size", strconv.Itoa(size)})
	// The client has had nothing yet, so that whatever else comes can pass.
	h := ask(p.w, withQuery(p.merging.r, q), p.upstream, isDocument)
	var list theirList
	if h.status == 0 || h.passing || json.Unmarshal(h.body.Bytes(), &list) != nil || list.Count == nil {
		return 0, nil, &notListError{h}
	}
	rows := make([]theirRow, len(list.Results))
	for i, text := range list.Results {
		var entry struct {
			Timestamp time.Time `json:"timestamp"`
		}
		if json.Unmarshal(text, &entry) != nil {
			return 0, nil, &notListError{h}
		}
		rows[i] = theirRow{text, entry.Timestamp}
	}
	if p.first == nil {
		p.first = h
	}
	return *list.Count, rows, nil
}

// ours returns some of our entries, and the number of all.
func (p *streamPage) ours(from, limit int) ([]tokencore.Activity, int, error) {
	ctx, cancel := context.WithTimeout(p.r.Context(), listTimeout)
	defer cancel()
	entries, count, err := p.api.svc.Store().Activities(ctx, tokencore.Query{
		Where: p.where, Order: p.order, Offset: from, Limit: limit,
	})
	if err != nil {
		return nil, 0, unanswered("listing", err)
	}
	for i := range entries {
		entries[i].Time = entries[i].Time.Truncate(time.Microsecond) // as AWX keeps it, and moment shows it
	}
	return entries, count, nil
}

// merge makes the rows of the page.
func (p *streamPage) merge(window []theirRow, entries []tokencore.Activity) ([]json.RawMessage, error) {
	results := []json.RawMessage{}
	shown, err := p.api.activitiesJSON(p.r, entries)
	if err != nil {
		return nil, err
	}
	for len(results) < p.paging.size && len(window)+len(entries) > 0 {
		if len(entries) == 0 || len(window) > 0 && p.theirsFirst(window[0].time, entries[0].Time) {
			results, window = append(results, window[0].text), window[1:]
			continue
		}
		results, entries, shown = append(results, encoded(shown[0])), entries[1:], shown[1:]
	}
	return results, nil
}

// theirsFirst reports whether an entry of AWX's comes before one of ours.
func (p *streamPage) theirsFirst(theirs, ours time.Time) bool {
	switch p.direction {
	case rising:
		return !theirs.After(ours)
	case falling:
		return theirs.After(ours)
	default:
		return true
	}
}
