package sqlite

import (
	"encoding/json"
	"strconv"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// dialect says what SQLite calls things.
type dialect struct{}

func (dialect) Explain(doing string, err error) error { return explain(doing, err) }

// Among binds the list as JSON.
func (dialect) Among(expression, parameter string, list any) (string, any, error) {
	encoded, err := json.Marshal(list)
	return expression + ` IN (SELECT value FROM json_each(` + parameter + `))`, string(encoded), err
}

// Related lets SQLite evaluate the list once, or look up its members; it can use an index
// of the keys to find those in it.
func (dialect) Related(key, sqlSelect string, _ bool) string { return key + ` IN (` + sqlSelect + `)` }

func (dialect) TimeText(expression string) string { return sqlTimeText + `(` + expression + `)` }

// Contains uses instr instead of LIKE, which has wildcards and folds always.
func (dialect) Contains(expression, parameter string) string {
	return `instr(` + expression + `, ` + parameter + `) > 0`
}

func (dialect) HasPrefix(expression, parameter string) string {
	return `instr(` + expression + `, ` + parameter + `) = 1`
}

func (dialect) HasSuffix(expression, parameter string, length int) string {
	return `substr(CAST(` + expression + ` AS BLOB), -` + strconv.Itoa(length) + `) = CAST(` + parameter + ` AS BLOB)`
}

func (dialect) Fold(expression string) string { return `lower(` + expression + `)` }

func (dialect) Matches(p sqlstore.Pattern, bind func(any) string) string {
	patterns.put(p.Compiled)
	return sqlMatches + `(` + bind(p.Compiled.String()) + `, ` + p.Expression + `)`
}

const sqlTouchToken = `UPDATE tokens SET last_used = $1, last_used_from = $2
	WHERE id = $3 AND (last_used IS NULL OR last_used < $1)`

func (dialect) Touch(uses []tokencore.TokenUse) []sqlstore.Statement {
	statements := make([]sqlstore.Statement, len(uses))
	for i, use := range uses {
		statements[i] = sqlstore.Statement{SQL: sqlTouchToken, Args: []any{use.Time.UnixMicro(), use.From, use.TokenID}}
	}
	return statements
}

// Continue has nothing to do: AUTOINCREMENT counts ids that were given to it, too.
func (dialect) Continue(string) string { return "" }

var _ sqlstore.Dialect = dialect{}
