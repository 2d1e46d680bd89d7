package postgres

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// Patterns are never given to PostgreSQL: its engine has another syntax than
// tokencore.Op promises, and compiling or matching some patterns takes it exponential
// time and memory on a server that others use, too. The distinct texts come here
// instead, package regexp judges them in linear time, and the query then asks for
// those that matched. That reads a whole column, as every pattern does in any database.

// What a pattern may select, so that nobody can exhaust our memory with it.
const (
	maxMatches    = 100_000 // different texts
	maxMatchBytes = 32 << 20
)

var errTooMany = fmt.Errorf("%w: pattern: it matches too many different texts and leaves too many out", tokencore.ErrField)

// matching is a pattern whose matches are not known yet. Either the texts that match are
// bound, or those that do not, whichever are few.
type matching struct {
	pattern sqlstore.Pattern
	matches bool // the texts found are those that match
}

func (dialect) Matches(p sqlstore.Pattern, bind func(any) string) string {
	m := &matching{pattern: p}
	texts := bind(m)
	return `((` + p.Expression + ` = ANY(` + texts + `)) = ` + bind((*verdict)(m)) + `)`
}

// Resolve implements sqlstore.Deferred.
func (m *matching) Resolve(ctx context.Context, on sqlstore.Conn) (any, error) {
	query := `SELECT DISTINCT ` + m.pattern.Expression + ` FROM ` + m.pattern.From + ` WHERE ` + m.pattern.Expression + ` IS NOT NULL`
	var matched, others texts
	err := on.Query(ctx, query, nil, func(r sqlstore.Row) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		if m.pattern.Compiled.MatchString(text) {
			matched.add(text)
		} else {
			others.add(text)
		}
		if matched.full && others.full {
			return errTooMany
		}
		return nil
	})
	m.matches = !matched.full
	if m.matches {
		return matched.list(), err
	}
	return others.list(), err
}

// verdict is what being among the texts found must be. It is bound after them.
type verdict matching

// Resolve implements sqlstore.Deferred.
func (v *verdict) Resolve(context.Context, sqlstore.Conn) (any, error) { return v.matches, nil }

// texts are collected until there are too many.
type texts struct {
	all  []string
	size int
	full bool
}

func (t *texts) add(text string) {
	if t.full {
		return
	}
	t.all = append(t.all, text)
	t.size += len(text)
	if len(t.all) > maxMatches || t.size > maxMatchBytes {
		t.all, t.full = nil, true
	}
}

// list is never nil, which would be NULL.
func (t *texts) list() []string { return append([]string{}, t.all...) }

var (
	_ sqlstore.Deferred = (*matching)(nil)
	_ sqlstore.Deferred = (*verdict)(nil)
)
