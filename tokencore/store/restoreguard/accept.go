package restoreguard

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// Findings are what a node remembers and its store lacks.
type Findings struct {
	// Restored: the store went back, and nobody has accepted that.
	Restored bool
	// Revived are the access tokens that work, although this node saw them revoked or altered.
	Revived []tokencore.Token
	// Users are those whose later alteration or deletion this node saw.
	Users []tokencore.User
	// Others is how many more access tokens there are that have not expired: what became
	// of them after the backup, this node does not know.
	Others int
	// Refresh is how many live refresh tokens there are.
	Refresh int
}

// delay is how long after the time in a row its change may be heard of.
const delay = 5 * time.Second

// Examine compares a store with what is remembered of it in a directory. It writes nothing.
func Examine(ctx context.Context, store Store, directory string) (f Findings, err error) {
	restored, journal, err := compare(ctx, store, directory)
	if err != nil {
		return f, err
	}
	f.Restored = restored
	if err := f.count(ctx, store); err != nil {
		return f, err
	}
	for last, at := range journal.lastChanges() {
		if err := f.consider(ctx, store, last, at); err != nil && !errors.Is(err, tokencore.ErrNotFound) {
			return f, err
		}
	}
	slices.SortFunc(f.Revived, func(a, b tokencore.Token) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(f.Users, func(a, b tokencore.User) int { return cmp.Compare(a.ID, b.ID) })
	f.Others -= len(f.Revived)
	return f, nil
}

// Restored is the one thing of Examine that costs little: whether the store was restored
// since, and nobody has accepted it.
func Restored(ctx context.Context, store Store, directory string) (bool, error) {
	restored, _, err := compare(ctx, store, directory)
	return restored, err
}

func compare(ctx context.Context, store Store, directory string) (restored bool, known *journal, err error) {
	mark, err := store.HighWater(ctx)
	if err != nil {
		return false, nil, err
	}
	remembered, known, err := filesOf(directory, mark.Installation).read()
	if err != nil {
		return false, nil, err
	}
	now, err := ask(ctx, store, remembered)
	if err != nil {
		return false, nil, err
	}
	return !now.relation.Trustworthy() && known.knows(now.acceptance), known, nil
}

func (f *Findings) count(ctx context.Context, store Store) (err error) {
	one := tokencore.Query{Limit: 1}
	one.Where = tokencore.Compare{Field: "expires", Op: tokencore.Greater, Value: time.Now()}
	if _, f.Others, err = store.Tokens(ctx, one); err != nil {
		return err
	}
	one.Where = tokencore.Compare{Field: "revoked", Op: tokencore.IsNull, Value: true}
	_, f.Refresh, err = store.RefreshTokens(ctx, one)
	return err
}

// lastChanges returns when each row was last seen to change, by entries without a time.
func (j *journal) lastChanges() map[entry]time.Time {
	last := make(map[entry]time.Time)
	for _, e := range j.entries {
		if e.kind != accepted {
			last[entry{kind: e.kind, id: e.id}] = e.at
		}
	}
	return last
}

// consider adds the row that an entry is about if it is as it was before the change.
func (f *Findings) consider(ctx context.Context, store Store, last entry, at time.Time) error {
	lost := func(created, modified time.Time) bool {
		// The id may have been given again since. A row that was modified just before the change
		// was heard of is as the change left it.
		return !created.After(at) && (!modified.After(created) || modified.Before(at.Add(-delay)))
	}
	switch last.kind {
	case tokencore.ChangeToken:
		t, err := store.Token(ctx, last.id)
		if err == nil && lost(t.Created, t.Modified) && t.Expires.After(time.Now()) {
			f.Revived = append(f.Revived, t)
		}
		return err
	case tokencore.ChangeUser:
		u, err := store.User(ctx, last.id)
		signedIn := !u.LastLogin.Before(at.Add(-delay)) // which alters the row as well
		if err == nil && !signedIn && lost(u.Created, u.Modified) {
			f.Users = append(f.Users, u)
		}
		return err
	default:
		return nil // an application's tokens have entries of their own
	}
}

// Accept begins a new history: every node accepts tokens again, within seconds. Before
// that it revokes the given tokens and whatever can renew them, in the same transaction.
func Accept(ctx context.Context, service *tokencore.Service, revoke []tokencore.Token) error {
	name, err := json.Marshal(rand.Text())
	if err != nil {
		return err
	}
	return service.Store().Update(ctx, func(tx tokencore.Tx) error {
		for _, t := range revoke {
			err := service.DropToken(ctx, tx, tokencore.Actor{}, t)
			if err == nil && t.GrantID != "" {
				err = service.RevokeGrant(ctx, tx, tokencore.Actor{}, t.GrantID)
			}
			if err != nil && !errors.Is(err, tokencore.ErrNotFound) {
				return err
			}
		}
		return tx.PutSetting(ctx, settingAccepted, name)
	})
}
