package postgres_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/store/restoremark"
)

// A copy of the database is what a backup holds.
func TestRelation_NoticesARestoredBackup(t *testing.T) {
	c := pgtest.Shared(t)
	original := database(t)
	use := func(dsn string, fn func(s *postgres.Store)) {
		t.Helper()
		s := open(t, dsn, postgres.Options{})
		fn(s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	change := func(s *postgres.Store) {
		t.Helper()
		apply(t, s, func(tx tokencore.Tx) error {
			return tx.CreateSession(t.Context(), tokencore.Session{Digest: tokencore.DigestOf(tokencore.KindSession, strconv.FormatInt(mark(t, s).Last.Position, 10)), UserID: 1})
		})
	}
	var early, late restoremark.Mark
	use(original, func(s *postgres.Store) {
		change(s)
		early = mark(t, s)
		relate(t, s, early, restoremark.Same)
	})
	name := original[strings.LastIndex(original, "/")+1 : strings.Index(original, "?")]
	if _, err := c.SQL(t.Context(), "postgres", `CREATE DATABASE backup TEMPLATE `+name); err != nil {
		t.Fatal(err)
	}
	use(original, func(s *postgres.Store) {
		change(s)
		relate(t, s, early, restoremark.Advanced)
		late = mark(t, s)
	})
	use(c.DSN("backup"), func(s *postgres.Store) {
		relate(t, s, early, restoremark.Same)
		relate(t, s, late, restoremark.WentBack)
		change(s)
		relate(t, s, late, restoremark.WentBack) // as far, by another way
		change(s)
		relate(t, s, late, restoremark.WentBack)
		relate(t, s, early, restoremark.Advanced)
	})
	use(database(t), func(s *postgres.Store) { relate(t, s, late, restoremark.OtherInstallation) })
}

func TestRelation_OutlastsThePruningOfChanges(t *testing.T) {
	s := opened(t, database(t), postgres.Options{})
	many := func(n int) {
		t.Helper()
		apply(t, s, func(tx tokencore.Tx) error {
			for range n {
				if err := tx.DeleteSetting(t.Context(), "A"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	many(1500)
	remembered := mark(t, s)
	many(12_000)
	many(1)
	relate(t, s, remembered, restoremark.Advanced)
	remembered.Checkpoint.Tag = "another history"
	relate(t, s, remembered, restoremark.WentBack)
}

func mark(t *testing.T, s *postgres.Store) restoremark.Mark {
	t.Helper()
	m, err := s.HighWater(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func relate(t *testing.T, s *postgres.Store, remembered restoremark.Mark, want restoremark.Relation) {
	t.Helper()
	if got, err := s.Relation(t.Context(), remembered); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}
