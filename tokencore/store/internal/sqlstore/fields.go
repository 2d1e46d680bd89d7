package sqlstore

import (
	"fmt"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// Table is the allow-list for one kind of row: its own columns, and the relations
// through which the own columns of other rows are reached.
type Table struct {
	Name string
	own  columns
	one  map[string]relation
	many map[string]relation
}

// relation is a FROM clause that names the related row "related", the column in it
// that says to whom that row belongs, and the column of the owner that must be equal.
type relation struct {
	from, owner, key string
	columns          columns
}

// ApplicationTable is that of applications.
var ApplicationTable = Table{
	Name: "applications", own: ofApplications,
	one: map[string]relation{
		"organization": {`organizations AS related`, `related.id`, `$.organization_id`, ofOrganizations},
		"user":         {`users AS related`, `related.id`, `$.user_id`, ofUsers},
	},
	many: map[string]relation{
		"tokens": {`tokens AS related`, `related.application_id`, `$.id`, ofTokens},
	},
}

// TokenTable is that of access tokens.
var TokenTable = Table{
	Name: "tokens", own: ofTokens,
	one: map[string]relation{
		"user":        {`users AS related`, `related.id`, `$.user_id`, ofUsers},
		"application": {`applications AS related`, `related.id`, `$.application_id`, ofApplications},
		"refresh":     {`refresh_tokens AS related`, `related.token_id`, `$.id`, ofRefreshTokens},
	},
}

// RefreshTokenTable is that of refresh tokens.
var RefreshTokenTable = Table{
	Name: "refresh_tokens", own: ofRefreshTokens,
	one: map[string]relation{
		"token": {`tokens AS related`, `related.id`, `$.token_id`, ofTokens},
	},
}

// UserTable is that of users.
var UserTable = Table{
	Name: "users", own: ofUsers,
	many: map[string]relation{
		"tokens": {`tokens AS related`, `related.user_id`, `$.id`, ofTokens},
		"organizations": {
			`roles JOIN organizations AS related ON related.id = roles.organization_id AND roles.role = 'member'`,
			`roles.user_id`, `$.id`, ofOrganizations,
		},
		"admin_of_organizations": {
			`roles JOIN organizations AS related ON related.id = roles.organization_id AND roles.role = 'admin'`,
			`roles.user_id`, `$.id`, ofOrganizations,
		},
	},
}

// OrganizationTable is that of organizations.
var OrganizationTable = Table{
	Name: "organizations", own: ofOrganizations,
	many: map[string]relation{
		"applications": {`applications AS related`, `related.organization_id`, `$.id`, ofApplications},
		"users": {
			`roles JOIN users AS related ON related.id = roles.user_id AND roles.role = 'member'`,
			`roles.organization_id`, `$.id`, ofUsers,
		},
		"admins": {
			`roles JOIN users AS related ON related.id = roles.user_id AND roles.role = 'admin'`,
			`roles.organization_id`, `$.id`, ofUsers,
		},
	},
}

// ActivityTable is that of the activity stream.
var ActivityTable = Table{
	Name: "activities", own: ofActivities,
	one: map[string]relation{
		"actor":        {`users AS related`, `related.id`, `$.actor_id`, ofUsers},
		"application":  {`applications AS related`, `related.id`, `$.application_id`, ofApplications},
		"token":        {`tokens AS related`, `related.id`, `$.token_id`, ofTokens},
		"user":         {`users AS related`, `related.id`, `$.user_id`, ofUsers},
		"organization": {`organizations AS related`, `related.id`, `$.organization_id`, ofOrganizations},
	},
	many: map[string]relation{
		"user_organizations": {
			`roles JOIN organizations AS related ON related.id = roles.organization_id AND roles.role = 'member'`,
			`roles.user_id`, `$.user_id`, ofOrganizations,
		},
	},
}

// column finds a field: an own one, one of a related row, or the id of that row. The
// relation is nil for an own one.
func (t Table) column(name tokencore.Field) (column, *relation, error) {
	if own, ok := t.own[name]; ok {
		return own, nil, nil
	}
	relation, there, dotted := strings.Cut(string(name), ".")
	if !dotted {
		there = "id"
	}
	if through, ok := t.one[relation]; ok {
		if related, ok := through.columns[tokencore.Field(there)]; ok {
			return related, &through, nil
		}
	}
	return column{}, nil, fmt.Errorf("%w: %q", tokencore.ErrField, name)
}

// of puts the name of a row into an expression.
func of(row, expression string) string { return strings.ReplaceAll(expression, "$", row) }

// value is an expression of the related row, NULL if there is no such row.
func (r relation) value(row, expression string) string {
	return `(SELECT ` + of("related", expression) + ` FROM ` + r.from + ` WHERE ` + r.owner + ` = ` + of(row, r.key) + `)`
}
