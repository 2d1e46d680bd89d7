package bench_test

import (
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	moderncsqlite "modernc.org/sqlite"

	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

// SQLite has no SHA-256; this is for the connection that fills the tables.
func init() {
	moderncsqlite.MustRegisterDeterministicScalarFunction("sha256", 1, func(_ *moderncsqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		text, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("sha256 of %T", args[0])
		}
		sum := sha256.Sum256([]byte(text))
		return sum[:], nil
	})
}

func openSQLite(b *testing.B) *table {
	path := filepath.Join(b.TempDir(), "scale.db")
	store, err := sqlite.Open(b.Context(), path, sqlite.Options{Migrate: true})
	must(b, err)
	t := &table{Store: store, gateway: newGateway(b, store)}
	// Nothing is lost if this connection does not wait for the disk: the test would fail.
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(OFF)&_pragma=cache_size(-1000000)&_pragma=busy_timeout(60000)")
	must(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { must(b, db.Close()) })
	exec := func(b *testing.B, statement string, values ...any) {
		_, err := db.ExecContext(b.Context(), statement, values...)
		must(b, err)
	}
	t.people = func(b *testing.B, users int64) { exec(b, sqlitePeople, users) }
	t.insert = func(b *testing.B, rows batch) {
		var first int64
		must(b, db.QueryRowContext(b.Context(), `SELECT coalesce(max(id), 0) + 1 FROM tokens`).Scan(&first))
		var indexes []string
		if rows.count >= t.rows {
			indexes = dropIndexes(b, db)
		}
		exec(b, `BEGIN IMMEDIATE`)
		exec(b, sqliteTokens, first, rows.count, rows.created.UnixMicro(), rows.step.Microseconds(), lifetime.Microseconds(), rows.refreshEvery,
			t.users(), secretPrefix)
		exec(b, sqliteRefreshTokens, first, secretPrefix)
		exec(b, `COMMIT`)
		for _, index := range indexes {
			exec(b, index)
		}
	}
	t.settle = func(b *testing.B) {
		exec(b, `ANALYZE`)
		exec(b, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	t.wake = func(b *testing.B) { exec(b, `PRAGMA shrink_memory`) }
	t.size = func(b *testing.B) int64 {
		file, err := os.Stat(path)
		must(b, err)
		return file.Size()
	}
	t.cached = func(*testing.B) hits { return hits{} }
	return t
}

// dropIndexes drops those of the tokens, and returns the statements that make them.
func dropIndexes(b *testing.B, db *sql.DB) (statements []string) {
	rows, err := db.QueryContext(b.Context(), `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'tokens' AND sql IS NOT NULL`)
	must(b, err)
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, statement string
		must(b, rows.Scan(&name, &statement))
		names, statements = append(names, name), append(statements, statement)
	}
	must(b, rows.Err())
	must(b, rows.Close()) // there is one connection
	for _, name := range names {
		_, err := db.ExecContext(b.Context(), `DROP INDEX `+name)
		must(b, err)
	}
	return statements
}

// sqlitePeople takes the number of users; the first is there.
const sqlitePeople = `
WITH RECURSIVE numbers (n) AS (SELECT 2 WHERE $1 >= 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
INSERT INTO users (ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor, is_active, password_hash, ldap_dn,
	external, social, created, modified)
SELECT ` + sqliteUUID + `, 'user' || n, 'First', 'Last', 'user' || n || '@example.org', FALSE, FALSE, TRUE, '', '', '', '[]', 0, 0
FROM numbers`

// sqliteUUID is random, and as long as one.
const sqliteUUID = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' || hex(randomblob(2)) || '-' ||
	hex(randomblob(6)))`

// sqliteTokens takes: first number, how many, made when, with which step, for how long,
// which of them have a refresh token, number of users, beginning of the secret.
const sqliteTokens = `
WITH RECURSIVE numbers (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1 + $2 - 1)
INSERT INTO tokens (id, digest, hint, user_id, user_ansible_id, application_id, grant_id, description, scope, created, modified, expires,
	last_used, last_used_from, refreshable)
SELECT n, sha256('a' || $8 || printf('%025d', n)), printf('%04d', n % 10000), users.id, users.ansible_id,
	CASE n % nullif($6, 0) WHEN 0 THEN 1 END, ` + sqliteUUID + `, 'pipeline ' || n, 'write', $3 + (n - $1) * $4, $3 + (n - $1) * $4,
	$3 + (n - $1) * $4 + $5, $3 + (n - $1) * $4, '192.0.2.7', coalesce(n % nullif($6, 0) = 0, FALSE)
FROM numbers CROSS JOIN users ON users.id = n % $7 + 1`

// sqliteRefreshTokens takes: first number of the tokens, beginning of the secret.
const sqliteRefreshTokens = `
INSERT INTO refresh_tokens (digest, hint, user_id, user_ansible_id, application_id, token_id, grant_id, scope, created)
SELECT sha256('r' || $2 || printf('%025d', id)), hint, user_id, user_ansible_id, application_id, id, grant_id, scope, created
FROM tokens WHERE id >= $1 AND refreshable`
