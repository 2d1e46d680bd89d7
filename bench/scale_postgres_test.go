package bench_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

// settings are those that an administrator changes first, for a server with 16 GB of
// memory. Everything else is as PostgreSQL ships it; it waits for the disk.
var settings = []string{"shared_buffers=4GB", "effective_cache_size=12GB", "maintenance_work_mem=256MB", "max_wal_size=2GB"}

// openPostgres makes databases on one server, which starts with the first.
func openPostgres(b *testing.B) func(b *testing.B) *table {
	var server *pgtest.Cluster
	return func(*testing.B) *table {
		if server == nil {
			server = pgtest.Start(b, pgtest.Options{Settings: settings})
			version, err := server.SQL(b.Context(), "postgres", `SHOW server_version`)
			must(b, err)
			describe("postgres-version", version)
			describe("postgres-settings", strings.Join(settings, " "))
		}
		return newPostgres(b, server)
	}
}

func newPostgres(b *testing.B, server *pgtest.Cluster) *table {
	name, err := server.NewDatabase(b.Context())
	must(b, err)
	store, err := postgres.Open(b.Context(), server.DSN(name), postgres.Options{Migrate: true, StatementTimeout: 10 * time.Minute})
	must(b, err)
	run := func(b *testing.B, format string, values ...any) string {
		out, err := server.SQL(b.Context(), name, fmt.Sprintf(format, values...))
		must(b, err)
		return out
	}
	t := &table{Store: store, gateway: newGateway(b, store)}
	t.people = func(b *testing.B, users int64) { run(b, postgresPeople, users) }
	t.insert = func(b *testing.B, rows batch) {
		statements := postgresTokens
		if rows.count >= t.rows {
			statements = fmt.Sprintf(postgresRestore, statements)
		}
		run(b, statements, rows.count, rows.created.UnixMicro(), rows.step.Microseconds(), lifetime.Microseconds(), rows.refreshEvery,
			t.users(), secretPrefix)
	}
	t.settle = func(b *testing.B) { run(b, `VACUUM ANALYZE; CHECKPOINT`) }
	t.wake = func(b *testing.B) { run(b, postgresWake) }
	t.size = func(b *testing.B) int64 { return number(b, run(b, `SELECT pg_database_size(current_database())`)) }
	t.cached = func(b *testing.B) hits {
		found, read, _ := strings.Cut(run(b, `SELECT blks_hit, blks_read FROM pg_stat_database WHERE datname = current_database()`), "|")
		return hits{number(b, found), number(b, found) + number(b, read)}
	}
	return t
}

// postgresWake reads what look-ups use into memory, as autoprewarm does after a restart.
const postgresWake = `CHECKPOINT; CREATE EXTENSION pg_prewarm; SELECT pg_prewarm('tokens'); SELECT pg_prewarm('tokens_digest_key')`

// postgresPeople takes the number of users; the first is there.
const postgresPeople = `
INSERT INTO users (ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor, is_active, password_hash, ldap_dn,
	external, social, created, modified)
SELECT gen_random_uuid(), 'user' || n, 'First', 'Last', 'user' || n || '@example.org', false, false, true, '', '', '', '[]', 0, 0
FROM generate_series(2, %d) n;`

// postgresTokens takes: how many, made when, with which step, for how long, which of them
// have a refresh token, number of users, beginning of the secret.
const postgresTokens = `
\set count %d
\set made %d
\set step %d
\set life %d
\set every %d
\set users %d
\set secret '''%s'''
SELECT coalesce(max(id), 0) + 1 AS first, coalesce(max(id), 0) + :count AS last FROM tokens \gset
INSERT INTO tokens (id, digest, hint, user_id, user_ansible_id, application_id, grant_id, description, scope, created, modified, expires,
	last_used, last_used_from, refreshable)
SELECT n, sha256(convert_to('a' || :secret || lpad(n::text, 25, '0'), 'UTF8')), lpad(right(n::text, 4), 4, '0'), users.id, users.ansible_id,
	CASE n %% nullif(:every, 0) WHEN 0 THEN 1 END, gen_random_uuid(), 'pipeline ' || n, 'write', :made + (n - :first) * :step,
	:made + (n - :first) * :step, :made + (n - :first) * :step + :life, :made + (n - :first) * :step, '192.0.2.7',
	coalesce(n %% nullif(:every, 0) = 0, false)
FROM generate_series(:first::bigint, :last) n JOIN users ON users.id = n %% :users + 1;
SELECT setval(pg_get_serial_sequence('tokens', 'id'), :last);
INSERT INTO refresh_tokens (digest, hint, user_id, user_ansible_id, application_id, token_id, grant_id, scope, created)
SELECT sha256(convert_to('r' || :secret || lpad(id::text, 25, '0'), 'UTF8')), hint, user_id, user_ansible_id, application_id, id, grant_id,
	scope, created
FROM tokens WHERE id >= :first AND refreshable;`

// postgresRestore does what pg_restore does: it makes the indexes after the rows.
const postgresRestore = `
SET session_replication_role = replica;
CREATE TEMPORARY TABLE later AS
	SELECT CASE WHEN c.oid IS NULL THEN format('DROP INDEX %%%%I', i.indexrelid::regclass)
			ELSE format('ALTER TABLE tokens DROP CONSTRAINT %%%%I', c.conname) END AS remove,
		CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
			ELSE format('ALTER TABLE tokens ADD CONSTRAINT %%%%I %%%%s', c.conname, pg_get_constraintdef(c.oid)) END AS make
	FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype = 'u'
	WHERE i.indrelid = 'tokens'::regclass AND NOT i.indisprimary;
SELECT remove FROM later \gexec
%s
SELECT make FROM later \gexec`
