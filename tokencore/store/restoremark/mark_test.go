package restoremark_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/awxgate/awxgate/tokencore/store/restoremark"
)

func TestCompare(t *testing.T) {
	point := func(position int64, tag string) restoremark.Point {
		return restoremark.Point{Position: position, Tag: tag}
	}
	mark := func(installation string, last, checkpoint restoremark.Point) restoremark.Mark {
		return restoremark.Mark{Installation: installation, Last: last, Checkpoint: checkpoint}
	}
	remembered := mark("i", point(1500, "a"), point(1000, "c"))
	for _, test := range []struct {
		name                       string
		remembered, now            restoremark.Mark
		tagAtLast, tagAtCheckpoint string
		want                       restoremark.Relation
	}{
		{"nothing happened", remembered, remembered, "a", "c", restoremark.Same},
		{"more happened", remembered, mark("i", point(1501, "b"), point(1000, "c")), "a", "c", restoremark.Advanced},
		{"less happened", remembered, mark("i", point(1499, "z"), point(1000, "c")), "", "c", restoremark.WentBack},
		{"something else happened", remembered, mark("i", point(1500, "b"), point(1000, "c")), "b", "c", restoremark.WentBack},
		{"something else happened, and more", remembered, mark("i", point(1600, "b"), point(1000, "c")), "x", "c", restoremark.WentBack},
		{"so much more that it is forgotten", remembered, mark("i", point(90000, "b"), point(90000, "b")), "", "c", restoremark.Advanced},
		{"something else, and so much more", remembered, mark("i", point(90000, "b"), point(90000, "b")), "", "d", restoremark.WentBack},
		{"a checkpoint is missing", remembered, mark("i", point(90000, "b"), point(90000, "b")), "", "", restoremark.WentBack},
		{"another store", remembered, mark("j", point(1500, "a"), point(1000, "c")), "a", "c", restoremark.OtherInstallation},
		{"a new store", mark("i", point(0, ""), point(0, "")), mark("i", point(0, ""), point(0, "")), "", "", restoremark.Same},
		{"no longer new", mark("i", point(0, ""), point(0, "")), mark("i", point(7, "a"), point(0, "")), "", "", restoremark.Advanced},
		{"before any checkpoint", mark("i", point(7, "a"), point(0, "")), mark("i", point(20000, "b"), point(20000, "b")), "", "", restoremark.Advanced},
	} {
		got := restoremark.Compare(test.remembered, test.now, test.tagAtLast, test.tagAtCheckpoint)
		if got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
		if trust := test.want == restoremark.Same || test.want == restoremark.Advanced; got.Trustworthy() != trust {
			t.Errorf("%s: trustworthy %t", test.name, got.Trustworthy())
		}
	}
}

func TestSave_ReplacesTheMarkAndLeavesNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mark")
	if _, err := restoremark.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	for position := range int64(2) {
		m := restoremark.Mark{Installation: "i", Last: restoremark.Point{Position: position, Tag: "t"}}
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		if got, err := restoremark.Load(path); err != nil || got != m {
			t.Errorf("got %v, %v, want %v", got, err, m)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

func TestLoad_RefusesDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mark")
	for _, content := range []string{"", "{}", "null", `{"installation":"i"`} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := restoremark.Load(path); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: got %v", content, err)
		}
	}
}
