package sqlite

import "github.com/awxgate/awxgate/tokencore"

// table is the allow-list of what may be filtered and sorted by.
type table struct {
	name    string
	columns map[tokencore.Field]column
}

// column is an SQL expression and the type of its value. Columns of related rows
// are subqueries, NULL when there is no such row, and cost nothing when they are
// not asked for.
type column struct {
	kind       kind
	expression string
	nullable   bool
}

// kind is the type of a column.
type kind uint8

const (
	number kind = iota + 1
	text
	boolean
	moments
	membership // a set of numbers, which can be asked for one of them
)

var applicationTable = table{"applications", map[tokencore.Field]column{
	"id":                       {number, `applications.id`, false},
	"name":                     {text, `name`, false},
	"description":              {text, `description`, false},
	"client_type":              {text, `client_type`, false},
	"redirect_uris":            {text, `redirect_uris`, false},
	"grant_type":               {text, `grant_type`, false},
	"skip_authorization":       {boolean, `skip_authorization`, false},
	"organization":             {number, `organization_id`, true},
	"organization.name":        {text, `(SELECT o.name FROM organizations o WHERE o.id = applications.organization_id)`, true},
	"organization.description": {text, `(SELECT o.description FROM organizations o WHERE o.id = applications.organization_id)`, true},
	"user":                     {number, `user_id`, true},
	"user.username":            {text, `(SELECT u.username FROM users u WHERE u.id = applications.user_id)`, true},
	"created":                  {moments, `created`, false},
	"modified":                 {moments, `modified`, false},
}}

var tokenTable = table{"tokens", map[tokencore.Field]column{
	"id":                       {number, `tokens.id`, false},
	"description":              {text, `description`, false},
	"scope":                    {text, `scope`, false},
	"user":                     {number, `user_id`, false},
	"user.username":            {text, `(SELECT u.username FROM users u WHERE u.id = tokens.user_id)`, true},
	"application":              {number, `application_id`, true},
	"application.name":         {text, `(SELECT a.name FROM applications a WHERE a.id = tokens.application_id)`, true},
	"application.organization": {number, `(SELECT a.organization_id FROM applications a WHERE a.id = tokens.application_id)`, true},
	"created":                  {moments, `created`, false},
	"modified":                 {moments, `modified`, false},
	"expires":                  {moments, `expires`, false},
	"last_used":                {moments, `last_used`, true},
	"grant":                    {text, `grant_id`, false},
	"refreshable":              {boolean, `EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.token_id = tokens.id)`, false},
}}

var refreshTokenTable = table{"refresh_tokens", map[tokencore.Field]column{
	"id":            {number, `refresh_tokens.id`, false},
	"user":          {number, `user_id`, false},
	"application":   {number, `application_id`, true},
	"token":         {number, `token_id`, true},
	"token.expires": {moments, `(SELECT t.expires FROM tokens t WHERE t.id = refresh_tokens.token_id)`, true},
	"grant":         {text, `grant_id`, false},
	"created":       {moments, `created`, false},
	"revoked":       {moments, `revoked`, true},
}}

var userTable = table{"users", map[tokencore.Field]column{
	"id":                {number, `users.id`, false},
	"username":          {text, `username`, false},
	"first_name":        {text, `first_name`, false},
	"last_name":         {text, `last_name`, false},
	"email":             {text, `email`, false},
	"is_superuser":      {boolean, `is_superuser`, false},
	"is_system_auditor": {boolean, `is_system_auditor`, false},
	"is_active":         {boolean, `is_active`, false},
	"created":           {moments, `created`, false},
	"modified":          {moments, `modified`, false},
	"last_login":        {moments, `last_login`, true},
	"organization":      {membership, `(SELECT r.organization_id FROM roles r WHERE r.user_id = users.id)`, false},
}}

var organizationTable = table{"organizations", map[tokencore.Field]column{
	"id":          {number, `organizations.id`, false},
	"name":        {text, `name`, false},
	"description": {text, `description`, false},
	"created":     {moments, `created`, false},
	"modified":    {moments, `modified`, false},
}}

var activityTable = table{"activities", map[tokencore.Field]column{
	"id":         {number, `activities.id`, false},
	"time":       {moments, `time`, false},
	"operation":  {text, `operation`, false},
	"actor":      {number, `actor_id`, true},
	"actor_name": {text, `actor_name`, false},
	"object":     {text, `object`, false},
	"object_id":  {number, `object_id`, true},
	"object2":    {text, `object2`, false},
	"object2_id": {number, `object2_id`, true},
	"changes":    {text, `changes`, false},
}}
