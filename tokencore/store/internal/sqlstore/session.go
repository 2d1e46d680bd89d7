package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

// session runs statements and translates their errors.
type session struct {
	on      Conn
	dialect Dialect
	// In a transaction a technical failure is final. The database may have rolled back
	// by itself after it, and what came next would then be written for good even
	// though Update fails.
	sticky bool
	failed error
}

// Reader implements tokencore.Reader, for a store and for a transaction; they differ
// in the connection and in what a failure means.
type Reader struct{ session *session }

// NewReader returns what answers reads outside of transactions.
func NewReader(on Conn, dialect Dialect) Reader {
	return Reader{&session{on: on, dialect: dialect}}
}

// one returns the row that a statement finds.
func one[T any](ctx context.Context, s *session, doing string, scan func(Row) (T, error), query string, args ...any) (T, error) {
	found, err := list(ctx, s, doing, scan, query, args...)
	switch {
	case err != nil:
		var none T
		return none, err
	case len(found) == 0:
		var none T
		return none, notFound(doing)
	default:
		return found[0], nil
	}
}

// list returns all rows that a statement finds or, with RETURNING, deletes.
func list[T any](ctx context.Context, s *session, doing string, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	if s.failed != nil {
		return nil, s.failed
	}
	if unknown := match.Writable(args...); unknown != nil {
		return nil, nil //nolint:nilerr // nothing is like what cannot be kept
	}
	var all []T
	if err := s.on.Query(ctx, query, args, collect(&all, scan)); err != nil {
		return nil, s.explain(doing, err)
	}
	return all, nil
}

// insert runs a statement that adds one row and returns its id.
func (s *session) insert(ctx context.Context, doing, query string, args ...any) (int64, error) {
	if s.failed != nil {
		return 0, s.failed
	}
	if err := match.Writable(args...); err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	var ids []int64
	if _, err := s.on.Try(ctx, query, args, collect(&ids, scanID)); err != nil {
		return 0, s.explain(doing, err)
	}
	if len(ids) != 1 {
		return 0, s.explain(doing, fmt.Errorf("%d rows were added", len(ids)))
	}
	return ids[0], nil
}

// try runs a statement that may break a rule of the schema, and returns the number of
// rows that it changed.
func (s *session) try(ctx context.Context, doing, query string, args ...any) (int, error) {
	if s.failed != nil {
		return 0, s.failed
	}
	if err := match.Writable(args...); err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	n, err := s.on.Try(ctx, query, args, nil)
	return n, s.explain(doing, err)
}

// exec runs a statement and returns the number of rows that it changed.
func (s *session) exec(ctx context.Context, doing, query string, args ...any) (int, error) {
	if s.failed != nil {
		return 0, s.failed
	}
	if err := match.Writable(args...); err != nil {
		return 0, fmt.Errorf("%s: %w", doing, err)
	}
	n, err := s.on.Exec(ctx, query, args...)
	return n, s.explain(doing, err)
}

// must is try for a statement that changes one row, by id, or finds none.
func (s *session) must(ctx context.Context, doing, query string, args ...any) error {
	n, err := s.try(ctx, doing, query, args...)
	if err == nil && n == 0 {
		return notFound(doing)
	}
	return err
}

func notFound(doing string) error { return fmt.Errorf("%s: %w", doing, tokencore.ErrNotFound) }

func collect[T any](all *[]T, scan func(Row) (T, error)) func(Row) error {
	return func(r Row) error {
		found, err := scan(r)
		*all = append(*all, found)
		return err
	}
}

func (s *session) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, tokencore.ErrUnavailable) && !errors.Is(err, tokencore.ErrField) { // which say enough
		err = s.dialect.Explain(doing, err)
	}
	if s.sticky && errors.Is(err, tokencore.ErrUnavailable) {
		s.failed = err
	}
	return err
}
