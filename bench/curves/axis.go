package main

import (
	"math"
	"strconv"
	"strings"
)

// axis is logarithmic: it maps values between two powers of ten to pixels.
type axis struct {
	low, high int // exponents
	from, to  float64
}

// spanning makes an axis that begins and ends at powers of ten.
func spanning(least, most, from, to float64) axis {
	low := int(math.Floor(math.Log10(least) + rounding))
	high := int(math.Ceil(math.Log10(most) - rounding))
	return axis{low, max(high, low+1), from, to}
}

// rounding keeps 1000 at the third power, whatever the logarithm makes of it.
const rounding = 1e-9

func (a axis) at(value float64) float64 {
	share := (math.Log10(value) - float64(a.low)) / float64(a.high-a.low)
	return a.from + share*(a.to-a.from)
}

// ticks are the powers of ten of the axis.
func (a axis) ticks() (values []float64) {
	for exponent := a.low; exponent <= a.high; exponent++ {
		values = append(values, math.Pow10(exponent))
	}
	return values
}

// count writes a number of rows: 10,000.
func count(n float64) string {
	text := strconv.FormatFloat(n, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// duration writes seconds with three digits, in the unit that suits them.
func duration(seconds float64) string {
	value, unit := seconds*1e9, "ns"
	for _, next := range []string{"µs", "ms", "s"} {
		if value < 999.5 {
			break
		}
		value, unit = value/1000, next
	}
	decimals := max(0, 2-int(math.Floor(math.Log10(value)+rounding)))
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + " " + unit
}
