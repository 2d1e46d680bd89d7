package awxapi_test

import (
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var updateDocuments = flag.Bool("update", false, "write docs/deviations.md anew")

// deviation says which recorded cases we answer otherwise than AWX, and how. Everything
// that it does not mention is as in AWX.
type deviation struct {
	file    string // or the beginning of it; empty: any
	request string // recorded.request(); "*" stands for anything, {a,b} for a or b
	label   string // empty: any
	line    int    // of the case, where several have that label; 0: any
	reason  string // the id of a difference

	// status is what we answer. 0: what AWX answers. With another status the headers
	// are not compared but those given here, and neither is the body unless it is given.
	status int
	// body is what we answer, normalised. Empty: what AWX answers.
	body string
	// replace changes AWX's normalised body: pairs of old and new.
	replace []string
	// part: we answer some of the members of AWX's JSON object, in AWX's order.
	part bool
	// header is what we answer; empty values are absent.
	header map[string]string
	// aside sends the case to an installation of its own, with the cases before it in its
	// file: it makes a row that it did not make in AWX, and all later ids would differ.
	aside bool
}

// apply turns AWX's answer into what we answer on purpose.
func (d deviation) apply(want outcome) outcome {
	if d.status != 0 {
		if d.status != want.status {
			want.header, want.body, want.someHeaders = map[string]string{}, anything, true
		}
		want.status = d.status
	}
	if d.body != "" {
		want.body = d.body
	}
	if len(d.replace) > 0 {
		want.body = strings.NewReplacer(d.replace...).Replace(want.body)
	}
	want.part = d.part
	for name, value := range d.header {
		if want.header[name] = value; value == "" {
			delete(want.header, name)
		}
	}
	return want
}

// deviation returns the first deviation that covers the case, with its row, and notes
// that it was used.
func (p *replayer) deviation(c recorded) (d deviation, row int) {
	for i, d := range deviations {
		if strings.HasPrefix(c.file, d.file) && (d.label == "" || d.label == c.label) &&
			(d.line == 0 || d.line == c.line) && like(c.request(), d.request) {
			p.used[i]++
			return d, i
		}
	}
	return deviation{}, -1
}

// like reports whether the text is the pattern, in which "*" stands for anything and
// {a,b} at a path's segment for a or b.
func like(text, pattern string) bool {
	if head, rest, ok := strings.Cut(pattern, "/{"); ok {
		words, tail, _ := strings.Cut(rest, "}")
		return slices.ContainsFunc(strings.Split(words, ","), func(word string) bool {
			return like(text, head+"/"+word+tail)
		})
	}
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return text == pattern
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		if !ok {
			return false
		}
		_, rest, ok = strings.Cut(rest, part)
	}
	return ok && strings.HasSuffix(rest, parts[len(parts)-1])
}

// report fails for deviations without a case, and prints the numbers.
func (p *replayer) report(t *testing.T) {
	t.Helper()
	reasons := map[string]bool{}
	for i, d := range deviations {
		if p.used[i] == 0 {
			t.Errorf("no case for the listed deviation %q in %q", d.request, d.file)
		} else if !p.needed[i] {
			t.Errorf("all that the deviation %q in %q covers is answered as AWX does", d.request, d.file)
		}
		reasons[d.reason] = true
	}
	t.Logf("%d cases, %d of them answered differently on purpose: %d rows for %d differences",
		p.cases, p.different, len(deviations), len(reasons))
}

// difference is a deviation as users are told of it.
type difference struct {
	id        string
	kind      kind
	awx, here string // what each does
	why       string // empty: the kind says it all
	test      string // that shows it, if no recording can
}

// kind is why we differ at all.
type kind int

const (
	repaired kind = iota
	safer
	added
	elsewhere
	behind
)

var kinds = []struct{ title, about string }{
	repaired:  {"Where AWX fails", "AWX answers with an internal error (500), or so that no client can use the answer."},
	safer:     {"Safer than AWX", "AWX leaves a hole. Clients that do what RFC 6749 and RFC 9700 ask for notice nothing."},
	added:     {"More than AWX", "Requests that AWX refuses or sends elsewhere."},
	elsewhere: {"Not served here", "Parts of AWX that are no business of a token server. With an AWX behind they are served by that AWX."},
	behind:    {"In front of an AWX", "Where AWX's documents and those of awxgate are made into one, and what awxgate refuses before AWX sees it."},
}

const documentPath = "../../docs/deviations.md"

// The document is for users; the table in deviations_table_test.go is what the replay obeys.
func TestDeviations_DocumentTellsEachDifference(t *testing.T) {
	used := map[string]bool{}
	for _, d := range deviations {
		if !slices.ContainsFunc(differences, func(known difference) bool { return known.id == d.reason }) {
			t.Errorf("%s %s: no difference %q", d.file, d.request, d.reason)
		}
		used[d.reason] = true
	}
	tests := allTests(t)
	for _, d := range differences {
		if used[d.id] == (d.test != "") {
			t.Errorf("%s: want a recorded case, or else the name of a test, got %v and %q", d.id, used[d.id], d.test)
		}
		if d.test != "" && !strings.Contains(tests, "func "+d.test+"(") {
			t.Errorf("%s: no test %s", d.id, d.test)
		}
	}
	want := document()
	if *updateDocuments {
		if err := os.WriteFile(documentPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(documentPath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the table says: run go test -run TestDeviations -update", documentPath)
	}
}

// allTests is the source of every test of the repository.
func allTests(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		b.Write(source)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// document is docs/deviations.md.
func document() string {
	var b strings.Builder
	b.WriteString(`# Where awxgate differs from AWX 24.6.1

What a real AWX 24.6.1 answered was recorded, and a test (TestReplay in tokencore/awxapi) sends
all of it to awxgate and compares. This is the complete list of what differs, on purpose. It is
generated from the table that the test obeys; what no recording shows has tests of its own.
`)
	sorted := slices.Clone(differences)
	slices.SortStableFunc(sorted, func(a, b difference) int { return cmp.Compare(a.kind, b.kind) })
	last := kind(-1)
	for _, d := range sorted {
		if d.kind != last {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| AWX | awxgate | why |\n|---|---|---|\n", kinds[d.kind].title, kinds[d.kind].about)
			last = d.kind
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", d.awx, d.here, d.why)
	}
	return b.String()
}
