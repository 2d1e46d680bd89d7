package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

var contextTests = []test{
	{"a cancelled context is a technical failure, never an answer", func(t *testing.T, s store) {
		k := everyKind(t, s)
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		var all tokencore.Query
		for name, call := range map[string]func() error{
			"Ping":                  func() error { return s.Ping(ctx) },
			"Update":                func() error { return s.Update(ctx, func(tokencore.Tx) error { return nil }) },
			"Application":           func() error { _, err := s.Application(ctx, k.application.ID); return err },
			"ApplicationByClientID": func() error { _, err := s.ApplicationByClientID(ctx, "none"); return err },
			"Applications":          func() error { _, _, err := s.Applications(ctx, all); return err },
			"Token":                 func() error { _, err := s.Token(ctx, k.token.ID); return err },
			"TokenByDigest":         func() error { _, err := s.TokenByDigest(ctx, tokencore.Digest{}); return err },
			"Tokens":                func() error { _, _, err := s.Tokens(ctx, all); return err },
			"RefreshTokenByDigest":  func() error { _, err := s.RefreshTokenByDigest(ctx, k.refresh.Digest); return err },
			"RefreshTokens":         func() error { _, _, err := s.RefreshTokens(ctx, all); return err },
			"CodeByDigest":          func() error { _, err := s.CodeByDigest(ctx, tokencore.Digest{}); return err },
			"Session":               func() error { _, err := s.Session(ctx, k.session.Digest); return err },
			"Sessions":              func() error { _, err := s.Sessions(ctx, k.user.ID); return err },
			"User":                  func() error { _, err := s.User(ctx, 12345); return err },
			"UserByName":            func() error { _, err := s.UserByName(ctx, "ann"); return err },
			"Users":                 func() error { _, _, err := s.Users(ctx, all); return err },
			"Organization":          func() error { _, err := s.Organization(ctx, 12345); return err },
			"OrganizationByName":    func() error { _, err := s.OrganizationByName(ctx, "org"); return err },
			"Organizations":         func() error { _, _, err := s.Organizations(ctx, all); return err },
			"Roles":                 func() error { _, err := s.Roles(ctx, k.user.ID); return err },
			"Holders":               func() error { _, err := s.Holders(ctx, k.organization.ID, tokencore.RoleAdmin); return err },
			"StoredSettings":        func() error { _, err := s.StoredSettings(ctx); return err },
			"Activities":            func() error { _, _, err := s.Activities(ctx, all); return err },
		} {
			err := call()
			if !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, tokencore.ErrNotFound) {
				t.Errorf("%s: got %v, want only %q", name, err, tokencore.ErrUnavailable)
			}
		}
	}},
	{"a context that ends inside fn undoes everything", func(t *testing.T, s store) {
		ctx, cancel := context.WithCancel(s.ctx)
		defer cancel()
		err := s.Update(ctx, func(tx tokencore.Tx) error {
			err := tx.CreateUser(s.ctx, &tokencore.User{Username: "ann"})
			cancel()
			return err
		})
		if !errors.Is(err, tokencore.ErrUnavailable) {
			t.Errorf("got %v, want %q", err, tokencore.ErrUnavailable)
		}
		_, err = s.UserByName(s.ctx, "ann")
		missing(t, "ann", err)
		s.user(t, "bob")
	}},
}
