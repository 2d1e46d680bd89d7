package storetest

import (
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// through names the fields of a row as they are reached from another row.
func through(relation string, fields []field) []field {
	reached := make([]field, len(fields))
	for i, f := range fields {
		reached[i] = field{tokencore.Field(relation) + "." + f.name, f.low, f.high, true}
	}
	return reached
}

// The own fields of the first two users, organizations, applications and tokens
// that the functions below make.
var (
	userFields = []field{
		{name: "id", low: int64(1), high: int64(2)},
		{name: "username", low: "user a", high: "user b"},
		{name: "first_name", low: "first a", high: "first b"},
		{name: "last_name", low: "last a", high: "last b"},
		{name: "email", low: "a@example.com", high: "b@example.com"},
		{name: "is_superuser", low: false, high: true},
		{name: "is_system_auditor", low: false, high: true},
		{name: "is_active", low: false, high: true},
		{name: "created", low: minute(0), high: minute(1)},
		{name: "modified", low: minute(0), high: minute(1)},
		{name: "last_login", low: minute(0), high: minute(1)},
	}
	organizationFields = []field{
		{name: "id", low: int64(1), high: int64(2)},
		{name: "name", low: "org a", high: "org b"},
		{name: "description", low: "desc a", high: "desc b"},
		{name: "max_hosts", low: int64(1), high: int64(2)},
		{name: "created_by", low: int64(1), high: int64(2)},
		{name: "modified_by", low: int64(1), high: int64(2)},
		{name: "created", low: minute(0), high: minute(1)},
		{name: "modified", low: minute(0), high: minute(1)},
	}
	applicationFields = []field{
		{name: "id", low: int64(1), high: int64(2)},
		{name: "name", low: "app a", high: "app b"},
		{name: "description", low: "desc a", high: "desc b"},
		{name: "client_type", low: "type a", high: "type b"},
		{name: "redirect_uris", low: "uri a", high: "uri b"},
		{name: "grant_type", low: "grant a", high: "grant b"},
		{name: "skip_authorization", low: false, high: true},
		{name: "organization", low: int64(1), high: int64(2)},
		{name: "user", low: int64(1), high: int64(2)},
		{name: "created", low: minute(0), high: minute(1)},
		{name: "modified", low: minute(0), high: minute(1)},
	}
	tokenFields = []field{
		{name: "id", low: int64(1), high: int64(2)},
		{name: "description", low: "desc a", high: "desc b"},
		{name: "scope", low: "scope a", high: "scope b"},
		{name: "user", low: int64(1), high: int64(2)},
		{name: "application", low: int64(1), high: int64(2)},
		{name: "organization", low: int64(1), high: int64(2)},
		{name: "created", low: minute(0), high: minute(1)},
		{name: "modified", low: minute(0), high: minute(1)},
		{name: "expires", low: minute(0), high: minute(1)},
		{name: "last_used", low: minute(0), high: minute(1)},
		{name: "grant", low: "grant a", high: "grant b"},
	}
)

// accounts makes two users and two organizations with ids 1 and 2.
func (s store) accounts(t *testing.T) {
	t.Helper()
	for i := range 2 {
		u := tokencore.User{
			Username: "user " + letter(i), FirstName: "first " + letter(i), LastName: "last " + letter(i), Email: letter(i) + "@example.com",
			IsSuperuser: i > 0, IsSystemAuditor: i > 0, IsActive: i > 0, Created: minute(i), Modified: minute(i), LastLogin: minute(i),
		}
		o := tokencore.Organization{
			Name: "org " + letter(i), Description: "desc " + letter(i), MaxHosts: int64(i + 1), CreatedBy: int64(i + 1),
			ModifiedBy: int64(i + 1), Created: minute(i), Modified: minute(i),
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &u) })
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateOrganization(s.ctx, &o) })
	}
}

// applications makes two applications with ids 1 and 2.
func (s store) applications(t *testing.T) {
	t.Helper()
	for i := range 2 {
		a := tokencore.Application{
			Name: "app " + letter(i), Description: "desc " + letter(i), ClientID: letter(i),
			ClientType: tokencore.ClientType("type " + letter(i)), RedirectURIs: "uri " + letter(i),
			GrantType: tokencore.GrantType("grant " + letter(i)), SkipAuthorization: i > 0,
			OrganizationID: int64(i + 1), UserID: int64(i + 1), Created: minute(i), Modified: minute(i),
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
	}
}

// tokens makes two tokens with ids 1 and 2, of two applications.
func (s store) tokens(t *testing.T) {
	t.Helper()
	s.applications(t)
	for i := range 2 {
		o := tokencore.Token{
			Digest: digest(tokencore.KindAccess, i), UserID: int64(i + 1), ApplicationID: int64(i + 1), GrantID: "grant " + letter(i),
			Description: "desc " + letter(i), Scope: "scope " + letter(i), Created: minute(i), Modified: minute(i),
			Expires: minute(i), LastUsed: minute(i),
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
	}
}
