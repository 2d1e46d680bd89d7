package storecopy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoremark"
)

// Source is a store that can be copied.
type Source interface {
	tokencore.Store
	tokencore.Exporter
	restoremark.Store
}

// Kind is a kind of row, in the plural.
type Kind string

// The kinds, in the order in which they are copied.
const (
	Users         Kind = "users"
	Organizations Kind = "organizations"
	Applications  Kind = "applications"
	Tokens        Kind = "access tokens"
	RefreshTokens Kind = "refresh tokens"
	Codes         Kind = "codes"
	Sessions      Kind = "sessions"
	Settings      Kind = "settings"
	Activities    Kind = "activity entries"
)

// Kinds are all of them, in order.
func Kinds() []Kind {
	return []Kind{Users, Organizations, Applications, Tokens, RefreshTokens, Codes, Sessions, Settings, Activities}
}

// Errors of Copy.
var (
	// ErrOccupied: the target holds data that is not from this source.
	ErrOccupied = errors.New("the target is not empty")
	// ErrSame: source and target are the same.
	ErrSame = errors.New("the source and the target are the same store")
	// ErrDiffers: something changed during the copy. Another one goes on from there, unless
	// a row was altered that had been copied; then begin again with an empty target.
	ErrDiffers = errors.New("the copy differs from the source")
)

// batch is how many rows a transaction takes over.
const batch = 500

// settingCopying is in the target until the copy is complete: the id of the source.
const settingCopying = "AWXGATE_COPYING"

// Copy copies and compares. progress is called after each batch, with the number of rows
// of the kind so far; comparing: they were compared. Copy returns how many rows there are.
func Copy(ctx context.Context, from, to Source, progress func(kind Kind, rows int, comparing bool)) (map[Kind]int, error) {
	if err := claim(ctx, from, to); err != nil {
		return nil, err
	}
	c := &copier{ctx: ctx, from: from, to: to, progress: progress, counts: make(map[Kind]int)}
	for _, step := range []func() error{
		c.users, c.organizations, c.roles, c.applications, c.tokens, c.refreshTokens, c.sources, c.codes, c.sessions, c.settings, c.activities,
		c.compare,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	err := to.Update(ctx, func(tx tokencore.Tx) error { return tx.DeleteSetting(ctx, settingCopying) })
	return c.counts, err
}

// Unfinished reports whether a store is the target of a copy that was interrupted, or that
// goes on now: it lacks tokens, and revocations that it has not yet taken over.
func Unfinished(ctx context.Context, store tokencore.Store) (bool, error) {
	settings, err := store.StoredSettings(ctx)
	return settings[settingCopying] != nil, err
}

// claim makes sure that the target is empty or holds a part of the source.
func claim(ctx context.Context, from, to Source) error {
	source, err := from.HighWater(ctx)
	if err != nil {
		return err
	}
	target, err := to.HighWater(ctx)
	if err != nil {
		return err
	}
	if source.Installation == target.Installation {
		return ErrSame
	}
	name, err := json.Marshal(source.Installation)
	if err != nil {
		return err
	}
	return to.Update(ctx, func(tx tokencore.Tx) error {
		settings, err := tx.StoredSettings(ctx)
		if err != nil || string(settings[settingCopying]) == string(name) {
			return err
		}
		occupied, err := isOccupied(ctx, tx)
		if err != nil {
			return err
		}
		if occupied || len(settings) > 0 {
			return ErrOccupied
		}
		return tx.PutSetting(ctx, settingCopying, name)
	})
}

func isOccupied(ctx context.Context, r tokencore.Reader) (bool, error) {
	one := tokencore.Query{Limit: 1}
	_, users, err1 := r.Users(ctx, one)
	_, organizations, err2 := r.Organizations(ctx, one)
	_, applications, err3 := r.Applications(ctx, one)
	_, tokens, err4 := r.Tokens(ctx, one)
	_, refresh, err5 := r.RefreshTokens(ctx, one)
	_, activities, err6 := r.Activities(ctx, one)
	return users+organizations+applications+tokens+refresh+activities > 0, errors.Join(err1, err2, err3, err4, err5, err6)
}

type copier struct {
	ctx      context.Context //nolint:containedctx // of one call
	from, to Source
	progress func(kind Kind, rows int, comparing bool)
	counts   map[Kind]int
}

func (c *copier) put(rows tokencore.Rows) error {
	return c.to.Update(c.ctx, func(tx tokencore.Tx) error {
		importer, ok := tx.(tokencore.Importer)
		if !ok {
			return fmt.Errorf("the target takes nothing over: %T", tx)
		}
		return importer.Import(c.ctx, rows)
	})
}

// each copies the rows of a kind, batch by batch.
func each[T any](c *copier, kind Kind, list lister[T], put func([]T) tokencore.Rows) error {
	return list.walk(c.ctx, c.from, func(rows []T) error {
		if err := c.put(put(rows)); err != nil {
			return fmt.Errorf("copying %s: %w", kind, err)
		}
		c.counts[kind] += len(rows)
		c.progress(kind, c.counts[kind], false)
		return nil
	})
}

func (c *copier) users() error {
	return each(c, Users, users, func(u []tokencore.User) tokencore.Rows { return tokencore.Rows{Users: u} })
}

func (c *copier) organizations() error {
	return each(c, Organizations, organizations, func(o []tokencore.Organization) tokencore.Rows { return tokencore.Rows{Organizations: o} })
}

func (c *copier) roles() error {
	return users.walk(c.ctx, c.from, func(some []tokencore.User) error {
		var held []tokencore.Holding
		for _, u := range some {
			roles, err := c.from.Roles(c.ctx, u.ID)
			if err != nil {
				return err
			}
			held = append(held, holdings(u.ID, roles)...)
		}
		return c.put(tokencore.Rows{Holdings: held})
	})
}

func holdings(user int64, roles tokencore.Roles) (all []tokencore.Holding) {
	add := func(organizations []int64, role tokencore.Role) {
		for _, id := range organizations {
			all = append(all, tokencore.Holding{UserID: user, OrganizationID: id, Role: role})
		}
	}
	add(roles.Admin, tokencore.RoleAdmin)
	add(roles.Member, tokencore.RoleMember)
	add(roles.Auditor, tokencore.RoleAuditor)
	return all
}

func (c *copier) applications() error {
	return each(c, Applications, applications, func(a []tokencore.Application) tokencore.Rows { return tokencore.Rows{Applications: a} })
}

// tokens come without their sources: these are not there yet.
func (c *copier) tokens() error {
	return each(c, Tokens, tokens, func(all []tokencore.Token) tokencore.Rows {
		all = slices.Clone(all)
		for i := range all {
			all[i].SourceID = 0
		}
		return tokencore.Rows{Tokens: all}
	})
}

func (c *copier) refreshTokens() error {
	return each(c, RefreshTokens, refreshTokens, func(r []tokencore.RefreshToken) tokencore.Rows { return tokencore.Rows{RefreshTokens: r} })
}

func (c *copier) sources() error {
	return tokens.walk(c.ctx, c.from, func(all []tokencore.Token) error {
		var sources []tokencore.Source
		for _, t := range all {
			if t.SourceID != 0 {
				sources = append(sources, tokencore.Source{TokenID: t.ID, RefreshTokenID: t.SourceID})
			}
		}
		if len(sources) == 0 {
			return nil
		}
		return c.put(tokencore.Rows{Sources: sources})
	})
}

func (c *copier) codes() error {
	return each(c, Codes, codes, func(all []tokencore.AuthorizationCode) tokencore.Rows { return tokencore.Rows{Codes: all} })
}

func (c *copier) sessions() error {
	return each(c, Sessions, sessions, func(all []tokencore.Session) tokencore.Rows { return tokencore.Rows{Sessions: all} })
}

func (c *copier) settings() error {
	settings, err := c.from.StoredSettings(c.ctx)
	if err != nil {
		return err
	}
	delete(settings, settingCopying)
	c.counts[Settings] = len(settings)
	return c.put(tokencore.Rows{Settings: settings})
}

func (c *copier) activities() error {
	return each(c, Activities, activities, func(a []tokencore.Activity) tokencore.Rows { return tokencore.Rows{Activities: a} })
}
