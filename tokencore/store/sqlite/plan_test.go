package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
)

// The lists that people look at must not read whole tables, however long the
// activity stream gets.
func TestQueries_UseIndexes(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	admin := tokencore.Actor{User: tokencore.User{ID: 3}, Roles: tokencore.Roles{Admin: []int64{1}, Member: []int64{2}}}
	for name, test := range map[string]struct {
		table sqlstore.Table
		where tokencore.Expr
		want  []string
	}{
		"tokens that somebody may see": {sqlstore.TokenTable, admin.VisibleTokens(), []string{"tokens_user", "tokens_application"}},
		"tokens by the name of their user": {
			sqlstore.TokenTable, tokencore.Eq("user.username", "ann"), []string{"tokens_user"},
		},
		"tokens by their refresh token": {sqlstore.TokenTable, tokencore.Eq("refresh", int64(1)), []string{"tokens USING INTEGER PRIMARY KEY"}},
		"refresh tokens whose access token has expired": {
			sqlstore.RefreshTokenTable,
			tokencore.Compare{Field: "token.expires", Op: tokencore.Less, Value: tokencore.LatestExpiry},
			[]string{"refresh_tokens_token", "tokens_expires"},
		},
		"refresh tokens that were used long ago": {
			sqlstore.RefreshTokenTable,
			tokencore.Compare{Field: "revoked", Op: tokencore.Less, Value: tokencore.LatestExpiry},
			[]string{"refresh_tokens_revoked"},
		},
		"applications with tokens of a user": {
			sqlstore.ApplicationTable, tokencore.Related{Relation: "tokens", Where: tokencore.Eq("user", int64(1))}, []string{"tokens_user"},
		},
		"organizations of a member": {
			sqlstore.OrganizationTable,
			tokencore.Related{Relation: "users", Where: tokencore.Eq("id", int64(1))},
			[]string{"roles USING PRIMARY KEY"},
		},
		"users by their organization": {
			sqlstore.UserTable,
			tokencore.Related{Relation: "organizations", Where: tokencore.Eq("id", int64(1))},
			[]string{"roles_organization"},
		},
		"entries about an application": {sqlstore.ActivityTable, tokencore.Eq("application", int64(1)), []string{"activities_application"}},
		"entries about a token":        {sqlstore.ActivityTable, tokencore.Eq("token", int64(1)), []string{"activities_token"}},
		"entries about an organization": {
			sqlstore.ActivityTable, tokencore.Eq("organization", int64(1)), []string{"activities_organization"},
		},
		"entries about a user or by them": {
			sqlstore.ActivityTable,
			tokencore.Or{tokencore.Eq("user", int64(1)), tokencore.Eq("actor", int64(1))},
			[]string{"activities_user", "activities_actor"},
		},
		"entries about the applications of organizations": {
			sqlstore.ActivityTable,
			tokencore.Compare{Field: "application.organization", Op: tokencore.In, Value: []int64{1, 2}},
			[]string{"activities_application"},
		},
	} {
		condition, values, err := sqlstore.Condition(dialect{}, test.table, test.where)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		explain := `EXPLAIN QUERY PLAN SELECT id FROM ` + test.table.Name + ` WHERE ` + condition
		err = conn{s.readers}.Query(t.Context(), explain, values, func(r sqlstore.Row) error {
			var id, parent, unused int64
			var detail string
			err := r.Scan(&id, &parent, &unused, &detail)
			plan = append(plan, detail)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "\n")
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the plan lacks %s:\n%s", name, want, text)
			}
		}
		if strings.Contains(text, "SCAN "+test.table.Name) {
			t.Errorf("%s: the plan reads all of %s:\n%s", name, test.table.Name, text)
		}
	}
}
