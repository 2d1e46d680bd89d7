package sqlite_test

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

func TestWatch_ChangesOfAnotherProcessArrive(t *testing.T) {
	one, two := pair(t)
	heard := listen(t, one)
	token := numbered(1)
	apply(t, two, func(tx tokencore.Tx) error { return tx.CreateToken(t.Context(), &token) })
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeIssued, ID: token.Digest.Key()})
	apply(t, two, func(tx tokencore.Tx) error { return tx.DeleteToken(t.Context(), token.ID) })
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeToken, ID: token.ID})

	// And the other way round.
	heardByTwo := listen(t, two)
	apply(t, one, func(tx tokencore.Tx) error { return tx.DeleteSetting(t.Context(), "A") })
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeSettings})
	expect(t, heardByTwo, tokencore.Change{Kind: tokencore.ChangeSettings})
}

func TestWatch_OwnChangesArriveOnce(t *testing.T) {
	one, two := pair(t)
	heard := listen(t, one)
	token := numbered(1)
	apply(t, one, func(tx tokencore.Tx) error { return tx.CreateToken(t.Context(), &token) })
	apply(t, two, func(tx tokencore.Tx) error { return tx.DeleteToken(t.Context(), token.ID) })
	// The second change came through the table, after the first one in it.
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeIssued, ID: token.Digest.Key()})
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeToken, ID: token.ID})
}

func TestWatch_WhoLagsTooFarBehindIsToldThatAnythingMayHaveChanged(t *testing.T) {
	one, two := pair(t)
	heard := listen(t, one)
	apply(t, two, func(tx tokencore.Tx) error {
		for i := range 10_050 {
			if err := tx.PutSetting(t.Context(), "A", json.RawMessage(strconv.Itoa(i))); err != nil {
				return err
			}
		}
		return nil
	})
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeAll})
}

func TestWatch_ReportsAFeedThatIsLostAndRestored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	defer s.Close()
	heard := listen(t, s)
	db := raw(t, path)
	execute(t, db, `ALTER TABLE changes RENAME TO hidden`)
	expect(t, heard, tokencore.Change{Kind: tokencore.FeedLost})
	expect(t, listen(t, s), tokencore.Change{Kind: tokencore.FeedLost}) // who comes late must know, too
	execute(t, db, `ALTER TABLE hidden RENAME TO changes`)
	expect(t, heard, tokencore.Change{Kind: tokencore.FeedRestored})
}

// Two processes that read first and write later must queue for the lock, not
// fail halfway or overwrite each other.
func TestUpdate_TransactionsOfSeveralProcessesRunOneAfterTheOther(t *testing.T) {
	one, two := pair(t)
	const perProcess = 40
	var all sync.WaitGroup
	for _, s := range []*sqlite.Store{one, two} {
		all.Go(func() {
			for range perProcess {
				err := s.Update(t.Context(), func(tx tokencore.Tx) error {
					settings, err := tx.StoredSettings(t.Context())
					if err != nil {
						return err
					}
					count, _ := strconv.Atoi(string(settings["COUNT"]))
					return tx.PutSetting(t.Context(), "COUNT", json.RawMessage(strconv.Itoa(count+1)))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	settings, err := one.StoredSettings(t.Context())
	if got := string(settings["COUNT"]); err != nil || got != strconv.Itoa(2*perProcess) {
		t.Errorf("counted %s, %v; want %d", got, err, 2*perProcess)
	}
}

func TestClose_EndsEveryGoroutine(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := filepath.Join(t.TempDir(), "store.db")
	watched := open(t, path)
	watched.Watch(t.Context(), func(tokencore.Change) {})
	unwatched := open(t, path)
	for _, s := range []*sqlite.Store{watched, unwatched} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// pair opens one file twice, as two processes do.
func pair(t *testing.T) (one, two *sqlite.Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "store.db")
	one, two = open(t, path), open(t, path)
	t.Cleanup(func() {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
		if err := two.Close(); err != nil {
			t.Error(err)
		}
	})
	return one, two
}

func listen(t *testing.T, s *sqlite.Store) <-chan tokencore.Change {
	t.Helper()
	heard := make(chan tokencore.Change, 100)
	s.Watch(t.Context(), func(c tokencore.Change) { heard <- c })
	return heard
}

func apply(t *testing.T, s *sqlite.Store, fn func(tx tokencore.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, heard <-chan tokencore.Change, want tokencore.Change) {
	t.Helper()
	select {
	case got := <-heard:
		if got != want {
			t.Fatalf("heard %v, want %v", got, want)
		}
	case <-time.After(patience):
		t.Fatalf("heard nothing, want %v", want)
	}
}
