package storetest

import (
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

func (s store) application(t *testing.T, name string, organization int64) tokencore.Application {
	t.Helper()
	a := tokencore.Application{
		Name:              name,
		Description:       "made by " + name,
		ClientID:          "client-" + name,
		SecretDigest:      digest(tokencore.KindClient, name),
		ClientType:        tokencore.Confidential,
		RedirectURIs:      "https://example.com/a https://example.com/b",
		GrantType:         tokencore.GrantAuthorizationCode,
		SkipAuthorization: true,
		OrganizationID:    organization,
		UserID:            3,
		Created:           start,
		Modified:          start.Add(time.Second),
	}
	s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
	return a
}

func (s store) token(t *testing.T, name string, user, application int64) tokencore.Token {
	t.Helper()
	o := tokencore.Token{
		Digest:        digest(tokencore.KindAccess, name),
		Hint:          "wxyz",
		UserID:        user,
		UserAnsibleID: "uuid-of-" + name,
		ApplicationID: application,
		GrantID:       "grant-" + name,
		Description:   "made by " + name,
		Scope:         "read  write",
		Created:       start,
		Modified:      start.Add(time.Second),
		Expires:       start.Add(time.Hour),
	}
	s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
	return o
}

func (s store) refreshToken(t *testing.T, name string, user, application, token int64) tokencore.RefreshToken {
	t.Helper()
	r := tokencore.RefreshToken{
		Digest:        digest(tokencore.KindRefresh, name),
		Hint:          "abcd",
		UserID:        user,
		UserAnsibleID: "uuid-of-" + name,
		ApplicationID: application,
		TokenID:       token,
		GrantID:       "grant-" + name,
		Scope:         "read",
		Created:       start,
	}
	s.update(t, func(tx tokencore.Tx) error { return tx.CreateRefreshToken(s.ctx, &r) })
	return r
}

func (s store) code(t *testing.T, name string, user, application int64, expires time.Time) tokencore.AuthorizationCode {
	t.Helper()
	c := tokencore.AuthorizationCode{
		Digest:          digest(tokencore.KindCode, name),
		UserID:          user,
		UserAnsibleID:   "uuid-of-" + name,
		ApplicationID:   application,
		GrantID:         "grant-" + name,
		RedirectURI:     "https://example.com/a?b=c",
		Scope:           "read write",
		Challenge:       "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
		ChallengeMethod: "S256",
		Created:         start,
		Expires:         expires,
	}
	s.update(t, func(tx tokencore.Tx) error { return tx.CreateCode(s.ctx, &c) })
	return c
}

func (s store) session(t *testing.T, name string, user int64, created time.Time) tokencore.Session {
	t.Helper()
	one := tokencore.Session{
		Digest: digest(tokencore.KindSession, name), UserID: user, Created: created, Expires: created.Add(time.Hour),
	}
	s.update(t, func(tx tokencore.Tx) error { return tx.CreateSession(s.ctx, one) })
	return one
}

func (s store) user(t *testing.T, name string) tokencore.User {
	t.Helper()
	u := tokencore.User{
		AnsibleID:       "uuid-" + name,
		Username:        name,
		FirstName:       "First " + name,
		LastName:        "Last " + name,
		Email:           name + "@example.com",
		IsSuperuser:     true,
		IsSystemAuditor: true,
		IsActive:        true,
		PasswordHash:    "argon2id$of-" + name,
		LDAPDN:          "uid=" + name,
		External:        "ldap",
		Social:          []tokencore.SocialLogin{{Provider: "github", UID: "gh-" + name}, {Provider: "saml", UID: `a"b`}},
		Created:         start,
		Modified:        start.Add(time.Second),
		LastLogin:       start.Add(time.Minute),
	}
	s.update(t, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &u) })
	return u
}

func (s store) organization(t *testing.T, name string) tokencore.Organization {
	t.Helper()
	o := tokencore.Organization{
		AnsibleID:   "uuid-" + name,
		Name:        name,
		Description: "made by " + name,
		CreatedBy:   7,
		ModifiedBy:  8,
		MaxHosts:    9,
		Created:     start,
		Modified:    start.Add(time.Second),
	}
	s.update(t, func(tx tokencore.Tx) error { return tx.CreateOrganization(s.ctx, &o) })
	return o
}

func (s store) grantRole(t *testing.T, organization, user int64, role tokencore.Role) {
	t.Helper()
	s.update(t, func(tx tokencore.Tx) error { return tx.GrantRole(s.ctx, organization, user, role) })
}
