package oauth_test

import (
	"context"
	"errors"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var errDisk = errors.New("disk on fire")

// faultyStore fails at its n-th write, in its n-th transaction's commit, or at
// every read, if told to.
type faultyStore struct {
	tokencore.Store
	failAt     int // 1: the first write of the next transactions; 0: none
	writes     int // since failAt was set
	failCommit bool
	failReads  bool
}

// arm makes the n-th write from now on fail.
func (s *faultyStore) arm(n int) { s.failAt, s.writes = n, 0 }

func (s *faultyStore) Update(ctx context.Context, fn func(tokencore.Tx) error) error {
	return s.Store.Update(ctx, func(tx tokencore.Tx) error {
		if err := fn(&faultyTx{tx, s}); err != nil {
			return err
		}
		if s.failCommit {
			return tokencore.Unavailable("committing", errDisk)
		}
		return nil
	})
}

func (s *faultyStore) write(write func() error) error {
	if s.writes++; s.writes == s.failAt {
		return tokencore.Unavailable("writing", errDisk)
	}
	return write()
}

func read[T any](s *faultyStore, read func() (T, error)) (none T, err error) {
	if s.failReads {
		return none, tokencore.Unavailable("reading", errDisk)
	}
	return read()
}

func (s *faultyStore) ApplicationByClientID(ctx context.Context, id string) (tokencore.Application, error) {
	return read(s, func() (tokencore.Application, error) { return s.Store.ApplicationByClientID(ctx, id) })
}

type faultyTx struct {
	tokencore.Tx
	s *faultyStore
}

func (t *faultyTx) CreateToken(ctx context.Context, row *tokencore.Token) error {
	return t.s.write(func() error { return t.Tx.CreateToken(ctx, row) })
}

func (t *faultyTx) DeleteToken(ctx context.Context, id int64) error {
	return t.s.write(func() error { return t.Tx.DeleteToken(ctx, id) })
}

func (t *faultyTx) CreateRefreshToken(ctx context.Context, row *tokencore.RefreshToken) error {
	return t.s.write(func() error { return t.Tx.CreateRefreshToken(ctx, row) })
}

func (t *faultyTx) RevokeRefreshToken(ctx context.Context, id int64, at time.Time) error {
	return t.s.write(func() error { return t.Tx.RevokeRefreshToken(ctx, id, at) })
}

func (t *faultyTx) CreateCode(ctx context.Context, row *tokencore.AuthorizationCode) error {
	return t.s.write(func() error { return t.Tx.CreateCode(ctx, row) })
}

func (t *faultyTx) ConsumeCode(ctx context.Context, digest tokencore.Digest, at time.Time) error {
	return t.s.write(func() error { return t.Tx.ConsumeCode(ctx, digest, at) })
}

func (t *faultyTx) AppendActivity(ctx context.Context, row *tokencore.Activity) error {
	return t.s.write(func() error { return t.Tx.AppendActivity(ctx, row) })
}
