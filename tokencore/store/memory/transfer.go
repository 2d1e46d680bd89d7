package memory

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

// ExportCodes implements tokencore.Exporter.
func (r reader) ExportCodes(ctx context.Context, after int64, limit int) ([]tokencore.AuthorizationCode, error) {
	if err := r.guard.enter(ctx); err != nil {
		return nil, err
	}
	defer r.guard.leave()
	codes := slices.DeleteFunc(r.data.codes.sorted(), func(c tokencore.AuthorizationCode) bool { return c.ID <= after })
	return codes[:min(limit, len(codes))], nil
}

// ExportSessions implements tokencore.Exporter.
func (r reader) ExportSessions(ctx context.Context, after tokencore.Digest, limit int) ([]tokencore.Session, error) {
	if err := r.guard.enter(ctx); err != nil {
		return nil, err
	}
	defer r.guard.leave()
	compare := func(a, b tokencore.Digest) int { return bytes.Compare(a[:], b[:]) }
	sessions := slices.DeleteFunc(r.data.sessions.sorted(), func(s tokencore.Session) bool { return compare(s.Digest, after) <= 0 })
	slices.SortFunc(sessions, func(a, b tokencore.Session) int { return compare(a.Digest, b.Digest) })
	return sessions[:min(limit, len(sessions))], nil
}

// Import implements tokencore.Importer.
func (t *tx) Import(ctx context.Context, rows tokencore.Rows) error {
	d := t.data
	err := firstError(
		each(rows.Users, func(u tokencore.User) error {
			return at(d.users, u.ID, func() error { return t.CreateUser(ctx, &u) })
		}),
		each(rows.Organizations, func(o tokencore.Organization) error {
			return at(d.organizations, o.ID, func() error { return t.CreateOrganization(ctx, &o) })
		}),
		each(rows.Holdings, func(h tokencore.Holding) error { return t.GrantRole(ctx, h.OrganizationID, h.UserID, h.Role) }),
		each(rows.Applications, func(a tokencore.Application) error {
			return at(d.applications, a.ID, func() error { return t.CreateApplication(ctx, &a) })
		}),
		each(rows.Tokens, func(o tokencore.Token) error {
			return at(d.tokens, o.ID, func() error { return t.CreateToken(ctx, &o) })
		}),
		each(rows.RefreshTokens, func(r tokencore.RefreshToken) error {
			return at(d.refreshTokens, r.ID, func() error { return t.CreateRefreshToken(ctx, &r) })
		}),
		each(rows.Sources, func(s tokencore.Source) error { return t.setSource(ctx, s) }),
		each(rows.Codes, func(c tokencore.AuthorizationCode) error {
			return at(d.codes, c.ID, func() error { return t.CreateCode(ctx, &c) })
		}),
		each(rows.Sessions, func(s tokencore.Session) error {
			if _, there := d.sessionByDigest[s.Digest]; there {
				return nil
			}
			return t.CreateSession(ctx, s)
		}),
		func() error {
			for key, value := range rows.Settings {
				if err := t.PutSetting(ctx, key, value); err != nil {
					return err
				}
			}
			return nil
		},
		each(rows.Activities, func(a tokencore.Activity) error {
			return at(d.activities, a.ID, func() error { return t.AppendActivity(ctx, &a) })
		}),
	)
	if err != nil {
		return fmt.Errorf("importing rows: %w", err)
	}
	t.publish(tokencore.ChangeAll, 0)
	return nil
}

func (t *tx) setSource(ctx context.Context, s tokencore.Source) error {
	token, err := row(ctx, t.guard, t.data.tokens, "token", s.TokenID)
	if err != nil || token.SourceID == s.RefreshTokenID {
		return err
	}
	if _, err := row(ctx, t.guard, t.data.refreshTokens, "refresh token", s.RefreshTokenID); err != nil {
		return err
	}
	token.SourceID = s.RefreshTokenID
	set(&t.journal, t.data.tokens.rows, token.ID, token)
	attach(&t.journal, t.data.obtainedWith, s.RefreshTokenID, token.ID)
	return nil
}

// at creates a row with that id, unless there is one.
func at[T any](t table[T], id int64, create func() error) error {
	if _, there := t.rows[id]; there {
		return nil
	}
	last := *t.last
	*t.last = id - 1
	err := create()
	*t.last = max(last, id)
	return err
}

func each[T any](rows []T, add func(T) error) func() error {
	return func() error {
		for _, row := range rows {
			if err := add(row); err != nil {
				return err
			}
		}
		return nil
	}
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

var (
	_ tokencore.Importer = (*tx)(nil)
	_ tokencore.Exporter = (*Store)(nil)
)
