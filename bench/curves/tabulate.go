package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
)

// tabulate writes the same as a table: a line for each operation and store, a column for
// each number of rows, and how much dearer the last is than the first.
func tabulate(charts []chart) []byte {
	sizes := map[float64]bool{}
	for _, chart := range charts {
		for _, curve := range chart.curves {
			for _, p := range curve.points {
				sizes[p.rows] = true
			}
		}
	}
	columns := slices.Sorted(maps.Keys(sizes))
	out := new(bytes.Buffer)
	fmt.Fprint(out, "| operation | store |")
	for _, rows := range columns {
		fmt.Fprintf(out, " %s |", count(rows))
	}
	fmt.Fprint(out, " last : first |\n|---|---|")
	for range columns {
		fmt.Fprint(out, "--:|")
	}
	fmt.Fprint(out, "--:|\n")
	for _, chart := range charts {
		for _, curve := range chart.curves {
			fmt.Fprintf(out, "| %s | %s |", chart.operation, curve.store)
			for _, rows := range columns {
				fmt.Fprintf(out, " %s |", curve.at(rows))
			}
			first, last := curve.points[0], curve.points[len(curve.points)-1]
			fmt.Fprintf(out, " %.2f |\n", last.seconds/first.seconds)
		}
	}
	return out.Bytes()
}

// at is empty where nothing was measured.
func (c curve) at(rows float64) string {
	for _, p := range c.points {
		if p.rows == rows {
			return duration(p.seconds)
		}
	}
	return ""
}
