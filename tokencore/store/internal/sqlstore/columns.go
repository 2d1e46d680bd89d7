package sqlstore

import "github.com/awxgate/awxgate/tokencore"

// columns are the own fields of one kind of row.
type columns map[tokencore.Field]column

// column is an SQL expression, in which a dollar sign stands for the row, and the
// type of its value.
type column struct {
	kind     kind
	sql      string
	nullable bool
}

// kind is the type of a column.
type kind uint8

const (
	number kind = iota + 1
	text
	boolean
	moments
)

var ofApplications = columns{
	"id":                 {number, `$.id`, false},
	"name":               {text, `$.name`, false},
	"description":        {text, `$.description`, false},
	"client_type":        {text, `$.client_type`, false},
	"redirect_uris":      {text, `$.redirect_uris`, false},
	"grant_type":         {text, `$.grant_type`, false},
	"skip_authorization": {boolean, `$.skip_authorization`, false},
	"organization":       {number, `$.organization_id`, true},
	"user":               {number, `$.user_id`, true},
	"created":            {moments, `$.created`, false},
	"modified":           {moments, `$.modified`, false},
}

var ofTokens = columns{
	"id":           {number, `$.id`, false},
	"description":  {text, `$.description`, false},
	"scope":        {text, `$.scope`, false},
	"user":         {number, `$.user_id`, false},
	"application":  {number, `$.application_id`, true},
	"organization": {number, `(SELECT a.organization_id FROM applications a WHERE a.id = $.application_id)`, true},
	"source":       {number, `$.source_id`, true},
	"created":      {moments, `$.created`, false},
	"modified":     {moments, `$.modified`, false},
	"expires":      {moments, `$.expires`, false},
	"last_used":    {moments, `$.last_used`, true},
	"grant":        {text, `$.grant_id`, false},
	"refreshable":  {boolean, `$.refreshable`, false},
}

var ofRefreshTokens = columns{
	"id":          {number, `$.id`, false},
	"user":        {number, `$.user_id`, false},
	"application": {number, `$.application_id`, true},
	"token":       {number, `$.token_id`, true},
	"grant":       {text, `$.grant_id`, false},
	"created":     {moments, `$.created`, false},
	"revoked":     {moments, `$.revoked`, true},
}

var ofUsers = columns{
	"id":                {number, `$.id`, false},
	"username":          {text, `$.username`, false},
	"first_name":        {text, `$.first_name`, false},
	"last_name":         {text, `$.last_name`, false},
	"email":             {text, `$.email`, false},
	"is_superuser":      {boolean, `$.is_superuser`, false},
	"is_system_auditor": {boolean, `$.is_system_auditor`, false},
	"is_active":         {boolean, `$.is_active`, false},
	"created":           {moments, `$.created`, false},
	"modified":          {moments, `$.modified`, false},
	"last_login":        {moments, `$.last_login`, true},
}

var ofOrganizations = columns{
	"id":          {number, `$.id`, false},
	"name":        {text, `$.name`, false},
	"description": {text, `$.description`, false},
	"max_hosts":   {number, `$.max_hosts`, false},
	"created_by":  {number, `$.created_by`, true},
	"modified_by": {number, `$.modified_by`, true},
	"created":     {moments, `$.created`, false},
	"modified":    {moments, `$.modified`, false},
}

var ofActivities = columns{
	"id":         {number, `$.id`, false},
	"time":       {moments, `$.time`, false},
	"operation":  {text, `$.operation`, false},
	"node":       {text, `$.node`, false},
	"actor_name": {text, `$.actor_name`, false},
	"object":     {text, `$.object`, false},
	"object_id":  {number, `$.object_id`, true},
	"object2":    {text, `$.object2`, false},
	"object2_id": {number, `$.object2_id`, true},
	"role":       {text, `$.role`, false},
	"setting":    {text, `$.setting`, false},
	"changes":    {text, `$.changes`, false},
}
