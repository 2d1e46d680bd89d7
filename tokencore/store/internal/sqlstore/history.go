package sqlstore

import (
	"context"
	"errors"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoremark"
)

// KeptChanges is how many changes a process may lag behind before it is told that
// anything may have changed.
const KeptChanges = 10_000

// CheckpointEvery is which rows of the table of changes are never pruned; see restoremark.
const CheckpointEvery = 1000

// Unpublished is the kind of the row that a transaction without changes leaves in the table,
// so that the mark moves with every transaction.
const Unpublished tokencore.ChangeKind = 0

const (
	sqlHighWater = `SELECT id, mark, coalesce((SELECT tag FROM changes WHERE changes.id = mark), ''),
			mark - mark % $1, coalesce((SELECT tag FROM changes WHERE changes.id = mark - mark % $1), '')
		FROM installation`
	sqlTagAt = `SELECT tag FROM changes WHERE id = $1`
)

// HighWater implements restoremark.Store.
func (r Reader) HighWater(ctx context.Context) (restoremark.Mark, error) {
	return one(ctx, r.session, "reading the high-water mark", scanMark, sqlHighWater, int64(CheckpointEvery))
}

// Relation implements restoremark.Store.
func (r Reader) Relation(ctx context.Context, remembered restoremark.Mark) (restoremark.Relation, error) {
	// First the tags: what is pruned after that was there.
	tagAtLast, err := r.tagAt(ctx, remembered.Last)
	if err != nil {
		return 0, err
	}
	tagAtCheckpoint, err := r.tagAt(ctx, remembered.Checkpoint)
	if err != nil {
		return 0, err
	}
	now, err := r.HighWater(ctx)
	if err != nil {
		return 0, err
	}
	return restoremark.Compare(remembered, now, tagAtLast, tagAtCheckpoint), nil
}

func (r Reader) tagAt(ctx context.Context, p restoremark.Point) (string, error) {
	tag, err := one(ctx, r.session, "reading the history", scanText, sqlTagAt, p.Position)
	if errors.Is(err, tokencore.ErrNotFound) {
		return "", nil
	}
	return tag, err
}

func scanMark(r Row) (m restoremark.Mark, err error) {
	err = r.Scan(&m.Installation, &m.Last.Position, &m.Last.Tag, &m.Checkpoint.Position, &m.Checkpoint.Tag)
	return m, err
}

func scanText(r Row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

var _ restoremark.Store = Reader{}
