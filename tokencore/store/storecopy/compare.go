package storecopy

import (
	"fmt"
	"reflect"

	"github.com/awxgate/awxgate/tokencore"
)

// compare reads both stores again, and makes sure that every row is the same.
func (c *copier) compare() error {
	for _, step := range []func() error{
		func() error { return same(c, Users, users) },
		func() error { return same(c, Organizations, organizations) },
		c.sameRoles,
		func() error { return same(c, Applications, applications) },
		func() error { return same(c, Tokens, tokens) },
		func() error { return same(c, RefreshTokens, refreshTokens) },
		func() error { return same(c, Codes, codes) },
		func() error { return same(c, Sessions, sessions) },
		c.sameSettings,
		func() error { return same(c, Activities, activities) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// same walks through both stores in step.
func same[T any](c *copier, kind Kind, list lister[T]) error {
	compared := 0
	var last *T // of the target
	err := list.walk(c.ctx, c.from, func(rows []T) error {
		copied, err := list(c.ctx, c.to, last)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(rows, copied) {
			return fmt.Errorf("%w: %s", ErrDiffers, kind)
		}
		last = &copied[len(copied)-1]
		compared += len(rows)
		c.progress(kind, compared, true)
		return nil
	})
	if err != nil {
		return err
	}
	rest, err := list(c.ctx, c.to, last)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%w: there are more %s in the target", ErrDiffers, kind)
	}
	return err
}

func (c *copier) sameRoles() error {
	return users.walk(c.ctx, c.from, func(some []tokencore.User) error {
		for _, u := range some {
			here, err := c.from.Roles(c.ctx, u.ID)
			if err != nil {
				return err
			}
			there, err := c.to.Roles(c.ctx, u.ID)
			if err != nil {
				return err
			}
			if !reflect.DeepEqual(here, there) {
				return fmt.Errorf("%w: roles", ErrDiffers)
			}
		}
		return nil
	})
}

func (c *copier) sameSettings() error {
	here, err := c.from.StoredSettings(c.ctx)
	if err != nil {
		return err
	}
	there, err := c.to.StoredSettings(c.ctx)
	if err != nil {
		return err
	}
	delete(here, settingCopying)
	delete(there, settingCopying)
	if !reflect.DeepEqual(here, there) {
		return fmt.Errorf("%w: settings", ErrDiffers)
	}
	return nil
}
