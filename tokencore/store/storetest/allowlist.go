package storetest

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// forbidden must be refused for every kind of row: what would let a filter guess
// a credential letter by letter, what does not exist, and what is SQL.
var forbidden = []tokencore.Field{
	"digest", "hint", "secret", "password", "password_hash", "secret_digest", "client_secret", "client_id", "token_digest",
	"token.digest", "token.hint", "refresh_token", "refresh_token.digest", "user.password", "user.password_hash",
	"application.client_secret", "application.secret_digest", "application.client_id", "challenge", "last_used_from", "ldap_dn",
	"refresh.digest", "refresh.hint", "refresh.secret", "source.digest", "source.hint", "token.secret", "token.last_used_from",
	"actor.password_hash", "actor.ldap_dn", "user.ldap_dn", "organization.ansible_id", "session", "session.digest", "sessions.digest",
	"tokens", "tokens.id", "tokens.digest", "tokens.hint", "users.password_hash", "applications.secret_digest", "code.digest",
	"", ".", "id.", ".id", "ID", "Name", "nope", "user.nope", "nope.name", "user.organization", "organization.applications.name",
	"application.organization.name", "token.application.organization", "organization.", ".name", "user.user.id",
	"id; DROP TABLE tokens", "id--", "id desc", "1", "*", "rowid", "id\x00", "(SELECT 1)",
}

// relations are all there are, of any kind of row, and some that must never be.
var relations = []string{
	"tokens", "organizations", "admin_of_organizations", "applications", "users", "admins", "user_organizations",
	"refresh_tokens", "codes", "sessions", "roles", "user", "token", "", "tokens AS t", "Tokens",
}

// checkFields filters and sorts by every field, and by none of the forbidden ones.
func checkFields[T any](
	t *testing.T, s store, query func(context.Context, tokencore.Query) ([]T, int, error), id func(T) int64, fields []field,
) {
	t.Helper()
	check := func(what string, q tokencore.Query, want ...int64) {
		t.Helper()
		page, count, err := query(s.ctx, q)
		same(t, what, ids(found(t, page, err), id), want)
		same(t, what+": count", count, len(want))
	}
	for _, f := range fields {
		where := func(op tokencore.Op, value any, want ...int64) {
			t.Helper()
			check(fmt.Sprintf("%s, op %d, %v", f.name, op, value), tokencore.Query{Where: compare(f.name, op, value)}, want...)
		}
		third := []int64{3}
		if f.nullable {
			third = nil
		}
		where(tokencore.Equal, f.low, 1)
		where(tokencore.IsNull, false, append([]int64{1, 2}, third...)...)
		if f.nullable {
			where(tokencore.IsNull, true, 3)
			check(string(f.name)+", not", tokencore.Query{Where: tokencore.Not{Expr: tokencore.Eq(f.name, f.low)}}, 2, 3)
		}
		if text, ok := textOf(f.low); ok {
			where(tokencore.EqualFold, strings.ToUpper(text), 1)
			where(tokencore.HasPrefix, text, 1)
			where(tokencore.HasSuffix, text, 1)
			where(tokencore.Regex, "^"+regexp.QuoteMeta(text)+"$", 1)
			where(tokencore.RegexFold, "^"+regexp.QuoteMeta(strings.ToUpper(text))+"$", 1)
		}
		order := []tokencore.Order{{Field: f.name}}
		check(string(f.name)+", ascending", tokencore.Query{Order: order}, 1, 2, 3)
		order[0].Descending = true
		if _, truth := f.low.(bool); truth {
			where(tokencore.Equal, f.high, append([]int64{2}, third...)...)
			last := []int64{2, 3, 1}
			if f.nullable {
				last = []int64{3, 2, 1}
			}
			check(string(f.name)+", descending", tokencore.Query{Order: order}, last...)
			continue
		}
		check(string(f.name)+", descending", tokencore.Query{Order: order}, 3, 2, 1)
		where(tokencore.Equal, f.high, 2)
		where(tokencore.Greater, f.low, append([]int64{2}, third...)...)
		where(tokencore.GreaterOrEqual, f.high, append([]int64{2}, third...)...)
		where(tokencore.Less, f.high, 1)
		where(tokencore.LessOrEqual, f.high, 1, 2)
		switch low := f.low.(type) {
		case int64:
			where(tokencore.In, []int64{low, -1}, 1)
		case string:
			where(tokencore.In, []string{low, "none"}, 1)
			where(tokencore.Contains, low, 1)
			where(tokencore.ContainsFold, strings.ToUpper(low), 1)
			where(tokencore.HasPrefixFold, strings.ToUpper(low), 1)
			where(tokencore.HasSuffixFold, strings.ToUpper(low), 1)
		}
	}
	for _, name := range forbidden {
		_, _, err := query(s.ctx, tokencore.Query{Where: tokencore.Eq(name, "x")})
		wantFieldError(t, "filter by "+string(name), err)
		_, _, err = query(s.ctx, tokencore.Query{Where: tokencore.Not{Expr: tokencore.Or{tokencore.Eq(name, int64(1))}}})
		wantFieldError(t, "nested filter by "+string(name), err)
		_, _, err = query(s.ctx, tokencore.Query{Order: []tokencore.Order{{Field: "id"}, {Field: name}}})
		wantFieldError(t, "order by "+string(name), err)
		for _, relation := range relations {
			_, _, err = query(s.ctx, tokencore.Query{Where: tokencore.Related{Relation: relation, Where: tokencore.Eq(name, "x")}})
			wantFieldError(t, "filter by "+relation+", "+string(name), err)
		}
	}
}

// textOf is what text operators see of a value.
func textOf(value any) (string, bool) {
	switch value := value.(type) {
	case int64:
		return strconv.FormatInt(value, 10), true
	case bool:
		return strconv.FormatBool(value), true
	case string:
		return value, true
	case time.Time:
		return value.Format("2006-01-02 15:04:05.999999") + "+00", true
	default:
		return "", false
	}
}
