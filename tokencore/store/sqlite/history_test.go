package sqlite_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoremark"
)

func TestRelation_NoticesARestoredBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	sessions := 0
	// write lets a process write so many times, and returns where it got to.
	write := func(times int) (m restoremark.Mark) {
		t.Helper()
		s := open(t, path)
		for range times {
			sessions++
			// Nothing is published about sessions; they count all the same.
			one := tokencore.Session{Digest: tokencore.DigestOf(tokencore.KindSession, strconv.Itoa(sessions)), UserID: 1}
			apply(t, s, func(tx tokencore.Tx) error { return tx.CreateSession(t.Context(), one) })
			m = mark(t, s)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return m
	}
	relate := func(when string, remembered restoremark.Mark, want restoremark.Relation) {
		t.Helper()
		s := open(t, path)
		defer s.Close()
		if got, err := s.Relation(t.Context(), remembered); err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v", when, got, err, want)
		}
	}
	early := write(1)
	backup, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	relate("nothing happened", early, restoremark.Same)
	late := write(2)
	relate("more happened", early, restoremark.Advanced)

	if err := os.WriteFile(path, backup, 0o600); err != nil {
		t.Fatal(err)
	}
	relate("restored", late, restoremark.WentBack)
	relate("restored, for who has not seen more", early, restoremark.Same)
	write(2)
	relate("as far, by another way", late, restoremark.WentBack)

	path = filepath.Join(t.TempDir(), "other.db")
	write(5)
	relate("another store", late, restoremark.OtherInstallation)
}

func mark(t *testing.T, s restoremark.Store) restoremark.Mark {
	t.Helper()
	m, err := s.HighWater(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}
