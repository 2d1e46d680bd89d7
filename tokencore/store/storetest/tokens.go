package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var tokenTests = []test{
	{"what was created comes back by id and by digest", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		o := s.token(t, "token", 1, a.ID)
		byID, err := s.Token(s.ctx, o.ID)
		same(t, "by id", found(t, byID, err), o)
		byDigest, err := s.TokenByDigest(s.ctx, o.Digest)
		same(t, "by digest", found(t, byDigest, err), o)
		page, count, err := s.Tokens(s.ctx, tokencore.Query{})
		same(t, "page", found(t, page, err), []tokencore.Token{o})
		same(t, "count", count, 1)
	}},
	{"a personal token belongs to no application and need not have been used", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		got, err := s.Token(s.ctx, o.ID)
		if found(t, got, err); !got.Personal() || !got.LastUsed.IsZero() {
			t.Errorf("got application %d, last used %v", got.ApplicationID, got.LastUsed)
		}
	}},
	{"an imported token keeps its last use", func(t *testing.T, s store) {
		o := tokencore.Token{
			Digest: digest(tokencore.KindAccess, "imported"), UserID: 1, Created: start, Modified: start, Expires: start,
			LastUsed: start.Add(time.Minute), LastUsedFrom: "192.0.2.1",
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
		got, err := s.Token(s.ctx, o.ID)
		same(t, "token", found(t, got, err), o)
	}},
	{"unknown ones are not found", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		row, err := s.Token(s.ctx, o.ID+1)
		missing(t, row, err)
		row, err = s.TokenByDigest(s.ctx, digest(tokencore.KindAccess, "other"))
		missing(t, row, err)
		row, err = s.TokenByDigest(s.ctx, tokencore.Digest{})
		missing(t, row, err)
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.UpdateToken(s.ctx, tokencore.Token{ID: o.ID + 1}) })
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.DeleteToken(s.ctx, o.ID+1) })
	}},
	{"a value of one kind never matches a row of another", func(t *testing.T, s store) {
		r := s.refreshToken(t, "same", 1, 0, 0)
		row, err := s.TokenByDigest(s.ctx, digest(tokencore.KindAccess, "same"))
		missing(t, row, err)
		row, err = s.TokenByDigest(s.ctx, r.Digest)
		missing(t, row, err)
	}},
	{"a digest exists once", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		s.refuse(t, tokencore.ErrConflict, func(tx tokencore.Tx) error {
			return tx.CreateToken(s.ctx, &tokencore.Token{Digest: o.Digest, UserID: 2, Expires: start})
		})
	}},
	{"no token can be made for an application that is gone", func(t *testing.T, s store) {
		orphan := tokencore.Token{Digest: digest(tokencore.KindAccess, "orphan"), UserID: 1, ApplicationID: 77, Expires: start}
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &orphan) })
		row, err := s.TokenByDigest(s.ctx, orphan.Digest)
		missing(t, row, err)
	}},
	{"an update overwrites description, scope, expires and modified, and nothing else", func(t *testing.T, s store) {
		a := s.application(t, "app", 4)
		o := s.token(t, "token", 1, a.ID)
		change := tokencore.Token{
			ID: o.ID, Digest: digest(tokencore.KindAccess, "other"), Hint: "other", UserID: 9, GrantID: "other",
			Description: "new", Scope: "read", SourceID: 7, Created: start.Add(time.Minute), Modified: start.Add(2 * time.Minute),
			Expires: start.Add(3 * time.Minute), LastUsed: start, LastUsedFrom: "other", Refreshable: true,
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.UpdateToken(s.ctx, change) })
		want := o
		want.Description, want.Scope, want.Modified, want.Expires = "new", "read", change.Modified, change.Expires
		got, err := s.Token(s.ctx, o.ID)
		same(t, "token", found(t, got, err), want)
	}},
	{"deleting one leaves its refresh token without an access token", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		r := s.refreshToken(t, "refresh", 1, 0, o.ID)
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteToken(s.ctx, o.ID) })
		row, err := s.TokenByDigest(s.ctx, o.Digest)
		missing(t, row, err)
		r.TokenID = 0
		got, err := s.RefreshTokenByDigest(s.ctx, r.Digest)
		same(t, "refresh token", found(t, got, err), r)
	}},
	{"an id is never used again", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteToken(s.ctx, o.ID) })
		if again := s.token(t, "token", 1, 0); again.ID <= o.ID {
			t.Errorf("id %d came after id %d", again.ID, o.ID)
		}
	}},
	{"refreshable says whether a refresh token points to the token", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		check := func(what string, want bool) {
			t.Helper()
			byDigest, err := s.TokenByDigest(s.ctx, o.Digest)
			same(t, what+", by digest", found(t, byDigest, err).Refreshable, want)
			_, count, err := s.Tokens(s.ctx, tokencore.Query{Where: tokencore.Eq("refreshable", want)})
			same(t, what+", in a query", found(t, count, err), 1)
		}
		check("before", false)
		one, two := s.refreshToken(t, "one", 1, 0, o.ID), s.refreshToken(t, "two", 1, 0, o.ID)
		check("with two", true)
		s.update(t, func(tx tokencore.Tx) error { return deleteRefresh(s, tx, one.ID) })
		check("with one", true)
		s.update(t, func(tx tokencore.Tx) error { return deleteRefresh(s, tx, two.ID) })
		check("after", false)
	}},
	{"a token names the refresh token it was obtained with, until that is deleted", func(t *testing.T, s store) {
		r := s.refreshToken(t, "refresh", 1, 0, 0)
		obtained := make([]tokencore.Token, 2)
		for i := range obtained {
			obtained[i] = tokencore.Token{
				Digest: digest(tokencore.KindAccess, i), UserID: 1, SourceID: r.ID, Created: start, Modified: start, Expires: start,
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &obtained[i]) })
		}
		for _, o := range obtained {
			got, err := s.TokenByDigest(s.ctx, o.Digest)
			same(t, "before", found(t, got, err), o)
		}
		s.update(t, func(tx tokencore.Tx) error { return tx.DeleteToken(s.ctx, obtained[0].ID) })
		got := s.changes(t, func(tx tokencore.Tx) error { return deleteRefresh(s, tx, r.ID) })
		same(t, "changes", len(got), 0)
		obtained[1].SourceID = 0
		left, _, err := s.Tokens(s.ctx, tokencore.Query{})
		same(t, "after", found(t, left, err), obtained[1:])
	}},
	{"no token can be obtained with a refresh token that is gone", func(t *testing.T, s store) {
		orphan := tokencore.Token{Digest: digest(tokencore.KindAccess, "orphan"), UserID: 1, SourceID: 77, Expires: start}
		s.refuse(t, tokencore.ErrNotFound, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &orphan) })
	}},
	{"a chain of refreshed tokens goes with its user and with its application", func(t *testing.T, s store) {
		chain := func(user, application int64) {
			t.Helper()
			first := s.refreshToken(t, fmt.Sprint("first of ", user, application), user, application, 0)
			o := tokencore.Token{
				Digest: digest(tokencore.KindAccess, user, application), UserID: user, ApplicationID: application, SourceID: first.ID, Expires: start,
			}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
			s.refreshToken(t, fmt.Sprint("second of ", user, application), user, application, o.ID)
		}
		u, a := s.user(t, "ann"), s.application(t, "app", 4)
		chain(u.ID, 0)
		chain(77, a.ID)
		s.update(t, func(tx tokencore.Tx) error {
			return errors.Join(tx.DeleteUser(s.ctx, u.ID), tx.DeleteApplication(s.ctx, a.ID))
		})
		_, tokens, err := s.Tokens(s.ctx, tokencore.Query{})
		same(t, "tokens", found(t, tokens, err), 0)
		_, refresh, err := s.RefreshTokens(s.ctx, tokencore.Query{})
		same(t, "refresh tokens", found(t, refresh, err), 0)
	}},
	{"touching keeps the latest use and ignores unknown ids", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		touch := func(uses ...tokencore.TokenUse) {
			t.Helper()
			s.update(t, func(tx tokencore.Tx) error { return tx.TouchTokens(s.ctx, uses) })
		}
		touch()
		touch(
			tokencore.TokenUse{TokenID: o.ID + 1, Time: start, From: "192.0.2.9"},
			tokencore.TokenUse{TokenID: o.ID, Time: start.Add(time.Minute), From: "192.0.2.1"},
			tokencore.TokenUse{TokenID: o.ID, Time: start, From: "192.0.2.2"},
		)
		touch(tokencore.TokenUse{TokenID: o.ID, Time: start.Add(time.Second), From: "192.0.2.3"})
		o.LastUsed, o.LastUsedFrom = start.Add(time.Minute), "192.0.2.1"
		got, err := s.Token(s.ctx, o.ID)
		same(t, "token", found(t, got, err), o)
	}},
}

func deleteRefresh(s store, tx tokencore.Tx, id int64) error {
	_, err := tx.DeleteRefreshTokens(s.ctx, []int64{id})
	return err
}
