package postgres_test

import (
	"errors"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

func TestOpen_RefusesWhatItCannotUseAndLeavesItAlone(t *testing.T) {
	c := pgtest.Shared(t)
	in := func(statements string, from func(testing.TB) string) func(t *testing.T) string {
		return func(t *testing.T) string {
			dsn := from(t)
			execute(t, dsn, statements)
			return dsn
		}
	}
	for _, test := range []struct {
		name    string
		make    func(t *testing.T) string
		migrate bool
		want    postgres.State
		says    string
	}{
		{"missing database", func(*testing.T) string { return c.DSN("nowhere") }, true, postgres.Missing, "createdb"},
		{"missing schema", in(`SELECT`, func(t testing.TB) string { return c.Database(t) + "&search_path=nowhere" }), true, postgres.Missing, "schema"},
		{"empty database", in(`SELECT`, c.Database), false, postgres.Empty, "awxgate migrate"},
		{"older database", in(`DELETE FROM goose_db_version WHERE version_id > 0`, database), false, postgres.Pending, "awxgate migrate"},
		{"newer database", in(newer, database), false, postgres.Newer, "newer version"},
		{"newer database, although it may migrate", in(newer, database), true, postgres.Newer, "newer version"},
		{"database of another program", in(`CREATE TABLE tokens (id integer)`, c.Database), true, postgres.Foreign, "choose an empty"},
		{"database of another program that uses goose", in(foreign, c.Database), true, postgres.Foreign, "choose an empty"},
		{"database in another encoding", latin, true, postgres.Unsuitable, "UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dsn := test.make(t)
			if state, err := postgres.Check(t.Context(), dsn); err != nil || state != test.want {
				t.Errorf("Check: got state %d, %v; want %d", state, err, test.want)
			}
			_, err := postgres.Open(t.Context(), dsn, postgres.Options{Migrate: test.migrate})
			var refusal *postgres.StateError
			if !errors.As(err, &refusal) || refusal.State != test.want {
				t.Fatalf("Open: got %v, want a refusal of state %d", err, test.want)
			}
			if got := errors.Is(err, fs.ErrNotExist); got != (test.want == postgres.Missing || test.want == postgres.Empty) {
				t.Errorf("matches fs.ErrNotExist: %t", got)
			}
			if !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error %q lacks %q", err, test.says)
			}
			if state, err := postgres.Check(t.Context(), dsn); err != nil || state != test.want {
				t.Errorf("Open wrote: state %d, %v", state, err)
			}
		})
	}
}

const (
	newer   = `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)`
	foreign = `CREATE TABLE goose_db_version (version_id bigint, is_applied boolean); INSERT INTO goose_db_version VALUES (7, true)`
)

func latin(t *testing.T) string {
	t.Helper()
	c := pgtest.Shared(t)
	if _, err := c.SQL(t.Context(), "postgres", `CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`); err != nil {
		t.Fatal(err)
	}
	return c.DSN("latin")
}

func TestOpen_SeveralMayMigrateTheSameDatabaseAtOnce(t *testing.T) {
	dsn := pgtest.Shared(t).Database(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := postgres.Open(t.Context(), dsn, postgres.Options{Migrate: true})
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
	if got := execute(t, dsn, `SELECT count(*) FROM installation`); got != "1" {
		t.Errorf("%s installations", got)
	}
}

func TestOpen_WorksInASchemaOfItsOwn(t *testing.T) {
	dsn := pgtest.Shared(t).Database(t)
	execute(t, dsn, `CREATE TABLE tokens (id integer); CREATE SCHEMA ours`)
	s := opened(t, dsn+"&search_path=ours", postgres.Options{Migrate: true})
	heard := listen(t, s)
	apply(t, s, func(tx tokencore.Tx) error { return tx.DeleteSetting(t.Context(), "A") })
	expect(t, heard, settings)
}

func TestOpen_TakesAURLAndLibpqsKeywords(t *testing.T) {
	dsn := database(t)
	s := opened(t, strings.NewReplacer("postgres://", "postgresql://").Replace(dsn), postgres.Options{})
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	port, name, _ := strings.Cut(strings.TrimSuffix(dsn[strings.LastIndex(dsn, ":")+1:], "?sslmode=disable"), "/")
	words := opened(t, "host=127.0.0.1 user=postgres sslmode=disable port="+port+" dbname="+name, postgres.Options{})
	if err := words.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// Whatever is wrong with an address, its password is nobody's business.
func TestOpen_ErrorsShowNoPassword(t *testing.T) {
	const password = "s3cr3t-Pa55"
	for _, dsn := range []string{
		"postgres://user:" + password + "@127.0.0.1:1/db?sslmode=disable",
		"postgres://user:" + password + "@127.0.0.1:port/db",
		"postgres://user:" + password + "%zz@127.0.0.1:1/db",
		"postgres://user:" + password + " x@127.0.0.1:1/db",
		"postgres://user:" + password + "\x7f@127.0.0.1:1/db",
		"postgres://user:" + password + "#@127.0.0.1:1/db",
		"postgres://user:" + password + "/@127.0.0.1:1/db",
		"postgres://user:" + password + "@127.0.0.1:1/db?sslmode=nonsense",
		"postgres://user:" + password + "@127.0.0.1:1/db?sslmode=verify-full&sslrootcert=/nowhere",
		"postgres:user:" + password + "@127.0.0.1:1/db",
		"host=127.0.0.1 port=1 user=u password=" + password,
		"host=127.0.0.1 port=x user=u password=" + password,
		"host=127.0.0.1 port=1 user=u password='" + password,
		"host=127.0.0.1 port=1 password = '" + password + "' nonsense",
		password,
		"postgres://user@127.0.0.1:1/db?password=" + password + "&sslmode=disable&pool_max_conns=x",
	} {
		_, err := postgres.Open(t.Context(), dsn, postgres.Options{})
		if err == nil {
			t.Errorf("%q was opened", dsn)
			continue
		}
		if strings.Contains(err.Error(), password) {
			t.Errorf("%q: the error shows the password: %v", dsn, err)
		}
		_, err = postgres.Check(t.Context(), dsn)
		if err == nil || strings.Contains(err.Error(), password) {
			t.Errorf("%q: Check: %v", dsn, err)
		}
	}
}

func TestOpen_AServerThatIsNotThereIsATechnicalFailure(t *testing.T) {
	_, err := postgres.Open(t.Context(), "postgres://127.0.0.1:1/db?sslmode=disable", postgres.Options{})
	wantOnly(t, err, tokencore.ErrUnavailable)
}
