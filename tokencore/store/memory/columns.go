package memory

import (
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// columns are the own fields of one kind of row.
type columns[T any] map[tokencore.Field]column[T]

// column gives the value of a field: int64, string, bool or time.Time, or nil when
// it is absent.
type column[T any] struct {
	kind kind
	of   func(d *data, row T) any
}

// kind is the type of a column.
type kind uint8

const (
	number kind = iota + 1
	text
	boolean
	moment
)

var applicationColumns = columns[tokencore.Application]{
	"id":                 {number, func(_ *data, a tokencore.Application) any { return a.ID }},
	"name":               {text, func(_ *data, a tokencore.Application) any { return a.Name }},
	"description":        {text, func(_ *data, a tokencore.Application) any { return a.Description }},
	"client_type":        {text, func(_ *data, a tokencore.Application) any { return string(a.ClientType) }},
	"redirect_uris":      {text, func(_ *data, a tokencore.Application) any { return a.RedirectURIs }},
	"grant_type":         {text, func(_ *data, a tokencore.Application) any { return string(a.GrantType) }},
	"skip_authorization": {boolean, func(_ *data, a tokencore.Application) any { return a.SkipAuthorization }},
	"organization":       {number, func(_ *data, a tokencore.Application) any { return id(a.OrganizationID) }},
	"user":               {number, func(_ *data, a tokencore.Application) any { return id(a.UserID) }},
	"created":            {moment, func(_ *data, a tokencore.Application) any { return a.Created }},
	"modified":           {moment, func(_ *data, a tokencore.Application) any { return a.Modified }},
}

var tokenColumns = columns[tokencore.Token]{
	"id":          {number, func(_ *data, t tokencore.Token) any { return t.ID }},
	"description": {text, func(_ *data, t tokencore.Token) any { return t.Description }},
	"scope":       {text, func(_ *data, t tokencore.Token) any { return t.Scope }},
	"user":        {number, func(_ *data, t tokencore.Token) any { return t.UserID }},
	"application": {number, func(_ *data, t tokencore.Token) any { return id(t.ApplicationID) }},
	"organization": {number, func(d *data, t tokencore.Token) any {
		return id(d.applications.rows[t.ApplicationID].OrganizationID)
	}},
	"source":      {number, func(_ *data, t tokencore.Token) any { return id(t.SourceID) }},
	"created":     {moment, func(_ *data, t tokencore.Token) any { return t.Created }},
	"modified":    {moment, func(_ *data, t tokencore.Token) any { return t.Modified }},
	"expires":     {moment, func(_ *data, t tokencore.Token) any { return t.Expires }},
	"last_used":   {moment, func(_ *data, t tokencore.Token) any { return maybe(t.LastUsed) }},
	"grant":       {text, func(_ *data, t tokencore.Token) any { return t.GrantID }},
	"refreshable": {boolean, func(_ *data, t tokencore.Token) any { return t.Refreshable }},
}

var refreshTokenColumns = columns[tokencore.RefreshToken]{
	"id":          {number, func(_ *data, r tokencore.RefreshToken) any { return r.ID }},
	"user":        {number, func(_ *data, r tokencore.RefreshToken) any { return r.UserID }},
	"application": {number, func(_ *data, r tokencore.RefreshToken) any { return id(r.ApplicationID) }},
	"token":       {number, func(_ *data, r tokencore.RefreshToken) any { return id(r.TokenID) }},
	"grant":       {text, func(_ *data, r tokencore.RefreshToken) any { return r.GrantID }},
	"created":     {moment, func(_ *data, r tokencore.RefreshToken) any { return r.Created }},
	"revoked":     {moment, func(_ *data, r tokencore.RefreshToken) any { return maybe(r.Revoked) }},
}

var userColumns = columns[tokencore.User]{
	"id":                {number, func(_ *data, u tokencore.User) any { return u.ID }},
	"username":          {text, func(_ *data, u tokencore.User) any { return u.Username }},
	"first_name":        {text, func(_ *data, u tokencore.User) any { return u.FirstName }},
	"last_name":         {text, func(_ *data, u tokencore.User) any { return u.LastName }},
	"email":             {text, func(_ *data, u tokencore.User) any { return u.Email }},
	"is_superuser":      {boolean, func(_ *data, u tokencore.User) any { return u.IsSuperuser }},
	"is_system_auditor": {boolean, func(_ *data, u tokencore.User) any { return u.IsSystemAuditor }},
	"is_active":         {boolean, func(_ *data, u tokencore.User) any { return u.IsActive }},
	"created":           {moment, func(_ *data, u tokencore.User) any { return u.Created }},
	"modified":          {moment, func(_ *data, u tokencore.User) any { return u.Modified }},
	"last_login":        {moment, func(_ *data, u tokencore.User) any { return maybe(u.LastLogin) }},
}

var organizationColumns = columns[tokencore.Organization]{
	"id":          {number, func(_ *data, o tokencore.Organization) any { return o.ID }},
	"name":        {text, func(_ *data, o tokencore.Organization) any { return o.Name }},
	"description": {text, func(_ *data, o tokencore.Organization) any { return o.Description }},
	"max_hosts":   {number, func(_ *data, o tokencore.Organization) any { return o.MaxHosts }},
	"created_by":  {number, func(_ *data, o tokencore.Organization) any { return id(o.CreatedBy) }},
	"modified_by": {number, func(_ *data, o tokencore.Organization) any { return id(o.ModifiedBy) }},
	"created":     {moment, func(_ *data, o tokencore.Organization) any { return o.Created }},
	"modified":    {moment, func(_ *data, o tokencore.Organization) any { return o.Modified }},
}

var activityColumns = columns[tokencore.Activity]{
	"id":         {number, func(_ *data, a tokencore.Activity) any { return a.ID }},
	"time":       {moment, func(_ *data, a tokencore.Activity) any { return a.Time }},
	"operation":  {text, func(_ *data, a tokencore.Activity) any { return a.Operation }},
	"node":       {text, func(_ *data, a tokencore.Activity) any { return a.Node }},
	"actor_name": {text, func(_ *data, a tokencore.Activity) any { return a.ActorName }},
	"object":     {text, func(_ *data, a tokencore.Activity) any { return a.Object }},
	"object_id":  {number, func(_ *data, a tokencore.Activity) any { return id(a.ObjectID) }},
	"object2":    {text, func(_ *data, a tokencore.Activity) any { return a.Object2 }},
	"object2_id": {number, func(_ *data, a tokencore.Activity) any { return id(a.Object2ID) }},
	"role":       {text, func(_ *data, a tokencore.Activity) any { return string(a.Role) }},
	"setting":    {text, func(_ *data, a tokencore.Activity) any { return a.Setting }},
	"changes":    {text, func(_ *data, a tokencore.Activity) any { return string(a.Changes) }},
}

// id is absent when it is zero.
func id(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

// maybe is absent when the time is zero.
func maybe(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
