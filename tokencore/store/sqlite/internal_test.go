package sqlite

import (
	"testing"
)

func TestReaders_CannotWrite(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir()+"/store.db", Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.readers.ExecContext(t.Context(), `DELETE FROM settings`); err == nil {
		t.Error("a reader has written")
	}
}
