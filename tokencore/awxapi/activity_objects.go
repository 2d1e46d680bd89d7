package awxapi

import (
	"context"
	"maps"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

// activityObjects are the rows that some entries are about, by id, as far as they
// still exist.
type activityObjects struct {
	applications  map[int64]tokencore.Application
	tokens        map[int64]tokencore.Token
	organizations map[int64]tokencore.Organization
	users         map[int64]*userSummary // nil: no such user any more
}

// activityObjects looks up all rows of a kind at once; users, who may live elsewhere,
// one by one.
func (a *API) activityObjects(r *request, entries []tokencore.Activity) (found activityObjects, err error) {
	ids := map[string]map[int64]bool{}
	note := func(object string, id int64) {
		if id == 0 {
			return
		}
		if ids[object] == nil {
			ids[object] = map[int64]bool{}
		}
		ids[object][id] = true
	}
	for _, entry := range entries {
		note(tokencore.ObjectUser, entry.ActorID)
		note(entry.Object, entry.ObjectID)
		note(entry.Object2, entry.Object2ID)
	}
	store, ctx := a.svc.Store(), r.Context()
	found.applications, err = byID(ctx, store.Applications, ids[tokencore.ObjectApplication], func(app tokencore.Application) int64 { return app.ID })
	if err != nil {
		return activityObjects{}, err
	}
	found.tokens, err = byID(ctx, store.Tokens, ids[tokencore.ObjectToken], func(t tokencore.Token) int64 { return t.ID })
	if err != nil {
		return activityObjects{}, err
	}
	found.organizations, err = byID(ctx, store.Organizations, ids[tokencore.ObjectOrganization], func(o tokencore.Organization) int64 { return o.ID })
	if err != nil {
		return activityObjects{}, err
	}
	found.users = map[int64]*userSummary{}
	for id := range ids[tokencore.ObjectUser] {
		if found.users[id], err = a.userSummary(r, id); err != nil {
			return activityObjects{}, err
		}
	}
	return found, nil
}

// byID lists rows by their ids.
func byID[Row any](ctx context.Context, rows rowSource[Row], ids map[int64]bool, idOf func(Row) int64) (map[int64]Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, _, err := rows(ctx, tokencore.Query{
		Where:     tokencore.Compare{Field: "id", Op: tokencore.In, Value: slices.Collect(maps.Keys(ids))},
		SkipCount: true,
	})
	if err != nil {
		return nil, tokencore.Unavailable("looking up objects of activity entries", err)
	}
	index := make(map[int64]Row, len(found))
	for _, row := range found {
		index[idOf(row)] = row
	}
	return index, nil
}
