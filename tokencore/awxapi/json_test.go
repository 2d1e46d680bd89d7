package awxapi

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParseJSON_Values(t *testing.T) {
	tests := []struct {
		text string
		want any
	}{
		{`null`, nil},
		{` true `, true},
		{`-0.5e+3`, number("-0.5e+3")},
		{`10000000000000000000000`, number("10000000000000000000000")},
		{`NaN`, number("NaN")},
		{`-Infinity`, number("-Infinity")},
		{`"a\"\\\/\b\f\n\r\tb"`, "a\"\\/\b\f\n\r\tb"},
		{`"\u00e9\ud83d\ude00"`, "é😀"},
		{`"\ud800"`, "\xed\xa0\x80"},
		{`"\ud800x"`, "\xed\xa0\x80x"},
		{`"\ud800\u0041"`, "\xed\xa0\x80A"},
		{`[1, "a" ,[]]`, []any{number("1"), "a", []any{}}},
		{`{"a":1,"A":2,"a":3}`, object{"a": number("3"), "A": number("2")}},
		{`{}`, object{}},
	}
	for _, tt := range tests {
		got, err := parseJSON(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s\n%s", tt.text, diff)
		}
	}
}

// The messages and positions are those of CPython 3.11.
func TestParseJSON_Errors(t *testing.T) {
	tests := []struct{ text, want string }{
		{``, "Expecting value: line 1 column 1 (char 0)"},
		{` `, "Expecting value: line 1 column 2 (char 1)"},
		{`{"scope": `, "Expecting value: line 1 column 11 (char 10)"},
		{`{"a":1,}`, "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"},
		{`{'a':1}`, "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"},
		{`[1,]`, "Expecting value: line 1 column 4 (char 3)"},
		{"{\n\"é\" 1}", "Expecting ':' delimiter: line 2 column 5 (char 6)"},
		{`{"a":1 "b"}`, "Expecting ',' delimiter: line 1 column 8 (char 7)"},
		{`{"a":tru}`, "Expecting value: line 1 column 6 (char 5)"},
		{`{} {}`, "Extra data: line 1 column 4 (char 3)"},
		{`01`, "Extra data: line 1 column 2 (char 1)"},
		{`1.`, "Extra data: line 1 column 2 (char 1)"},
		{`-`, "Expecting value: line 1 column 1 (char 0)"},
		{`"a`, "Unterminated string starting at: line 1 column 1 (char 0)"},
		{`"a\`, "Unterminated string starting at: line 1 column 1 (char 0)"},
		{`"\x"`, `Invalid \escape: line 1 column 2 (char 1)`},
		{`"\u12g4"`, `Invalid \uXXXX escape: line 1 column 4 (char 3)`},
		{"\"a\nb\"", "Invalid control character at: line 1 column 3 (char 2)"},
	}
	for _, tt := range tests {
		if _, err := parseJSON(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

// Whatever encoding/json accepts, and is not too deep, is accepted here with the same meaning.
func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"x",null,true]}`, `"\ud83d\ude00"`, `{"a":1,"a":{}}`, `-0`, `[[[]]]`, "\"\x7f\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseJSON(text)
		if !utf8.ValidString(text) || err != nil && len(text) > maxDepth {
			return
		}
		if json.Valid([]byte(text)) && err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil {
			_, _, _, _ = typeName(got), isEmpty(got), asText(got), textFaults(asText(got), 1)
		}
	})
}

func TestNumber_Text(t *testing.T) {
	for in, want := range map[number]string{
		"5": "5", "-0": "0", "1.0": "1.0", "2.50": "2.5", "1e3": "1000.0", "1e16": "1e+16", "1e-5": "1e-05", "0.0001": "0.0001",
		"1e999": "inf", "-1e999": "-inf", "NaN": "nan", "Infinity": "inf", "-Infinity": "-inf",
	} {
		if got := in.text(); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
