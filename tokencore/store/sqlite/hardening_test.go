package sqlite_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// No credential may be in the files: a backup of them must be worth nothing.
func TestFiles_HoldNoCredential(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	var secrets []tokencore.Secret
	secret := func(length int) tokencore.Secret {
		made, err := tokencore.GenerateSecret(nil, length)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, made)
		return made
	}
	access, refresh, code := secret(tokencore.TokenLength), secret(tokencore.TokenLength), secret(tokencore.TokenLength)
	client := secret(tokencore.ClientSecretLength)
	apply(t, s, func(tx tokencore.Tx) error {
		a := tokencore.Application{Name: "app", ClientID: "id", SecretDigest: client.Digest(tokencore.KindClient)}
		o := tokencore.Token{Digest: access.Digest(tokencore.KindAccess), Hint: access.Hint(), UserID: 1}
		r := tokencore.RefreshToken{Digest: refresh.Digest(tokencore.KindRefresh), Hint: refresh.Hint(), UserID: 1}
		c := tokencore.AuthorizationCode{Digest: code.Digest(tokencore.KindCode), UserID: 1}
		return errors.Join(tx.CreateApplication(t.Context(), &a), tx.CreateToken(t.Context(), &o),
			tx.CreateRefreshToken(t.Context(), &r), tx.CreateCode(t.Context(), &c))
	})
	check := func(when string) {
		t.Helper()
		for name, content := range contents(t, path) {
			for i, s := range secrets {
				if strings.Contains(content, s.Reveal()) {
					t.Errorf("%s holds credential %d %s", name, i, when)
				}
			}
		}
	}
	check("while open")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check("after Close")
}

// SQLite may roll back by itself when a disk is full. If fn ignored that error,
// later writes would be outside of any transaction.
func TestUpdate_ATechnicalFailureIsFinal(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	err := s.Update(t.Context(), func(tx tokencore.Tx) error {
		_ = tx.CreateToken(t.Context(), new(numbered(1)))
		_ = tx.GrantRole(t.Context(), 1, 1, "no such role") // breaks a CHECK
		if err := tx.CreateToken(t.Context(), new(numbered(2))); !errors.Is(err, tokencore.ErrUnavailable) {
			t.Errorf("the write after the failure: %v", err)
		}
		return nil
	})
	if !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("got %v, want %q", err, tokencore.ErrUnavailable)
	}
	if _, count, err := s.Tokens(t.Context(), tokencore.Query{}); err != nil || count != 0 {
		t.Errorf("%d tokens, %v", count, err)
	}
}

func TestUpdate_AFailureThatFnIgnoresIsReported(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	err := s.Update(t.Context(), func(tx tokencore.Tx) error {
		_ = tx.GrantRole(t.Context(), 1, 1, "no such role")
		return nil
	})
	if !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("got %v, want %q", err, tokencore.ErrUnavailable)
	}
}

// A context that ends while BEGIN runs must not leave a transaction open on the
// one connection that writes: nobody could write any more.
func TestUpdate_ContextsThatEndAtAnyMomentLeaveNoTransactionBehind(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	written := 0
	for i := range 2000 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%200)*time.Microsecond)
		token := numbered(int64(i))
		err := s.Update(ctx, func(tx tokencore.Tx) error { return tx.CreateToken(ctx, &token) })
		cancel()
		switch {
		case err == nil:
			written++
		case !errors.Is(err, tokencore.ErrUnavailable):
			t.Fatalf("after %d µs: %v", i, err)
		}
	}
	apply(t, s, func(tx tokencore.Tx) error { return tx.CreateToken(t.Context(), new(numbered(9999))) })
	if _, count, err := s.Tokens(t.Context(), tokencore.Query{}); err != nil || count != written+1 {
		t.Errorf("%d tokens, %v; %d were acknowledged", count, err, written+1)
	}
}

// The same for readers: a snapshot that is never given back would show revoked
// tokens for ever to whoever gets that connection next.
func TestReads_ContextsThatEndAtAnyMomentLeaveNoOldSnapshotBehind(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	token := numbered(1)
	apply(t, s, func(tx tokencore.Tx) error { return tx.CreateToken(t.Context(), &token) })
	for i := range 300 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Microsecond)
		_, _, _ = s.Tokens(ctx, tokencore.Query{})
		_, _ = s.TokenByDigest(ctx, token.Digest)
		cancel()
	}
	apply(t, s, func(tx tokencore.Tx) error { return tx.DeleteToken(t.Context(), token.ID) })
	var all sync.WaitGroup
	for range 64 { // more than there are connections
		all.Go(func() {
			if _, err := s.TokenByDigest(t.Context(), token.Digest); !errors.Is(err, tokencore.ErrNotFound) {
				t.Errorf("got %v, want %q", err, tokencore.ErrNotFound)
			}
		})
	}
	all.Wait()
}
