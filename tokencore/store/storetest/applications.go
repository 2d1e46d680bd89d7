package storetest

import (
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var applicationTests = []test{
	{"what was created comes back by id and by client id", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		byID, err := s.Application(s.ctx, a.ID)
		same(t, "by id", found(t, byID, err), a)
		byClient, err := s.ApplicationByClientID(s.ctx, a.ClientID)
		same(t, "by client id", found(t, byClient, err), a)
		page, count, err := s.Applications(s.ctx, tokencore.Query{})
		same(t, "page", found(t, page, err), []tokencore.Application{a})
		same(t, "count", count, 1)
	}},
	{"absent references come back as zero", func(t *testing.T, s store) {
		a := tokencore.Application{Name: "bare", Created: start, Modified: start}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
		got, err := s.Application(s.ctx, a.ID)
		same(t, "application", found(t, got, err), a)
	}},
	{"unknown ones are not found", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		row, err := s.Application(s.ctx, a.ID+1)
		missing(t, row, err)
		for _, clientID := range []string{"unknown", "client-APP", "client-app ", "client-%"} {
			row, err = s.ApplicationByClientID(s.ctx, clientID)
			missing(t, row, err)
		}
		gone := tokencore.Application{ID: a.ID + 1}
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.UpdateApplication(s.ctx, gone) })
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.DeleteApplication(s.ctx, gone.ID) })
	}},
	{"an empty client id is never matched and never in conflict", func(t *testing.T, s store) {
		for _, name := range []string{"one", "two"} {
			a := tokencore.Application{Name: name, OrganizationID: 1}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &a) })
		}
		row, err := s.ApplicationByClientID(s.ctx, "")
		missing(t, row, err)
	}},
	{"the pair of name and organization is unique", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		other := s.application(t, "other", 4)
		create := func(name string, organization int64) func(tx tokencore.Tx) error {
			return func(tx tokencore.Tx) error {
				return tx.CreateApplication(s.ctx, &tokencore.Application{Name: name, OrganizationID: organization})
			}
		}
		s.refuse(t, tokencore.ErrConflict, create("app", 4))
		s.update(t, create("app", 5))
		s.update(t, create("App", 4)) // compared exactly
		s.update(t, create("app", 0))
		s.update(t, create("app", 0)) // no organization never conflicts
		other.Name = a.Name
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error { return tx.UpdateApplication(s.ctx, other) })
	}},
	{"the client id is unique", func(t *testing.T, s store) {
		a, other := s.application(t, "app", 4), s.application(t, "other", 4)
		other.ClientID = a.ClientID
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error { return tx.UpdateApplication(s.ctx, other) })
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error {
			return tx.CreateApplication(s.ctx, &tokencore.Application{Name: "third", ClientID: a.ClientID})
		})
	}},
	{"an update overwrites every column", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		want := tokencore.Application{
			ID: a.ID, Name: "n", Description: "d", ClientID: "c", SecretDigest: digest(tokencore.KindClient, "new"),
			ClientType: tokencore.Public, RedirectURIs: "r", GrantType: tokencore.GrantPassword,
			Created: start.Add(time.Hour), Modified: start.Add(2 * time.Hour),
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.UpdateApplication(s.ctx, want) })
		got, err := s.Application(s.ctx, a.ID)
		same(t, "application", found(t, got, err), want)
		old, err := s.ApplicationByClientID(s.ctx, a.ClientID)
		missing(t, old, err)
	}},
	{"deleting one also deletes its tokens, refresh tokens and codes", func(t *testing.T, s store) {
		a, b := s.application(t, "a", 4), s.application(t, "b", 4)
		for _, owner := range []tokencore.Application{a, b} {
			token := s.token(t, owner.Name, 1, owner.ID)
			s.refreshToken(t, owner.Name, 1, owner.ID, token.ID)
			s.code(t, owner.Name, 1, owner.ID, start)
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteApplication(s.ctx, a.ID) })
		row, err := s.Application(s.ctx, a.ID)
		missing(t, row, err)
		s.checkCredentials(t, "a", false)
		s.checkCredentials(t, "b", true)
	}},
	{"an id is never used again", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteApplication(s.ctx, a.ID) })
		if again := s.application(t, "app", 4); again.ID <= a.ID {
			t.Errorf("id %d came after id %d", again.ID, a.ID)
		}
	}},
}

// checkCredentials fails unless token, refresh token and code of that name are all there or all gone.
func (s store) checkCredentials(t *testing.T, name string, there bool) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if there {
			found(t, name, err)
		} else {
			missing(t, name, err)
		}
	}
	_, err := s.TokenByDigest(s.ctx, digest(tokencore.KindAccess, name))
	check(err)
	_, err = s.RefreshTokenByDigest(s.ctx, digest(tokencore.KindRefresh, name))
	check(err)
	_, err = s.CodeByDigest(s.ctx, digest(tokencore.KindCode, name))
	check(err)
}
