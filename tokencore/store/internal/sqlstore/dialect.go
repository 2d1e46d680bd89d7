package sqlstore

import (
	"context"

	"github.com/awxgate/awxgate/tokencore"
)

// Dialect is what differs between databases.
type Dialect interface {
	// Explain translates an error of the driver into one of tokencore's.
	Explain(doing string, err error) error
	// Among returns a condition that the expression is one of the values of a list,
	// which is a []int64 or a []string, and what to bind to the parameter.
	Among(expression, parameter string, list any) (sql string, value any, err error)
	// Related is a condition that a key is among those that a SELECT finds. Conjunct: the
	// whole query holds only if this does.
	Related(key, sqlSelect string, conjunct bool) string
	// TimeText is an expression for what text operators see of a time.
	TimeText(expression string) string
	// Contains is a condition that a text has another in it, HasPrefix that it begins so.
	Contains(expression, parameter string) string
	HasPrefix(expression, parameter string) string
	// HasSuffix is a condition that a text ends with another one, of that many bytes.
	HasSuffix(expression, parameter string, length int) string
	// Fold lowers the ASCII letters of a text and no others.
	Fold(expression string) string
	// Matches adds a condition that a text matches a pattern.
	Matches(p Pattern, bind func(value any) (parameter string)) string
	// Touch is one or more statements that TouchTokens runs.
	Touch(uses []tokencore.TokenUse) []Statement
	// Continue makes the ids of a table go on after the highest one; empty: they do so anyway.
	Continue(table string) string
}

// Statement is a statement and the values of its parameters.
type Statement struct {
	SQL  string
	Args []any
}

// Conn runs statements: outside of transactions, or in one.
type Conn interface {
	// Exec returns the number of rows that the statement changed.
	Exec(ctx context.Context, query string, args ...any) (int, error)
	// Query calls scan for each row that the statement finds or, with RETURNING, changes.
	Query(ctx context.Context, query string, args []any, scan func(Row) error) error
	// Try is Query for a statement that may break a rule of the schema. The transaction
	// remains usable if it does.
	Try(ctx context.Context, query string, args []any, scan func(Row) error) (int, error)
	// Snapshot runs fn on a connection that sees one state of the database. In a
	// transaction, which does so anyway, it is the same connection.
	Snapshot(ctx context.Context, fn func(Conn) error) error
}

// Row is one row of a result.
type Row interface{ Scan(dest ...any) error }
