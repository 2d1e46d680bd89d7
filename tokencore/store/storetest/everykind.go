package storetest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// rowsOfEveryKind is one row of each kind, to see that none of them changes.
type rowsOfEveryKind struct {
	organization tokencore.Organization
	user         tokencore.User
	application  tokencore.Application
	token        tokencore.Token
	refresh      tokencore.RefreshToken
	code         tokencore.AuthorizationCode
	session      tokencore.Session
}

func everyKind(t *testing.T, s store) rowsOfEveryKind {
	t.Helper()
	var k rowsOfEveryKind
	k.organization = s.organization(t, "org")
	k.user = s.user(t, "ann")
	s.grantRole(t, k.organization.ID, k.user.ID, tokencore.RoleAdmin)
	k.application = s.application(t, "app", k.organization.ID)
	k.token = s.token(t, "token", k.user.ID, k.application.ID)
	k.refresh = s.refreshToken(t, "refresh", k.user.ID, k.application.ID, k.token.ID)
	k.token.Refreshable = true
	k.code = s.code(t, "code", k.user.ID, k.application.ID, start)
	k.session = s.session(t, "session", k.user.ID, start)
	s.update(t, func(tx tokencore.Tx) error {
		return errors.Join(
			tx.PutSetting(s.ctx, "KEPT", json.RawMessage(`1`)),
			tx.AppendActivity(s.ctx, &tokencore.Activity{Time: start, Operation: tokencore.OperationCreate}),
		)
	})
	return k
}

// destroy changes everything there is, and adds to it.
func (k rowsOfEveryKind) destroy(s store, tx tokencore.Tx) error {
	renamed, disabled := k.application, k.user
	renamed.Name, renamed.ClientID = "renamed", "renamed"
	disabled.Username, disabled.IsActive = "renamed", false
	moved := k.organization
	moved.Name = "renamed"
	narrowed := k.token
	narrowed.Scope = "read"
	return errors.Join(
		tx.UpdateApplication(s.ctx, renamed),
		tx.UpdateUser(s.ctx, disabled),
		tx.UpdateOrganization(s.ctx, moved),
		tx.UpdateToken(s.ctx, narrowed),
		tx.TouchTokens(s.ctx, []tokencore.TokenUse{{TokenID: k.token.ID, Time: start}}),
		tx.RevokeRefreshToken(s.ctx, k.refresh.ID, start),
		tx.ConsumeCode(s.ctx, k.code.Digest, start),
		tx.ExtendSession(s.ctx, k.session.Digest, start),
		tx.CreateSession(s.ctx, tokencore.Session{Digest: digest(tokencore.KindSession, "new"), UserID: k.user.ID}),
		tx.CreateUser(s.ctx, &tokencore.User{Username: "new"}),
		tx.CreateToken(s.ctx, &tokencore.Token{
			Digest: digest(tokencore.KindAccess, "new"), UserID: k.user.ID, SourceID: k.refresh.ID, Expires: start,
		}),
		tx.PutSetting(s.ctx, "KEPT", json.RawMessage(`2`)),
		tx.PutSetting(s.ctx, "NEW", json.RawMessage(`3`)),
		tx.AppendActivity(s.ctx, &tokencore.Activity{Time: start.Add(time.Hour)}),
		tx.DeleteOrganization(s.ctx, k.organization.ID),
		tx.DeleteUser(s.ctx, k.user.ID),
	)
}

// check fails unless everything is as it was made.
func (k rowsOfEveryKind) check(t *testing.T, s store) {
	t.Helper()
	organization, err := s.Organization(s.ctx, k.organization.ID)
	same(t, "organization", found(t, organization, err), k.organization)
	user, err := s.UserByName(s.ctx, k.user.Username)
	same(t, "user", found(t, user, err), k.user)
	application, err := s.ApplicationByClientID(s.ctx, k.application.ClientID)
	same(t, "application", found(t, application, err), k.application)
	token, err := s.TokenByDigest(s.ctx, k.token.Digest)
	same(t, "token", found(t, token, err), k.token)
	refresh, err := s.RefreshTokenByDigest(s.ctx, k.refresh.Digest)
	same(t, "refresh token", found(t, refresh, err), k.refresh)
	code, err := s.CodeByDigest(s.ctx, k.code.Digest)
	same(t, "code", found(t, code, err), k.code)
	sessions, err := s.Sessions(s.ctx, k.user.ID)
	same(t, "sessions", found(t, sessions, err), []tokencore.Session{k.session})
	roles, err := s.Roles(s.ctx, k.user.ID)
	same(t, "roles", found(t, roles, err), tokencore.Roles{Admin: []int64{k.organization.ID}})
	settings, err := s.StoredSettings(s.ctx)
	same(t, "settings", found(t, settings, err), map[string]json.RawMessage{"KEPT": json.RawMessage(`1`)})

	_, users, err := s.Users(s.ctx, tokencore.Query{})
	same(t, "users", found(t, users, err), 1)
	_, tokens, err := s.Tokens(s.ctx, tokencore.Query{})
	same(t, "tokens", found(t, tokens, err), 1)
	_, entries, err := s.Activities(s.ctx, tokencore.Query{})
	same(t, "activity entries", found(t, entries, err), 1)
	noneNamed(t, s, "renamed")
}

func noneNamed(t *testing.T, s store, name string) {
	t.Helper()
	_, err := s.ApplicationByClientID(s.ctx, name)
	missing(t, "application", err)
	_, err = s.UserByName(s.ctx, name)
	missing(t, "user", err)
	_, err = s.OrganizationByName(s.ctx, name)
	missing(t, "organization", err)
}
