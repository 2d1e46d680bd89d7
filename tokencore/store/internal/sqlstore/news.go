package sqlstore

import (
	"context"

	"github.com/awxgate/awxgate/tokencore"
)

// News reads the table of changes, for who is not notified of them.
type News struct {
	// IsOwn reports whether changes of that origin are known already.
	IsOwn func(origin string) bool
	seen  int64 // the last change
}

const (
	sqlLastChange = `SELECT mark FROM installation`
	sqlNewChanges = `SELECT id, origin, kind, subject FROM changes WHERE id > $1 ORDER BY id`
)

// Begin makes everything up to now known.
func (n *News) Begin(ctx context.Context, on Conn) error {
	return on.Query(ctx, sqlLastChange, nil, func(r Row) error { return r.Scan(&n.seen) })
}

// Read returns the changes of others since the last time. Ids have no gaps, so a gap means
// that changes were pruned before they were seen.
func (n *News) Read(ctx context.Context, on Conn) ([]tokencore.Change, error) {
	var changes []tokencore.Change
	rows, last := int64(0), n.seen
	err := on.Query(ctx, sqlNewChanges, []any{n.seen}, func(r Row) error {
		var origin string
		var change tokencore.Change
		if err := r.Scan(&last, &origin, &change.Kind, &change.ID); err != nil {
			return err
		}
		rows++
		if change.Kind != Unpublished && !n.IsOwn(origin) {
			changes = append(changes, change)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	missed := last-n.seen != rows
	n.seen = last
	if missed {
		return []tokencore.Change{{Kind: tokencore.ChangeAll}}, nil
	}
	return changes, nil
}
