package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// Run checks a store. It calls open for every subtest, which must return a new
// and empty store, and closes what it got.
func Run(t *testing.T, open func(t *testing.T) tokencore.Store) {
	t.Helper()
	groups := []struct {
		name  string
		tests []test
	}{
		{"Transactions", transactionTests},
		{"Changes", changeTests},
		{"Applications", applicationTests},
		{"Tokens", tokenTests},
		{"RefreshTokens", refreshTokenTests},
		{"Codes", codeTests},
		{"Sessions", sessionTests},
		{"Users", userTests},
		{"Organizations", organizationTests},
		{"Roles", roleTests},
		{"Settings", settingTests},
		{"Activity", activityTests},
		{"Values", valueTests},
		{"Queries", queryTests},
		{"Fields", fieldTests},
		{"Relations", relationTests},
		{"RelationsToMany", toManyTests},
		{"Contexts", contextTests},
		{"Transfer", transferTests},
	}
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) {
			for _, one := range group.tests {
				t.Run(one.name, func(t *testing.T) {
					opened := open(t)
					t.Cleanup(func() {
						if err := opened.Close(); err != nil {
							t.Errorf("Close: %v", err)
						}
					})
					one.run(t, store{opened, t.Context()})
				})
			}
		})
	}
}

// test is one sentence of the contract.
type test struct {
	name string
	run  func(t *testing.T, s store)
}

// store is the store under test, with what every test does to it.
type store struct {
	tokencore.Store
	ctx context.Context //nolint:containedctx // the context of the test that the value was made for
}

// start is when everything in the tests happens.
var start = time.Date(2024, time.July, 2, 10, 30, 0, 123456000, time.UTC)

// update runs fn in a transaction that must succeed.
func (s store) update(t *testing.T, fn func(tx tokencore.Tx) error) {
	t.Helper()
	if err := s.Update(s.ctx, fn); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// refuse runs fn in a transaction that must fail with the sentinel.
func (s store) refuse(t *testing.T, want error, fn func(tx tokencore.Tx) error) {
	t.Helper()
	if err := s.Update(s.ctx, fn); !errors.Is(err, want) {
		t.Fatalf("Update: got %v, want an error that matches %q", err, want)
	}
}

// changes returns what an Update that must succeed publishes, in sorted order.
func (s store) changes(t *testing.T, fn func(tx tokencore.Tx) error) []tokencore.Change {
	t.Helper()
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	var heard recorder
	s.Watch(ctx, heard.add)
	s.update(t, fn)
	return heard.all()
}

// recorder collects changes.
type recorder struct {
	mu      sync.Mutex
	changes []tokencore.Change
}

func (r *recorder) add(c tokencore.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes = append(r.changes, c)
}

func (r *recorder) all() []tokencore.Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Clone(r.changes)
	slices.SortFunc(all, func(a, b tokencore.Change) int {
		if a.Kind != b.Kind {
			return int(a.Kind) - int(b.Kind)
		}
		return int(min(max(a.ID-b.ID, -1), 1))
	})
	return all
}

// same fails unless the two are equal.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// found unwraps the answer of a look-up that must succeed.
func found[T any](t *testing.T, row T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatalf("looking up %T: %v", row, err)
	}
	return row
}

// missing fails unless the look-up found nothing.
func missing[T any](t *testing.T, row T, err error) {
	t.Helper()
	if !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("looking up %T: got error %v, want %q", row, err, tokencore.ErrNotFound)
	}
	if errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("looking up %T: a definite answer also matches %q", row, tokencore.ErrUnavailable)
	}
}

// digest makes a digest from any words.
func digest(kind tokencore.Kind, words ...any) tokencore.Digest {
	return tokencore.DigestOf(kind, fmt.Sprint(words...))
}
