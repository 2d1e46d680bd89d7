package awxapi

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPythonInt(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "-1": -1, "+1": 1, "007": 7, "1_000": 1000, "-0": 0,
		"99999999999999999999": math.MaxInt64, "-99999999999999999999": math.MinInt64,
	} {
		if got, ok := pythonInt(text); !ok || got != want {
			t.Errorf("%q: got %d, %v", text, got, ok)
		}
	}
	if got, ok := pythonInt(" 1\n"); !ok || got != 1 {
		t.Errorf("space around a number: got %d, %v", got, ok)
	}
	for _, text := range []string{"", " ", "a", "1.0", "1e3", "0x1", "_1", "1_", "1__0", "+-1", "--1", "- 1", "1 2", "+"} {
		if got, ok := pythonInt(text); ok {
			t.Errorf("%q is no integer; got %d", text, got)
		}
	}
}

func TestPythonRepr(t *testing.T) {
	for text, want := range map[string]string{
		"abc": `'abc'`, "it's": `"it's"`, `it's "x"`: `'it\'s "x"'`, "a\\b\n\t\r": `'a\\b\n\t\r'`, "\x01\x7f": `'\x01\x7f'`,
		"é漢": `'é漢'`, "\u00a0\u2028\U000e0001": `'\xa0\u2028\U000e0001'`,
	} {
		if got := pythonRepr(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestSmartSplit(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" , ,,", nil},
		{"a b,c", []string{"a", "b", "c"}},
		{`"a b" c`, []string{"a b", "c"}},
		{`'a, b',c`, []string{`'a`, ` b'`, "c"}},
		{`"a \"b\""`, []string{`a "b"`}},
		{`'a b`, []string{"'a", "b"}},
		{`a"b c"d`, []string{`a"b c"d`}},
		{`"`, []string{""}},
		{`,"a, b",`, []string{"a, b"}},
		{"a\u00a0b\nc", []string{"a", "b", "c"}},
	} {
		if diff := cmp.Diff(tt.want, smartSplit(tt.text)); diff != "" {
			t.Errorf("%s\n%s", tt.text, diff)
		}
	}
}
