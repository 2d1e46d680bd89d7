package tokencore

import (
	"context"
	"errors"
	"fmt"
)

// Verifier tells whose live token a digest belongs to. Service asks the store;
// tokencache.Cache remembers.
//
// The answer is a Principal, an error that matches ErrInvalidToken, or one that
// matches ErrUnavailable, and nothing else.
type Verifier interface {
	Verify(ctx context.Context, digest Digest) (*Principal, error)
}

// Verify looks the token up and checks that it has not expired and that its user
// exists, is active (AWX forgot this check) and is still the one for whom the token was
// made: a directory may give the id of a deleted user to somebody else, its AnsibleID never.
// ErrUnknownToken is only for a token that is not in the store.
func (s *Service) Verify(ctx context.Context, digest Digest) (*Principal, error) {
	t, err := s.store.TokenByDigest(ctx, digest)
	if errors.Is(err, ErrNotFound) {
		return nil, ErrUnknownToken
	}
	if err != nil {
		return nil, verifyError("looking up token", err)
	}
	if !s.now().Before(t.Expires) {
		return nil, ErrInvalidToken
	}
	user, err := s.directory.User(ctx, t.UserID)
	if err != nil {
		return nil, verifyError("looking up token's user", err)
	}
	if !user.IsActive || user.AnsibleID != t.UserAnsibleID {
		return nil, ErrInvalidToken
	}
	user.PasswordHash = "" // nobody who holds a Principal needs it
	return &Principal{
		TokenID: t.ID, ApplicationID: t.ApplicationID, GrantID: t.GrantID,
		Scope: ScopeOf(t.Scope), Expires: t.Expires, User: user,
	}, nil
}

// verifyError keeps the promise of Verifier: a definite "no such row" is invalid,
// everything else is unknown.
func verifyError(doing string, err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrInvalidToken
	}
	return fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, err)
}

var _ Verifier = (*Service)(nil)
