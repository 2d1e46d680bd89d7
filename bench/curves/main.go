// Command curves draws what BenchmarkScale measured, as an SVG, and prints it as a table
// in Markdown.
//
//	go run ./bench/curves -in bench/results/scale.txt -out docs/scale.svg
//
// Of several measurements of the same thing it takes the median.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	in := flag.String("in", "bench/results/scale.txt", "the output of go test -bench")
	out := flag.String("out", "docs/scale.svg", "the SVG to write")
	flag.Parse()
	if err := run(*in, *out, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "curves:", err)
		os.Exit(1)
	}
}

func run(in, out string, table io.Writer) error {
	text, err := os.Open(filepath.Clean(in))
	if err != nil {
		return fmt.Errorf("opening the results: %w", err)
	}
	defer text.Close()
	charts, err := read(text, in)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, draw(charts), 0o644); err != nil { //nolint:gosec // a picture for everybody
		return fmt.Errorf("writing the picture: %w", err)
	}
	if _, err := table.Write(tabulate(charts)); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}
