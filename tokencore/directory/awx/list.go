package awx

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"strconv"
)

// The bounds of a list. AWX allows pages of 200, but those of organizations with long
// descriptions would be larger than maxBody.
const (
	pageSize = 50
	maxPages = 200
)

// page is one page of an AWX list.
type page[T any] struct {
	Count   *int    `json:"count"`
	Next    *string `json:"next"`
	Results []T     `json:"results"`
}

// ask fetches one page, in one of the client's ways.
type ask func(ctx context.Context, path string, query url.Values, into any) error

// readAll returns all rows or an error: a list that is short of a row is no answer. AWX's
// "next" only says that there is more; where to find that we know ourselves, so no answer
// can send us, and a credential, elsewhere.
func readAll[T any](ctx context.Context, get ask, path string, filter url.Values) ([]T, error) {
	query := url.Values{"order_by": {"id"}, "page_size": {strconv.Itoa(pageSize)}}
	maps.Copy(query, filter)
	var rows []T
	for number := 1; number <= maxPages; number++ {
		if number > 1 {
			query.Set("page", strconv.Itoa(number))
		}
		var p page[T]
		if err := get(ctx, path, query, &p); err != nil {
			return nil, err
		}
		if p.Count == nil || p.Results == nil {
			return nil, fmt.Errorf("reading AWX's answer to %s: %w", path, errUnreadable)
		}
		rows = append(rows, p.Results...)
		switch {
		case p.Next == nil && len(rows) == *p.Count:
			return rows, nil
		case p.Next == nil || len(p.Results) == 0:
			return nil, fmt.Errorf("reading AWX's answer to %s: it changed meanwhile or is not complete", path)
		}
	}
	return nil, fmt.Errorf("reading AWX's answer to %s: it has more than %d pages", path, maxPages)
}
