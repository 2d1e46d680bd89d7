package main

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected picture")

const wantTable = `| operation | store | 10,000 | 1,000,000 | 10,000,000 | last : first |
|---|---|--:|--:|--:|--:|
| lookup | postgres | 100 µs | 110 µs | 125 µs | 1.25 |
| lookup | sqlite | 35 µs | 42 µs |  | 1.20 |
| purge | postgres | 772 µs | 780 µs |  | 1.01 |
`

func TestRun_DrawsAndTabulatesMedians(t *testing.T) {
	out := filepath.Join(t.TempDir(), "scale.svg")
	var table strings.Builder
	if err := run("testdata/scale.txt", out, &table); err != nil {
		t.Fatal(err)
	}
	if table.String() != wantTable {
		t.Errorf("table:\n%s\nwant:\n%s", table.String(), wantTable)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/scale.svg"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the picture differs from %s; go test ./bench/curves -update rewrites it:\n%s", golden, got)
	}
}

func TestDraw_IsWellFormed(t *testing.T) {
	picture := draw([]chart{{title: `<&"`, curves: []curve{{`<&"`, []point{{10, 1}}}, {"sqlite", []point{{1, 0.5}, {1000, 2}}}}}})
	decoder := xml.NewDecoder(strings.NewReader(string(picture)))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, picture)
		}
	}
}

func TestRead_SaysWhatIsWrong(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "no results"},
		{"BenchmarkCheck/hit-2 1 266 ns/op\n", "no results"},
		{"BenchmarkScale/lookup/sqlite/rows=many-2 1 266 ns/op\n", "no results"},
		{"BenchmarkScale/lookup/sqlite/rows=10-2 1 x ns/op\n", "results:1"},
		{"\nBenchmarkScale/lookup/sqlite/rows=10-2 1 5 B/op\n", "results:2: Scale/lookup/sqlite/rows=10-2 took no time"},
	} {
		_, err := read(strings.NewReader(test.text), "results")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %v, want %q in it", test.text, err, test.want)
		}
	}
}

func TestDuration_HasThreeDigits(t *testing.T) {
	for seconds, want := range map[float64]string{
		2.66e-7: "266 ns", 1e-6: "1 µs", 1.5e-5: "15 µs", 1.2345e-4: "123 µs", 9.996e-4: "1 ms", 0.01: "10 ms", 2.345: "2.35 s", 100: "100 s",
	} {
		if got := duration(seconds); got != want {
			t.Errorf("%g: got %q, want %q", seconds, got, want)
		}
	}
}

func TestAxis_EndsAtPowersOfTen(t *testing.T) {
	for _, test := range []struct {
		least, most float64
		want        int // ticks
	}{
		{1000, 1000, 2},
		{1000, 10_000_000, 5},
		{3e-5, 1.1e-4, 3},
	} {
		a := spanning(test.least, test.most, 0, 100)
		ticks := a.ticks()
		if len(ticks) != test.want || a.at(ticks[0]) != 0 || a.at(ticks[len(ticks)-1]) != 100 {
			t.Errorf("%g to %g: ticks %g from %g to %g", test.least, test.most, ticks, a.at(ticks[0]), a.at(ticks[len(ticks)-1]))
		}
	}
}
