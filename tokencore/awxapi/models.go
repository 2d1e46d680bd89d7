package awxapi

import (
	"context"
	"maps"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// model is what may be asked about one kind of row. Whatever is not in the tables
// cannot be filtered or sorted by: a filter on a stored secret would give it away bit by bit
// (awx#1354).
type model struct {
	name     string // of AWX's class, as it stands in messages
	typeName string // the "type" of its objects
	fields   map[string]field
	search   []tokencore.Field
	order    []tokencore.Order // unless the query asks for another
	// roles are the values of role_level: the rows in which the requester holds a role.
	roles map[string]func(tokencore.Actor) tokencore.Expr
}

// field is one name in a filter path, with AWX's name of the column. Related models are
// written out per relation, since their columns are reached through it. A field
// without column is one that AWX has and that is always null here.
type field struct {
	kind    fieldKind
	column  tokencore.Field
	empty   bool  // not null but the empty text
	offset  int64 // of the number on the wire from the column's
	related *model
	many    string  // the relation is one to many, and related is about each of these rows
	detour  *detour // related is about rows that the store does not reach from here
}

type fieldKind uint8

const (
	secretField fieldKind = iota // the zero value refuses
	numberField
	textField
	booleanField
	timeField
	relationField // column holds the id
	bridgeField   // leads on, but nothing can be asked about itself
)

// detour answers a condition on a distant relation in two steps: first which rows
// it holds for, then whose column holds the id of one of them.
type detour struct {
	ids  rowIDs
	many string // the condition is on the rows that are related to these, not on these
}

// rowIDs lists the ids of rows.
type rowIDs func(ctx context.Context, store tokencore.Reader, q tokencore.Query) ([]int64, error)

func idsOf[Row any](
	list func(tokencore.Reader, context.Context, tokencore.Query) ([]Row, int, error), id func(Row) int64,
) rowIDs {
	return func(ctx context.Context, store tokencore.Reader, q tokencore.Query) ([]int64, error) {
		rows, _, err := list(store, ctx, q)
		ids := make([]int64, len(rows))
		for i, row := range rows {
			ids[i] = id(row)
		}
		return ids, err
	}
}

var (
	userIDs         = idsOf(tokencore.Reader.Users, func(u tokencore.User) int64 { return u.ID })
	organizationIDs = idsOf(tokencore.Reader.Organizations, func(o tokencore.Organization) int64 { return o.ID })
	applicationIDs  = idsOf(tokencore.Reader.Applications, func(a tokencore.Application) int64 { return a.ID })
	refreshTokenIDs = idsOf(tokencore.Reader.RefreshTokens, func(t tokencore.RefreshToken) int64 { return t.ID })
)

// columnsOf names columns as they are reached through a relation to one; without
// relation they are the row's own.
func columnsOf(relation tokencore.Field) func(name tokencore.Field) tokencore.Field {
	return func(name tokencore.Field) tokencore.Field {
		switch {
		case relation == "":
			return name
		case name == "id": // rows refer to users and organizations that another directory keeps
			return relation
		default:
			return relation + "." + name
		}
	}
}

// distant is a field that holds the id of a row with columns of its own.
func distant(column tokencore.Field, ids rowIDs, related *model) field {
	return field{kind: relationField, column: column, related: related, detour: &detour{ids: ids}}
}

// applicationOf is an application reached through a relation.
func applicationOf(relation tokencore.Field) *model {
	c := columnsOf(relation)
	return &model{
		name: modelApplication,
		fields: map[string]field{
			"id":                       {kind: numberField, column: c("id")},
			"name":                     {kind: textField, column: c("name")},
			"description":              {kind: textField, column: c("description")},
			"created":                  {kind: timeField, column: c("created")},
			"updated":                  {kind: timeField, column: c("modified")},
			"modified":                 {kind: timeField, column: c("modified")}, // AWX's output calls it so, its filter does not
			"client_id":                {kind: secretField},
			"client_secret":            {kind: secretField},
			"client_type":              {kind: textField, column: c("client_type")},
			"redirect_uris":            {kind: textField, column: c("redirect_uris")},
			"authorization_grant_type": {kind: textField, column: c("grant_type")},
			"skip_authorization":       {kind: booleanField, column: c("skip_authorization")},
			"logo_data":                {kind: textField, empty: true},
			"algorithm":                {kind: textField, empty: true},
			"organization":             distant(c("organization"), organizationIDs, organizationOf("")),
			"user":                     distant(c("user"), userIDs, userOf("")),
		},
		search: []tokencore.Field{c("name"), c("description")},
		order:  []tokencore.Order{{Field: c("organization")}, {Field: c("name")}},
	}
}

// tokenOf is an access token reached through a relation.
func tokenOf(relation tokencore.Field) *model {
	c := columnsOf(relation)
	return &model{
		name: modelToken,
		fields: map[string]field{
			"id":                   {kind: numberField, column: c("id")},
			"created":              {kind: timeField, column: c("created")},
			"updated":              {kind: timeField, column: c("modified")},
			"modified":             {kind: timeField, column: c("modified")},
			"description":          {kind: textField, column: c("description")},
			"expires":              {kind: timeField, column: c("expires")},
			"scope":                {kind: textField, column: c("scope")},
			"last_used":            {kind: timeField, column: c("last_used")},
			"token":                {kind: secretField},
			"user":                 distant(c("user"), userIDs, userOf("")),
			"application":          distant(c("application"), applicationIDs, applicationOf("")),
			"source_refresh_token": distant(c("source"), refreshTokenIDs, refreshTokenOf("")),
			"id_token":             {kind: relationField, related: &model{name: "IDToken"}},
		},
		search: []tokencore.Field{c("description")},
	}
}

// refreshTokenOf is a refresh token reached through a relation.
func refreshTokenOf(relation tokencore.Field) *model {
	c := columnsOf(relation)
	return &model{
		name: "RefreshToken",
		fields: map[string]field{
			"id":           {kind: numberField, column: c("id")},
			"token":        {kind: secretField},
			"created":      {kind: timeField, column: c("created")},
			"revoked":      {kind: timeField, column: c("revoked")},
			"user":         {kind: relationField, column: c("user")},
			"application":  {kind: relationField, column: c("application")},
			"access_token": {kind: relationField, column: c("token")},
		},
	}
}

// userOf is a user reached through a relation.
func userOf(relation tokencore.Field) *model {
	c := columnsOf(relation)
	return &model{
		name: modelUser,
		fields: map[string]field{
			"id":           {kind: numberField, column: c("id")},
			"username":     {kind: textField, column: c("username")},
			"first_name":   {kind: textField, column: c("first_name")},
			"last_name":    {kind: textField, column: c("last_name")},
			"email":        {kind: textField, column: c("email")},
			"is_superuser": {kind: booleanField, column: c("is_superuser")},
			"is_active":    {kind: booleanField, column: c("is_active")},
			"date_joined":  {kind: timeField, column: c("created")}, // AWX's column; its output calls it created
			"last_login":   {kind: timeField, column: c("last_login")},
			"password":     {kind: secretField},
		},
		search: []tokencore.Field{c("username"), c("first_name"), c("last_name"), c("email")},
	}
}

// organizationOf is an organization reached through a relation. AWX keeps the holders of
// its roles as members of a role of its own.
func organizationOf(relation tokencore.Field) *model {
	c := columnsOf(relation)
	holders := func(many string) field {
		members := field{kind: relationField, many: many, related: userOf("")}
		if relation != "" {
			members = field{
				kind: relationField, column: c("id"), related: userOf(""), detour: &detour{ids: organizationIDs, many: many},
			}
		}
		return field{kind: bridgeField, related: &model{name: "Role", fields: map[string]field{"members": members}}}
	}
	return &model{
		name: modelOrganization,
		fields: map[string]field{
			"id":                {kind: numberField, column: c("id")},
			"name":              {kind: textField, column: c("name")},
			"description":       {kind: textField, column: c("description")},
			"created":           {kind: timeField, column: c("created")},
			"modified":          {kind: timeField, column: c("modified")},
			"created_by":        distant(c("created_by"), userIDs, userOf("")),
			"modified_by":       distant(c("modified_by"), userIDs, userOf("")),
			"max_hosts":         {kind: numberField, column: c("max_hosts")},
			"custom_virtualenv": {kind: textField},
			"admin_role":        holders("admins"),
			"member_role":       holders("users"),
		},
		search: []tokencore.Field{c("name"), c("description")},
		order:  []tokencore.Order{{Field: c("name")}},
	}
}

// with completes the model of rows that are listed themselves: with the relations
// that the store can follow from there, and all that is about a list.
func (m *model) with(list *model, further ...map[string]field) *model {
	m.typeName, m.order, m.roles = list.typeName, list.order, list.roles
	for _, fields := range append(further, list.fields) {
		maps.Copy(m.fields, fields)
	}
	return m
}

// field finds a field by its name in a path. Like Django it knows the column of a
// reference ("organization_id"), and like AWX the relations of other models to this one with
// and without their underscores.
func (m *model) field(name string) (string, field, bool) {
	if name == "pk" {
		name = "id"
	}
	if squeezed := strings.ReplaceAll(name, "_", ""); m.fields[squeezed].many != "" {
		name = squeezed
	}
	f, known := m.fields[name]
	if !known {
		reference, isColumn := strings.CutSuffix(name, "_id")
		if f, known = m.fields[reference]; isColumn && known && f.kind == relationField && f.many == "" {
			return reference, f, true
		}
		return name, field{}, false
	}
	return name, f, true
}
