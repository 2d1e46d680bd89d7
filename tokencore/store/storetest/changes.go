package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var changeTests = []test{
	{"a change is delivered after the commit and before Update returns", func(t *testing.T, s store) {
		var heard recorder
		s.Watch(s.ctx, heard.add)
		s.update(t, func(tx tokencore.Tx) error {
			err := tx.PutSetting(s.ctx, "A", json.RawMessage(`1`))
			same(t, "changes before the commit", len(heard.all()), 0)
			return err
		})
		same(t, "changes after Update", heard.all(), []tokencore.Change{{Kind: tokencore.ChangeSettings}})
	}},
	{"every watcher hears every change", func(t *testing.T, s store) {
		var one, two recorder
		s.Watch(s.ctx, one.add)
		s.Watch(s.ctx, two.add)
		s.update(t, func(tx tokencore.Tx) error { return tx.PutSetting(s.ctx, "A", json.RawMessage(`1`)) })
		same(t, "first watcher", one.all(), []tokencore.Change{{Kind: tokencore.ChangeSettings}})
		same(t, "second watcher", two.all(), []tokencore.Change{{Kind: tokencore.ChangeSettings}})
	}},
	{"an announcement reaches the watchers, and no store", func(t *testing.T, s store) {
		var heard recorder
		s.Watch(s.ctx, heard.add)
		gone := []tokencore.Change{{Kind: tokencore.ChangeToken, ID: 7}, {Kind: tokencore.ChangeUser, ID: 8}}
		s.Announce(gone...)
		same(t, "changes", heard.all(), gone)
	}},
	{"a watch ends with its context", func(t *testing.T, s store) {
		ctx, cancel := context.WithCancel(s.ctx)
		var heard recorder
		s.Watch(ctx, heard.add)
		cancel()
		s.update(t, func(tx tokencore.Tx) error { return tx.PutSetting(s.ctx, "A", json.RawMessage(`1`)) })
		same(t, "changes", len(heard.all()), 0)
	}},
	{"a transaction that fails publishes nothing", func(t *testing.T, s store) {
		before := everyKind(t, s)
		var heard recorder
		s.Watch(s.ctx, heard.add)
		refusal := errors.New("refused")
		s.refuse(t, refusal, func(tx tokencore.Tx) error {
			return errors.Join(before.destroy(s, tx), refusal)
		})
		func() {
			defer func() { _ = recover() }()
			_ = s.Update(s.ctx, func(tx tokencore.Tx) error {
				_ = before.destroy(s, tx)
				panic("boom")
			})
		}()
		same(t, "changes", len(heard.all()), 0)
	}},
	{"every write that verification depends on publishes its change", func(t *testing.T, s store) {
		k := everyKind(t, s)
		issued := tokencore.Token{Digest: digest(tokencore.KindAccess, "issued"), UserID: 1, Expires: start}
		tests := []struct {
			write string
			fn    func(tx tokencore.Tx) error
			want  []tokencore.Change
		}{
			{
				"CreateToken", func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &issued) },
				[]tokencore.Change{{Kind: tokencore.ChangeIssued, ID: issued.Digest.Key()}},
			},
			{
				"UpdateToken", func(tx tokencore.Tx) error { return tx.UpdateToken(s.ctx, k.token) },
				[]tokencore.Change{{Kind: tokencore.ChangeToken, ID: k.token.ID}},
			},
			{
				"UpdateApplication", func(tx tokencore.Tx) error { return tx.UpdateApplication(s.ctx, k.application) },
				[]tokencore.Change{{Kind: tokencore.ChangeApplication, ID: k.application.ID}},
			},
			{
				"UpdateUser", func(tx tokencore.Tx) error { return tx.UpdateUser(s.ctx, k.user) },
				[]tokencore.Change{{Kind: tokencore.ChangeUser, ID: k.user.ID}},
			},
			{
				"PutSetting", func(tx tokencore.Tx) error { return tx.PutSetting(s.ctx, "A", json.RawMessage(`1`)) },
				[]tokencore.Change{{Kind: tokencore.ChangeSettings}},
			},
			{
				"DeleteSetting", func(tx tokencore.Tx) error { return tx.DeleteSetting(s.ctx, "A") },
				[]tokencore.Change{{Kind: tokencore.ChangeSettings}},
			},
			{"TouchTokens", func(tx tokencore.Tx) error {
				return tx.TouchTokens(s.ctx, []tokencore.TokenUse{{TokenID: k.token.ID, Time: start}})
			}, nil},
			{"the writers of sessions", func(tx tokencore.Tx) error {
				one := tokencore.Session{Digest: digest(tokencore.KindSession, "one"), UserID: 1}
				err := errors.Join(
					tx.CreateSession(s.ctx, one), tx.ExtendSession(s.ctx, one.Digest, start), tx.DeleteSession(s.ctx, one.Digest),
				)
				_, all := tx.DeleteSessions(s.ctx, 0, time.Time{}, 0)
				return errors.Join(err, all)
			}, nil},
			{"AppendActivity", func(tx tokencore.Tx) error { return tx.AppendActivity(s.ctx, &tokencore.Activity{Time: start}) }, nil},
			{
				"DeleteToken", func(tx tokencore.Tx) error { return tx.DeleteToken(s.ctx, k.token.ID) },
				[]tokencore.Change{{Kind: tokencore.ChangeToken, ID: k.token.ID}},
			},
			{
				"DeleteUser", func(tx tokencore.Tx) error { return tx.DeleteUser(s.ctx, k.user.ID) },
				[]tokencore.Change{{Kind: tokencore.ChangeUser, ID: k.user.ID}},
			},
		}
		for _, test := range tests {
			same(t, test.write, s.changes(t, test.fn), test.want)
		}
	}},
	{"DeleteApplication publishes the application and each of its tokens", func(t *testing.T, s store) {
		a := s.application(t, "app", 1)
		one, two := s.token(t, "one", 1, a.ID), s.token(t, "two", 2, a.ID)
		s.token(t, "personal", 1, 0)
		got := s.changes(t, func(tx tokencore.Tx) error { return tx.DeleteApplication(s.ctx, a.ID) })
		same(t, "changes", got, []tokencore.Change{
			{Kind: tokencore.ChangeToken, ID: one.ID},
			{Kind: tokencore.ChangeToken, ID: two.ID},
			{Kind: tokencore.ChangeApplication, ID: a.ID},
		})
	}},
	{"DeleteOrganization publishes its applications and each of their tokens", func(t *testing.T, s store) {
		o := s.organization(t, "org")
		a, b := s.application(t, "a", o.ID), s.application(t, "b", o.ID)
		token := s.token(t, "token", 1, b.ID)
		got := s.changes(t, func(tx tokencore.Tx) error { return tx.DeleteOrganization(s.ctx, o.ID) })
		same(t, "changes", got, []tokencore.Change{
			{Kind: tokencore.ChangeToken, ID: token.ID},
			{Kind: tokencore.ChangeApplication, ID: a.ID},
			{Kind: tokencore.ChangeApplication, ID: b.ID},
		})
	}},
	{"a write that is refused publishes nothing even if the transaction commits", func(t *testing.T, s store) {
		got := s.changes(t, func(tx tokencore.Tx) error {
			_ = tx.DeleteToken(s.ctx, 12345)
			_ = tx.UpdateUser(s.ctx, tokencore.User{ID: 12345, Username: "nobody"})
			_ = tx.DeleteApplication(s.ctx, 12345)
			return nil
		})
		same(t, "changes", len(got), 0)
	}},
}
