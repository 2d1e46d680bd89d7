package tokencore_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A document that names a test which is gone promises what nobody checks.
func TestSecurityDocumentNamesTestsThatExist(t *testing.T) {
	document, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]bool{}
	err = filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, match := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(source, -1) {
			tests[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`(?:Test|Fuzz)[A-Z]\w+`).FindAllString(string(document), -1)
	for _, name := range named {
		if !tests[name] {
			t.Errorf("docs/security.md names %s, which does not exist", name)
		}
	}
	if len(named) < 30 {
		t.Errorf("only %d tests are named", len(named))
	}
}

// Every attack of the catalogue has its row, with a test or a reason why there is none.
func TestSecurityDocumentListsEveryAttack(t *testing.T) {
	document, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for family, last := range map[string]int{"E": 18, "P": 4, "M": 7} {
		for n := 1; n <= last; n++ {
			row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| %s%d \|.*\|$`, family, n)).Find(document)
			if row == nil || !strings.Contains(string(row), "`Test") && !strings.Contains(string(row), "](") {
				t.Errorf("%s%d has no row with a test or a reference: %s", family, n, row)
			}
		}
	}
}
