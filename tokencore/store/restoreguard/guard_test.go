package restoreguard_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/restoreguard"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

// node is a store and a guard that remembers it in a directory of its own.
type node struct {
	t        *testing.T
	database string
	memory   string
	store    *sqlite.Store
	guard    *restoreguard.Guard
}

func newNode(t *testing.T, database string) *node {
	t.Helper()
	n := &node{t: t, database: database, memory: t.TempDir()}
	n.start()
	t.Cleanup(n.stop)
	return n
}

func (n *node) start() {
	n.t.Helper()
	var err error
	if n.store, err = sqlite.Open(n.t.Context(), n.database, sqlite.Options{Migrate: true}); err != nil {
		n.t.Fatal(err)
	}
	n.guard, err = restoreguard.Open(n.t.Context(), n.store, n.memory, slog.New(slog.DiscardHandler))
	if err != nil {
		n.t.Fatal(err)
	}
	n.guard.Start()
}

func (n *node) stop() {
	n.t.Helper()
	if n.store == nil {
		return
	}
	n.guard.Close()
	if err := n.store.Close(); err != nil {
		n.t.Error(err)
	}
	n.store = nil
}

func (n *node) service() *tokencore.Service {
	n.t.Helper()
	service, err := tokencore.New(n.store, local.New(n.store, local.Config{}), tokencore.Config{})
	if err != nil {
		n.t.Fatal(err)
	}
	return service
}

func (n *node) issue() tokencore.Token {
	n.t.Helper()
	issued, err := n.service().Issue(n.t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: 1})
	if err != nil {
		n.t.Fatal(err)
	}
	return issued.Token
}

func (n *node) revoke(t tokencore.Token) {
	n.t.Helper()
	if err := n.service().RevokeToken(n.t.Context(), tokencore.Actor{}, t.ID); err != nil {
		n.t.Fatal(err)
	}
}

func (n *node) examine() restoreguard.Findings {
	n.t.Helper()
	found, err := restoreguard.Examine(n.t.Context(), n.store, n.memory)
	if err != nil {
		n.t.Fatal(err)
	}
	return found
}

func (n *node) accept(revoke ...tokencore.Token) {
	n.t.Helper()
	if err := restoreguard.Accept(n.t.Context(), n.service(), revoke); err != nil {
		n.t.Fatal(err)
	}
}

// backup stops the nodes and returns the content of the database; the nodes go on.
func backup(t *testing.T, nodes ...*node) []byte {
	t.Helper()
	var content []byte
	swap(t, func(database string) {
		var err error
		if content, err = os.ReadFile(database); err != nil {
			t.Fatal(err)
		}
	}, nodes...)
	return content
}

func restore(t *testing.T, content []byte, nodes ...*node) {
	t.Helper()
	swap(t, func(database string) {
		if err := os.WriteFile(database, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}, nodes...)
}

func swap(t *testing.T, change func(database string), nodes ...*node) {
	t.Helper()
	for _, n := range nodes {
		n.stop()
	}
	change(nodes[0].database)
	for _, n := range nodes {
		n.start()
	}
}

func (n *node) await(refusing bool) {
	n.t.Helper()
	for deadline := time.Now().Add(time.Minute); (n.guard.Err() != nil) != refusing; {
		if time.Now().After(deadline) {
			n.t.Fatalf("refusing is not %t", refusing)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// prepared is a database with the user admin.
func prepared(t *testing.T) string {
	t.Helper()
	database := filepath.Join(t.TempDir(), "a.db")
	s, err := sqlite.Open(t.Context(), database, sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := local.Bootstrap(t.Context(), s, tokencore.NewSecret("correct horse battery staple")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return database
}

func TestGuard_ToldWhatCameBackToLife(t *testing.T) {
	n := newNode(t, prepared(t))
	kept, altered, doomed := n.issue(), n.issue(), n.issue()
	altered.Description = "altered before the backup"
	altered.Modified = time.Now()
	err := n.store.Update(t.Context(), func(tx tokencore.Tx) error { return tx.UpdateToken(t.Context(), altered) })
	if err != nil {
		t.Fatal(err)
	}
	old := backup(t, n)
	n.revoke(doomed)
	lost := n.issue()
	n.revoke(lost) // was never in the backup, and its id is given again
	restore(t, old, n)

	if !n.guard.Restored() || !errors.Is(n.guard.Err(), tokencore.ErrUnavailable) {
		t.Fatalf("restored %t, %v", n.guard.Restored(), n.guard.Err())
	}
	again := n.issue()
	if again.ID != lost.ID {
		t.Fatalf("the new token has id %d, the lost one had %d", again.ID, lost.ID)
	}
	found := n.examine()
	if !found.Restored || len(found.Revived) != 1 || found.Revived[0].ID != doomed.ID || found.Others != 3 || found.Refresh != 0 {
		t.Errorf("found %+v", found)
	}
	n.accept(found.Revived...)
	n.await(false)
	if _, err := n.store.Token(t.Context(), doomed.ID); !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("what came back to life lives: %v", err)
	}
	if _, err := n.store.Token(t.Context(), kept.ID); err != nil {
		t.Error(err)
	}
	if found := n.examine(); found.Restored {
		t.Error("restored, although that was accepted")
	}
}

func TestGuard_AnAcceptanceCountsOnEveryNodeAndOnlyOnce(t *testing.T) {
	database := prepared(t)
	first, second := newNode(t, database), newNode(t, database)
	original := backup(t, first, second)
	first.revoke(first.issue())
	restore(t, original, first, second)
	first.await(true)
	second.await(true)
	first.accept()
	first.await(false)
	second.await(false)

	accepted := backup(t, first, second) // holds the acceptance
	first.revoke(first.issue())
	restore(t, accepted, first, second)
	first.await(true)
	second.await(true)
	second.accept()
	first.await(false)
	second.await(false)
}

func TestGuard_RefusesAfterALostFeedUntilItHasLooked(t *testing.T) {
	database := prepared(t)
	s, err := sqlite.Open(t.Context(), database, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fed := &fedStore{Store: s}
	guard, err := restoreguard.Open(t.Context(), fed, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer guard.Close()
	for _, kind := range []tokencore.ChangeKind{tokencore.FeedLost, tokencore.FeedRestored} {
		fed.tell(tokencore.Change{Kind: kind})
		if guard.Err() == nil {
			t.Errorf("tokens are accepted after change %d", kind)
		}
	}
	guard.Start()
	for deadline := time.Now().Add(time.Minute); guard.Err() != nil; {
		if time.Now().After(deadline) {
			t.Fatal("it refuses still")
		}
		<-time.After(time.Millisecond)
	}
}

// fedStore lets a test say what the feed says.
type fedStore struct {
	*sqlite.Store
	tell func(tokencore.Change)
}

func (s *fedStore) Watch(ctx context.Context, f func(tokencore.Change)) {
	s.tell = f
	s.Store.Watch(ctx, f)
}

func TestGuard_ADamagedMemoryIsNoReasonToTrust(t *testing.T) {
	n := newNode(t, prepared(t))
	n.issue()
	n.stop()
	marks, err := filepath.Glob(filepath.Join(n.memory, "*.mark"))
	if err != nil || len(marks) != 1 {
		t.Fatalf("%v, %v", marks, err)
	}
	if err := os.WriteFile(marks[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), n.database, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := restoreguard.Open(t.Context(), s, n.memory, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("it was opened")
	}
}
