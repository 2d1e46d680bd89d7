package sqlite_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

func TestOpen_RefusesWhatItCannotUseAndLeavesItAlone(t *testing.T) {
	for _, test := range []struct {
		name    string
		make    func(t *testing.T, path string)
		migrate bool
		want    sqlite.State
		says    string
	}{
		{"missing file", func(*testing.T, string) {}, false, sqlite.Missing, "awxgate migrate"},
		{"empty file", write(""), false, sqlite.Empty, "awxgate migrate"},
		{"older database", older, false, sqlite.Pending, "awxgate migrate"},
		{"newer database", newer, false, sqlite.Newer, "newer version"},
		{"newer database, although it may migrate", newer, true, sqlite.Newer, "newer version"},
		{"text file", write("listen = :8052\n"), true, sqlite.Foreign, "choose another file"},
		{"long text file", write(strings.Repeat("# not a database\n", 100)), true, sqlite.Foreign, "choose another file"},
		{"database of another program", foreign, true, sqlite.Foreign, "choose another file"},
		{"directory", directory, true, sqlite.Foreign, "choose another file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			test.make(t, path)
			before := contents(t, path)

			state, err := sqlite.Check(t.Context(), path)
			if err != nil || state != test.want {
				t.Errorf("Check: got state %d, %v; want %d", state, err, test.want)
			}
			_, err = sqlite.Open(t.Context(), path, sqlite.Options{Migrate: test.migrate})
			var refusal *sqlite.StateError
			if !errors.As(err, &refusal) || refusal.State != test.want {
				t.Fatalf("Open: got %v, want a refusal of state %d", err, test.want)
			}
			if got := errors.Is(err, os.ErrNotExist); got != (test.want == sqlite.Missing) {
				t.Errorf("matches os.ErrNotExist: %t", got)
			}
			if message := err.Error(); !strings.Contains(message, path) || !strings.Contains(message, test.says) {
				t.Errorf("the error %q lacks %q or %q", message, path, test.says)
			}
			if diff := cmp.Diff(before, contents(t, path)); diff != "" {
				t.Errorf("Open wrote (-before +after):\n%s", diff)
			}
		})
	}
}

func TestOpen_DoesNotCreateDirectories(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "store.db")
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrate: true})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "directory") {
		t.Errorf("got %v, want a missing directory", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory was created: %v", err)
	}
}

func TestOpen_MigratesNewEmptyAndUnfinishedDatabases(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, path string){
		"new":        func(*testing.T, string) {},
		"empty":      write(""),
		"unfinished": older,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "with space, % and ?#.db")
			prepare(t, path)
			if err := open(t, path).Close(); err != nil {
				t.Fatal(err)
			}
			if state, err := sqlite.Check(t.Context(), path); err != nil || state != sqlite.Current {
				t.Errorf("state %d, %v", state, err)
			}
		})
	}
}

func TestOpen_SeveralMayMigrateTheSameFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{Migrate: true})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestOpen_WritesNothingToADatabaseThatIsUpToDate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	create(t, path)
	before := contents(t, path)
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Watch(t.Context(), func(tokencore.Change) {})
	if _, _, err := s.Tokens(t.Context(), tokencore.Query{}); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		t.Errorf("%d bytes in the WAL", info.Size())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, contents(t, path)); diff != "" {
		t.Errorf("Open wrote (-before +after):\n%s", diff)
	}
}

func TestOpen_NewFilesAreForTheirOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	defer s.Close()
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o", filepath.Base(name), got)
		}
	}
}

func TestUpdate_SaysThatAnotherProcessHoldsTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	create(t, path)
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{BusyTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other := raw(t, path)
	other.SetMaxOpenConns(1)
	execute(t, other, `BEGIN IMMEDIATE`)

	put := func() error {
		return s.Update(t.Context(), func(tx tokencore.Tx) error { return tx.DeleteSetting(t.Context(), "A") })
	}
	err = put()
	if !errors.Is(err, tokencore.ErrUnavailable) || !strings.Contains(err.Error(), "locked by another process") {
		t.Errorf("got %v", err)
	}
	if _, err := s.StoredSettings(t.Context()); err != nil {
		t.Errorf("reading must go on: %v", err)
	}
	execute(t, other, `ROLLBACK`)
	if err := put(); err != nil {
		t.Errorf("after the lock is gone: %v", err)
	}
}

func TestRead_DamageIsATechnicalFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	create(t, path)
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	const page = 4096 // the schema, which is read already
	if _, err := file.WriteAt([]byte(strings.Repeat("\xff", int(info.Size())-page)), page); err != nil {
		t.Fatal(err)
	}
	_, err = s.TokenByDigest(t.Context(), numbered(1).Digest)
	if !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("got %v, want only %q", err, tokencore.ErrUnavailable)
	}
}

func create(t *testing.T, path string) {
	t.Helper()
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
}

func write(text string) func(t *testing.T, path string) {
	return func(t *testing.T, path string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func directory(t *testing.T, path string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

// older is what a crash right after the creation of the file leaves behind.
func older(t *testing.T, path string) {
	t.Helper()
	db := raw(t, path)
	execute(t, db, `PRAGMA application_id = 0x61777867`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func newer(t *testing.T, path string) {
	t.Helper()
	create(t, path)
	db := raw(t, path)
	execute(t, db, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func foreign(t *testing.T, path string) {
	t.Helper()
	db := raw(t, path)
	execute(t, db, `CREATE TABLE tokens (id INTEGER)`)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// raw opens the file as another program would.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

// contents is everything in the directory of the path.
func contents(t *testing.T, path string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, entry := range entries {
		bytes, err := os.ReadFile(filepath.Join(filepath.Dir(path), entry.Name()))
		if err != nil {
			bytes = []byte("not readable: " + err.Error())
		}
		all[entry.Name()] = string(bytes)
	}
	return all
}
