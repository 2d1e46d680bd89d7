package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// Enough rows that PostgreSQL would rather not read them all.
const fill = `
	INSERT INTO organizations (ansible_id, name, description, max_hosts, created, modified)
		SELECT '', n::text, '', 0, 0, 0 FROM generate_series(1, 50) n;
	INSERT INTO users (ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor, is_active, password_hash,
			ldap_dn, external, social, created, modified)
		SELECT '', n::text, '', '', '', false, false, true, '', '', '', '[]', 0, 0 FROM generate_series(1, 2000) n;
	INSERT INTO applications (name, description, client_id, secret_digest, client_type, redirect_uris, grant_type, skip_authorization,
			organization_id, created, modified)
		SELECT n::text, '', n::text, sha256(''), '', '', '', false, n % 50 + 1, 0, 0 FROM generate_series(1, 1000) n;
	INSERT INTO tokens (digest, hint, user_id, user_ansible_id, application_id, grant_id, description, scope, created, modified, expires,
			last_used_from)
		SELECT sha256(n::text::bytea), '', n % 2000 + 1, '', n % 1000 + 1, n::text, '', 'read', n, n, n, '' FROM generate_series(1, 30000) n;
	INSERT INTO refresh_tokens (digest, hint, user_id, user_ansible_id, application_id, token_id, grant_id, scope, created)
		SELECT sha256(n::text::bytea), '', n % 2000 + 1, '', n % 1000 + 1, n, n::text, 'read', n FROM generate_series(1, 30000) n;
	INSERT INTO roles (user_id, organization_id, role) SELECT n, n % 50 + 1, 'member' FROM generate_series(1, 2000) n;
	INSERT INTO activities (time, operation, node, actor_id, actor_name, actor_first_name, actor_last_name, object, object_id, object2,
			object2_id, role, setting, changes)
		SELECT n, '', '', n % 2000 + 1, '', '', '', (ARRAY['o_auth2_application', 'o_auth2_access_token', 'user', 'organization'])[n % 4 + 1],
			n, '', NULL, '', '', '{}' FROM generate_series(1, 30000) n;
	ANALYZE;`

// Verification reads one row by one index, and the lists that people look at do not
// read whole tables, however long they get.
func TestQueries_UseIndexes(t *testing.T) {
	c := pgtest.Shared(t)
	name, err := c.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), c.DSN(name), Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := c.SQL(t.Context(), name, fill); err != nil {
		t.Fatal(err)
	}
	explained := func(query string, values ...any) string {
		t.Helper()
		var plan []string
		err := pool{conn{s.db, s.limit}, s.db}.Query(t.Context(), `EXPLAIN `+query, values, func(r sqlstore.Row) error {
			var line string
			err := r.Scan(&line)
			plan = append(plan, line)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(plan, "\n")
	}

	digest := tokencore.DigestOf(tokencore.KindAccess, "x")
	plan := explained(sqlstore.Hot[0], digest[:])
	if !strings.HasPrefix(plan, "Index Scan using tokens_digest_key on tokens") || strings.Contains(plan, "SubPlan") {
		t.Errorf("looking up a token:\n%s", plan)
	}

	admin := tokencore.Actor{User: tokencore.User{ID: 3}, Roles: tokencore.Roles{Admin: []int64{1}, Member: []int64{2}}}
	for name, test := range map[string]struct {
		table sqlstore.Table
		where tokencore.Expr
	}{
		"tokens that somebody may see":     {sqlstore.TokenTable, admin.VisibleTokens()},
		"tokens by the name of their user": {sqlstore.TokenTable, tokencore.Eq("user.username", "7")},
		"tokens by their refresh token":    {sqlstore.TokenTable, tokencore.Eq("refresh", int64(1))},
		"expired tokens without a refresh token": {
			sqlstore.TokenTable, tokencore.And{tokencore.Compare{Field: "expires", Op: tokencore.Less, Value: time.UnixMicro(100)}, tokencore.Eq("refreshable", false)},
		},
		"refresh tokens whose access token has expired": {
			sqlstore.RefreshTokenTable, tokencore.Compare{Field: "token.expires", Op: tokencore.Less, Value: time.UnixMicro(100)},
		},
		"refresh tokens that were used long ago": {
			sqlstore.RefreshTokenTable, tokencore.Compare{Field: "revoked", Op: tokencore.Less, Value: time.UnixMicro(100)},
		},
		"refresh tokens whose access token is gone": {
			sqlstore.RefreshTokenTable, tokencore.And{
				tokencore.Compare{Field: "token", Op: tokencore.IsNull, Value: true},
				tokencore.Compare{Field: "revoked", Op: tokencore.IsNull, Value: true},
			},
		},
		"entries about an application": {sqlstore.ActivityTable, tokencore.Eq("application", int64(1))},
		"entries about a user or by them": {
			sqlstore.ActivityTable, tokencore.Or{tokencore.Eq("user", int64(1)), tokencore.Eq("actor", int64(1))},
		},
		"entries about the applications of organizations": {
			sqlstore.ActivityTable, tokencore.Or{
				tokencore.Eq("user", int64(1)), tokencore.Compare{Field: "application.organization", Op: tokencore.In, Value: []int64{1, 2}},
			},
		},
	} {
		condition, values, err := sqlstore.Condition(dialect{}, test.table, test.where)
		if err != nil {
			t.Fatal(err)
		}
		plan := explained(`SELECT id FROM `+test.table.Name+` WHERE `+condition, values...)
		if strings.Contains(plan, "Seq Scan on "+test.table.Name) {
			t.Errorf("%s: the plan reads all of %s:\n%s", name, test.table.Name, plan)
		}
	}
}
