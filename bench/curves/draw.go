package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
)

// The picture is a grid of charts. All lengths are pixels.
const (
	columns     = 2
	chartWidth  = 440
	chartHeight = 260
	heading     = 56 // above the charts
	plotLeft    = 64
	plotTop     = 34
	plotRight   = chartWidth - 40
	plotBottom  = chartHeight - 44
)

// style follows the reader's choice of light or dark; the colours of the curves have
// enough contrast on both, and their marks differ, too.
const style = `
.ground { fill: #ffffff } text { fill: #1f2328; font: 12px system-ui, sans-serif }
.grid { stroke: #d0d7de } .title { font-weight: 600; font-size: 13px }
.s0 { stroke: #0969da; fill: #0969da } .s1 { stroke: #bc4c00; fill: #bc4c00 }
polyline { stroke-width: 2; fill: none !important }
@media (prefers-color-scheme: dark) {
.ground { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d }
.s0 { stroke: #58a6ff; fill: #58a6ff } .s1 { stroke: #f0883e; fill: #f0883e }
}`

// names are those of the stores in the legend; their order chooses colour and mark.
var names = []struct{ store, name string }{{"postgres", "PostgreSQL"}, {"sqlite", "SQLite"}}

// canvas collects elements.
type canvas struct{ bytes.Buffer }

func (c *canvas) add(format string, values ...any) { fmt.Fprintf(c, format+"\n", values...) }

func (c *canvas) text(x, y float64, attributes, text string) {
	c.add(`<text x="%.1f" y="%.1f" %s>%s</text>`, x, y, attributes, escaped(text))
}

func escaped(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a Builder takes everything
	return out.String()
}

func draw(charts []chart) []byte {
	height := heading + (len(charts)+columns-1)/columns*chartHeight
	c := new(canvas)
	c.add(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="title description">`,
		columns*chartWidth, height)
	c.add(`<title id="title">What operations cost by the number of tokens</title>`)
	c.add(`<desc id="description">%s</desc>`, escaped(describe(charts)))
	c.add(`<style>%s</style>`, style)
	c.add(`<rect class="ground" width="100%%" height="100%%"/>`)
	c.text(plotLeft, 22, `class="title"`, "Time by the number of tokens in the store (both axes logarithmic)")
	for i, n := range names {
		x := float64(plotLeft + i*130)
		c.add(`<polyline class="s%d" points="%.1f,40 %.1f,40"/>`, i, x, x+26)
		c.mark(i, x+13, 40)
		c.text(x+34, 44, "", n.name)
	}
	for i, chart := range charts {
		c.add(`<g transform="translate(%d %d)">`, i%columns*chartWidth, heading+i/columns*chartHeight)
		c.chart(chart)
		c.add(`</g>`)
	}
	c.add(`</svg>`)
	return c.Bytes()
}

func (c *canvas) chart(chart chart) {
	var rows, times []float64
	for _, curve := range chart.curves {
		for _, p := range curve.points {
			rows, times = append(rows, p.rows), append(times, p.seconds)
		}
	}
	x := spanning(slices.Min(rows), slices.Max(rows), plotLeft, plotRight)
	y := spanning(slices.Min(times), slices.Max(times), plotBottom, plotTop)
	c.text(plotLeft, plotTop-12, `class="title"`, chart.title)
	for _, tick := range y.ticks() {
		c.add(`<path class="grid" d="M%d %.1fH%d"/>`, plotLeft, y.at(tick), plotRight)
		c.text(plotLeft-6, y.at(tick)+4, `text-anchor="end"`, duration(tick))
	}
	for _, tick := range x.ticks() {
		c.add(`<path class="grid" d="M%.1f %dV%d"/>`, x.at(tick), plotTop, plotBottom)
		c.text(x.at(tick), plotBottom+18, `text-anchor="middle"`, count(tick))
	}
	c.text((plotLeft+plotRight)/2, plotBottom+36, `text-anchor="middle"`, "tokens")
	for i, n := range names {
		for _, curve := range chart.curves {
			if curve.store == n.store {
				c.curve(i, curve, x, y)
			}
		}
	}
}

func (c *canvas) curve(series int, curve curve, x, y axis) {
	var points strings.Builder
	for _, p := range curve.points {
		fmt.Fprintf(&points, " %.1f,%.1f", x.at(p.rows), y.at(p.seconds))
	}
	c.add(`<polyline class="s%d" points="%s"/>`, series, points.String()[1:])
	for _, p := range curve.points {
		c.mark(series, x.at(p.rows), y.at(p.seconds))
	}
}

// mark is a dot or a square.
func (c *canvas) mark(series int, x, y float64) {
	if series == 0 {
		c.add(`<circle class="s0" cx="%.1f" cy="%.1f" r="4"/>`, x, y)
		return
	}
	c.add(`<rect class="s%d" x="%.1f" y="%.1f" width="7" height="7"/>`, series, x-3.5, y-3.5)
}

// describe says in words what the picture shows, for who does not see it.
func describe(charts []chart) string {
	var out strings.Builder
	for _, chart := range charts {
		fmt.Fprintf(&out, "%s.", chart.title)
		for _, curve := range chart.curves {
			first, last := curve.points[0], curve.points[len(curve.points)-1]
			fmt.Fprintf(&out, " %s: %s at %s tokens, %s at %s.", curve.store,
				duration(first.seconds), count(first.rows), duration(last.seconds), count(last.rows))
		}
		out.WriteString("\n")
	}
	return out.String()
}
