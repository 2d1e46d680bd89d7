package postgres

import (
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// dialect says what PostgreSQL calls things.
type dialect struct{}

func (dialect) Explain(doing string, err error) error { return explain(doing, err) }

// Among binds the list as one array.
func (dialect) Among(expression, parameter string, list any) (string, any, error) {
	return expression + ` = ANY(` + parameter + `)`, list, nil
}

// Related is a semi-join where PostgreSQL can make one of it. Elsewhere it would look at
// every row; an array that it computes once lets it use an index of the keys.
func (dialect) Related(key, sqlSelect string, conjunct bool) string {
	if conjunct {
		return key + ` IN (` + sqlSelect + `)`
	}
	return key + ` = ANY(ARRAY(` + sqlSelect + `))`
}

// TimeText does not cast, because the result of that depends on settings. Intervals are
// multiplied as floating point numbers; both factors are small enough to be exact.
func (dialect) TimeText(expression string) string {
	x := `(` + expression + `)`
	at := `(timestamp '1970-01-01' + (` + x + ` - ` + x + ` % 1000000) * interval '1 microsecond' + ` + x + ` % 1000000 * interval '1 microsecond')`
	return `(rtrim(rtrim(to_char(` + at + `, 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.') || '+00')`
}

func (dialect) Contains(expression, parameter string) string {
	return `strpos(` + expression + `, ` + parameter + `) > 0`
}

func (dialect) HasPrefix(expression, parameter string) string {
	return `starts_with(` + expression + `, ` + parameter + `)`
}

func (dialect) HasSuffix(expression, parameter string, _ int) string {
	return `right(` + expression + `, char_length(CAST(` + parameter + ` AS TEXT))) = ` + parameter
}

// Fold lowers by the rules of the collation, and those of C know ASCII only.
func (dialect) Fold(expression string) string { return `lower((` + expression + `) COLLATE "C")` }

// One statement, so that it does not matter how many tokens were used. A row that
// somebody else holds is left alone rather than waited for: all writers wait for us.
const sqlTouchTokens = `WITH latest AS (
		SELECT DISTINCT ON (id) id, used, used_from
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS uses (id, used, used_from) ORDER BY id, used DESC
	), free AS (
		SELECT id FROM tokens WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
	)
	UPDATE tokens SET last_used = latest.used, last_used_from = latest.used_from
	FROM latest JOIN free USING (id)
	WHERE tokens.id = latest.id AND (tokens.last_used IS NULL OR tokens.last_used < latest.used)`

func (dialect) Touch(uses []tokencore.TokenUse) []sqlstore.Statement {
	if len(uses) == 0 {
		return nil
	}
	ids, times, from := make([]int64, len(uses)), make([]int64, len(uses)), make([]string, len(uses))
	for i, use := range uses {
		ids[i], times[i], from[i] = use.TokenID, use.Time.UnixMicro(), use.From
	}
	return []sqlstore.Statement{{SQL: sqlTouchTokens, Args: []any{ids, times, from}}}
}

// Continue never goes back: ids that were given and deleted are not given again.
func (dialect) Continue(table string) string {
	sequence := `pg_get_serial_sequence('` + table + `', 'id')`
	return `SELECT setval(` + sequence + `, greatest(nextval(` + sequence + `), (SELECT max(id) FROM ` + table + `)))`
}

var _ sqlstore.Dialect = dialect{}
