package awxapi

import (
	"math"
	"strconv"
	"strings"
)

// number is a JSON number as it was sent, so that no digit is lost; also Python's
// NaN and Infinity.
type number string

func (n number) isInteger() bool {
	return strings.Trim(strings.TrimPrefix(string(n), "-"), "0123456789") == ""
}

func (n number) isZero() bool {
	f, err := strconv.ParseFloat(string(n), 64)
	return err == nil && f == 0
}

// integer returns the value of an integer or of a float without fraction.
func (n number) integer() (int64, bool) {
	if n.isInteger() {
		i, err := strconv.ParseInt(string(n), 10, 64)
		return i, err == nil
	}
	f, err := strconv.ParseFloat(string(n), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// text is Python's str() of the number.
func (n number) text() string {
	if n.isInteger() {
		if n == "-0" {
			return "0"
		}
		return string(n)
	}
	f, err := strconv.ParseFloat(string(n), 64)
	switch {
	case err != nil && math.IsInf(f, 1), string(n) == "Infinity":
		return "inf"
	case err != nil && math.IsInf(f, -1), string(n) == "-Infinity":
		return "-inf"
	case err != nil || math.IsNaN(f):
		return "nan"
	case f != 0 && (math.Abs(f) < 1e-4 || math.Abs(f) >= 1e16):
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
