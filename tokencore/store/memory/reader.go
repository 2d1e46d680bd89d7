package memory

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

// reader answers reads for the store and for a transaction; they differ in guard.
type reader struct {
	data  *data
	guard guard
}

// guard admits one call at a time or many, and refuses when it is too late.
type guard interface {
	enter(ctx context.Context) error
	leave()
}

// tx is what an Update hands to its function.
type tx struct {
	reader
	journal journal
	changes []tokencore.Change
}

func (t *tx) publish(kind tokencore.ChangeKind, id int64) {
	t.changes = append(t.changes, tokencore.Change{Kind: kind, ID: id})
}

// row returns one row by id.
func row[T any](ctx context.Context, g guard, t table[T], what string, id int64) (T, error) {
	if err := g.enter(ctx); err != nil {
		var none T
		return none, err
	}
	defer g.leave()
	found, ok := t.rows[id]
	if !ok {
		return found, fmt.Errorf("%s %d: %w", what, id, tokencore.ErrNotFound)
	}
	return found, nil
}

// rowBy returns one row through an index. Keys are left out of the error: what is
// looked for may be a mistyped credential.
func rowBy[K comparable, T any](ctx context.Context, g guard, t table[T], index map[K]int64, what string, key K) (T, error) {
	if err := g.enter(ctx); err != nil {
		var none T
		return none, err
	}
	defer g.leave()
	id, ok := index[key]
	if !ok {
		var none T
		return none, fmt.Errorf("%s: %w", what, tokencore.ErrNotFound)
	}
	return t.rows[id], nil
}

// rows returns a page of rows.
func rows[T any](ctx context.Context, r reader, t table[T], f fields[T], q tokencore.Query) ([]T, int, error) {
	if err := r.guard.enter(ctx); err != nil {
		return nil, 0, err
	}
	defer r.guard.leave()
	return f.page(r.data, t.sorted(), q)
}

var _ tokencore.Tx = (*tx)(nil)
