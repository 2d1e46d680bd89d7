package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// chart is what one operation costs.
type chart struct {
	operation string
	title     string
	curves    []curve
}

// curve is what it costs in one store, by ascending number of rows.
type curve struct {
	store  string
	points []point
}

type point struct{ rows, seconds float64 }

// titles are those of the operations, in the order in which they are shown.
var titles = []struct{ operation, title string }{
	{"lookup", "Look up a token"},
	{"lookup-unknown", "Look up an unknown token"},
	{"lookup-parallel", "Look up a token, many callers: time per token"},
	{"issue", "Issue a token"},
	{"list", "First page of a user's 100 tokens"},
	{"list-deep", "Middle page of all tokens"},
	{"purge-some", "Clean up 1,000 dead tokens: time per token"},
	{"purge", "Clean up when all are dead: time per token"},
}

// key is one line of the results.
type key struct {
	operation, store string
	rows             float64
}

// read reads the output of go test. What belongs to other benchmarks is left out.
func read(text io.Reader, name string) ([]chart, error) {
	measured := map[key][]float64{}
	reader := benchfmt.NewReader(text, name)
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			if k, ok := parse(record.Name); ok {
				seconds, err := cost(record)
				if err != nil {
					return nil, err
				}
				measured[k] = append(measured[k], seconds)
			}
		}
	}
	if err := reader.Err(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(measured) == 0 {
		return nil, errors.New(name + " has no results of BenchmarkScale")
	}
	return arrange(measured), nil
}

// parse reads a name such as "Scale/lookup/sqlite/rows=1000-2".
func parse(name benchfmt.Name) (key, bool) {
	base, parts := name.Parts()
	if string(base) != "Scale" || len(parts) < 3 {
		return key{}, false
	}
	text, ok := strings.CutPrefix(string(parts[2]), "/rows=")
	rows, err := strconv.ParseFloat(text, 64)
	return key{string(parts[0][1:]), string(parts[1][1:]), rows}, ok && err == nil
}

// cost is the time of a row where that is given, and that of an operation otherwise.
func cost(result *benchfmt.Result) (float64, error) {
	for _, unit := range []string{"sec/row", "sec/op"} {
		if seconds, ok := result.Value(unit); ok && seconds > 0 {
			return seconds, nil
		}
	}
	file, line := result.Pos()
	return 0, fmt.Errorf("%s:%d: %s took no time", file, line, result.Name)
}

func arrange(measured map[key][]float64) (charts []chart) {
	for _, t := range titles {
		c := chart{operation: t.operation, title: t.title}
		for k, seconds := range measured {
			if k.operation == t.operation {
				c.add(k.store, point{k.rows, median(seconds)})
			}
		}
		if len(c.curves) > 0 {
			c.sort()
			charts = append(charts, c)
		}
	}
	return charts
}

func (c *chart) add(store string, p point) {
	for i := range c.curves {
		if c.curves[i].store == store {
			c.curves[i].points = append(c.curves[i].points, p)
			return
		}
	}
	c.curves = append(c.curves, curve{store, []point{p}})
}

func (c *chart) sort() {
	slices.SortFunc(c.curves, func(a, b curve) int { return strings.Compare(a.store, b.store) })
	for _, curve := range c.curves {
		slices.SortFunc(curve.points, func(a, b point) int { return int(a.rows - b.rows) })
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	half := len(values) / 2
	if len(values)%2 == 1 {
		return values[half]
	}
	return (values[half-1] + values[half]) / 2
}
