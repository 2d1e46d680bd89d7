package pgtest_test

import (
	"testing"

	"github.com/awxgate/awxgate/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestShared_GivesEachTestAnEmptyDatabase(t *testing.T) {
	c := pgtest.Shared(t)
	one, two := c.Database(t), c.Database(t)
	if one == two {
		t.Error("two databases have one address")
	}
}

func TestCluster_SurvivesWhatIsDoneToIt(t *testing.T) {
	c := pgtest.Start(t, pgtest.Options{})
	name, err := c.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(statements string) string {
		t.Helper()
		answer, err := c.SQL(t.Context(), name, statements)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	ask(`CREATE TABLE kept (n integer); INSERT INTO kept VALUES (7)`)
	for fault, cause := range map[string]func() error{
		"restarted": func() error { return c.Restart(t.Context()) },
		"killed": func() error {
			if err := c.Kill(); err != nil {
				return err
			}
			return c.Start(t.Context())
		},
		"frozen": func() error {
			if err := c.Freeze(); err != nil {
				return err
			}
			return c.Thaw()
		},
	} {
		if err := cause(); err != nil {
			t.Fatalf("%s: %v", fault, err)
		}
		if got := ask(`SELECT n FROM kept`); got != "7" {
			t.Errorf("%s: got %q", fault, got)
		}
	}
	if got := ask(`SHOW fsync`); got != "on" {
		t.Errorf("fsync is %s", got)
	}
}
