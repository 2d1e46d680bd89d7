package storecopy

import (
	"context"

	"github.com/awxgate/awxgate/tokencore"
)

// lister returns the rows after a given one, nil: the first.
type lister[T any] func(ctx context.Context, from Source, after *T) ([]T, error)

// walk calls fn with batch after batch.
func (l lister[T]) walk(ctx context.Context, from Source, fn func([]T) error) error {
	for after := (*T)(nil); ; {
		rows, err := l(ctx, from, after)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := fn(rows); err != nil {
			return err
		}
		after = &rows[len(rows)-1]
	}
}

// byID lists the rows of a query in the order of their ids.
func byID[T any](query func(Source) func(context.Context, tokencore.Query) ([]T, int, error), id func(T) int64) lister[T] {
	return func(ctx context.Context, from Source, after *T) ([]T, error) {
		q := tokencore.Query{Limit: batch, SkipCount: true}
		if after != nil {
			q.Where = tokencore.Compare{Field: "id", Op: tokencore.Greater, Value: id(*after)}
		}
		rows, _, err := query(from)(ctx, q) // without an order, it is that of the ids
		return rows, err
	}
}

type queryOf[T any] = func(context.Context, tokencore.Query) ([]T, int, error)

var (
	users = byID(func(s Source) queryOf[tokencore.User] { return s.Users },
		func(u tokencore.User) int64 { return u.ID })
	organizations = byID(func(s Source) queryOf[tokencore.Organization] { return s.Organizations },
		func(o tokencore.Organization) int64 { return o.ID })
	applications = byID(func(s Source) queryOf[tokencore.Application] { return s.Applications },
		func(a tokencore.Application) int64 { return a.ID })
	tokens = byID(func(s Source) queryOf[tokencore.Token] { return s.Tokens },
		func(t tokencore.Token) int64 { return t.ID })
	refreshTokens = byID(func(s Source) queryOf[tokencore.RefreshToken] { return s.RefreshTokens },
		func(r tokencore.RefreshToken) int64 { return r.ID })
	activities = byID(func(s Source) queryOf[tokencore.Activity] { return s.Activities },
		func(a tokencore.Activity) int64 { return a.ID })

	codes lister[tokencore.AuthorizationCode] = func(ctx context.Context, from Source, after *tokencore.AuthorizationCode) ([]tokencore.AuthorizationCode, error) {
		if after == nil {
			after = new(tokencore.AuthorizationCode)
		}
		return from.ExportCodes(ctx, after.ID, batch)
	}
	sessions lister[tokencore.Session] = func(ctx context.Context, from Source, after *tokencore.Session) ([]tokencore.Session, error) {
		if after == nil {
			after = new(tokencore.Session)
		}
		return from.ExportSessions(ctx, after.Digest, batch)
	}
)
