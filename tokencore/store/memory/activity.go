package memory

import (
	"bytes"
	"context"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

func (r reader) Activities(ctx context.Context, q tokencore.Query) ([]tokencore.Activity, int, error) {
	page, count, err := rows(ctx, r, r.data.activities, activityFields, q)
	for i := range page {
		page[i].Changes = bytes.Clone(page[i].Changes)
	}
	return page, count, err
}

func (t *tx) AppendActivity(ctx context.Context, a *tokencore.Activity) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(*a); err != nil {
		return err
	}
	a.ID = t.data.activities.nextID()
	entry := *a
	entry.Time, entry.Changes = kept(a.Time), bytes.Clone(a.Changes)
	set(&t.journal, t.data.activities.rows, a.ID, entry)
	return nil
}
