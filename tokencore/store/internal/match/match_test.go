package match_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

func TestPattern_RefusesWhatIsInvalidOrCostly(t *testing.T) {
	for name, pattern := range map[string]string{
		"unfinished class":        "[",
		"unfinished group":        "(a",
		"unmatched parenthesis":   "a)(b",
		"look-ahead":              "(?=a)",
		"back reference":          `(a)\1`,
		"invalid UTF-8":           "\xff",
		"nested repetition":       "(a{1000}){1000}",
		"long under repetition":   "(" + strings.Repeat("ab", 200) + "){100}",
		"open repetition":         "(abcd){999,}",
		"many repetitions":        "a{1000}b{1000}c",
		"endless pattern":         strings.Repeat("a", 5000),
		"endless nesting":         strings.Repeat("(", 2000) + strings.Repeat(")", 2000),
		"repetition of any class": `([\pL\pN]{0,500}x){2}(y{500}){2}`,
	} {
		if _, err := match.Pattern(tokencore.Regex, pattern); !errors.Is(err, tokencore.ErrField) {
			t.Errorf("%s: got %v, want %q", name, err, tokencore.ErrField)
		} else if len(pattern) > 3 && strings.Contains(err.Error(), pattern) {
			t.Errorf("%s: the error shows the pattern", name)
		}
	}
}

func TestPattern_AcceptsWhatPeopleWrite(t *testing.T) {
	for _, pattern := range []string{"", "^a.*z$", `^\w{1,64}@example\.(com|org)$`, ".{0,255}", "^.{1000}$", "(ab){2,}", "a{0}", "a|b", "(?i)x", `^(ci|cd)-[0-9]+$`, "[[:alpha:]]"} {
		if _, err := match.Pattern(tokencore.Regex, pattern); err != nil {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func TestText_IsWhatPostgreSQLCastsTo(t *testing.T) {
	at := time.Date(2024, time.July, 2, 10, 30, 0, 120_000_000, time.FixedZone("", 3600))
	for want, value := range map[string]any{
		"-12":                           int64(-12),
		"true":                          true,
		"false":                         false,
		"Ab":                            "Ab",
		"2024-07-02 09:30:00.12+00":     at,
		"2024-07-02 09:30:00+00":        at.Truncate(time.Second),
		"9998-12-31 23:59:59+00":        tokencore.LatestExpiry,
		"1969-12-31 23:59:59.999999+00": time.UnixMicro(-1),
	} {
		if got, ok := match.Text(value); !ok || got != want {
			t.Errorf("%v: got %q, want %q", value, got, want)
		}
	}
	if _, ok := match.Text(nil); ok {
		t.Error("an absent value has a text")
	}
}
