package awxapi

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestDjangoTime_ReadsWhatPythonAndDjangoRead(t *testing.T) {
	for text, want := range map[string]string{
		"2020-01-02":                       "2020-01-02T00:00:00Z",
		"2020-1-2":                         "2020-01-02T00:00:00Z",
		"20200102":                         "2020-01-02T00:00:00Z",
		"2020-01-02T03":                    "2020-01-02T03:00:00Z",
		"2020-01-02 03:04":                 "2020-01-02T03:04:00Z",
		"2020-1-2 3:4":                     "2020-01-02T03:04:00Z",
		"20200102T030405":                  "2020-01-02T03:04:05Z",
		"2020-01-02T03:04:05.5":            "2020-01-02T03:04:05.5Z",
		"2020-01-02T03:04:05,123456789":    "2020-01-02T03:04:05.123456Z",
		"2020-01-02x03:04:05Z":             "2020-01-02T03:04:05Z",
		"2020-01-02 03:04:05 +10:00":       "2020-01-01T17:04:05Z",
		"2020-01-02T03:04:05-0130":         "2020-01-02T04:34:05Z",
		"2020-01-02T03:04:05+01":           "2020-01-02T02:04:05Z",
		"9999-12-31T23:59:59.999999Z":      "9999-12-31T23:59:59.999999Z",
		"2024-02-29":                       "2024-02-29T00:00:00Z",
		"2020-01-02T03:04:05.000001+00:00": "2020-01-02T03:04:05.000001Z",
	} {
		got, err := djangoTime(text)
		if at, ok := got.(time.Time); err != nil || !ok || at.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
}

func TestDjangoTime_SaysWhatIsWrong(t *testing.T) {
	const (
		format = " value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."
		moment = " value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time."
		date   = " value has the correct format (YYYY-MM-DD) but it is an invalid date."
	)
	for text, want := range map[string]string{
		"": format, "abc": format, "2020": format, "2020-01": format, "2020-01-02T": format, "2020-01-02T03:04:05+1": format,
		"10000-01-01": format, "2020-01-02 03:04:05 UTC": format, "١٢٣٤-01-01": format,
		"2020-13-01": date, "2020-02-30": date, "2023-02-29": date, "0000-01-01": date,
		"2020-01-01 25:00": moment, "2020-01-01T10:61": moment, "2020-13-01T10:00:00Z": moment, "2020-01-01 10:00:60": moment,
		"2020-01-01 10:00:00+24:00": moment,
	} {
		_, err := djangoTime(text)
		var p *problem
		if !errors.As(err, &p) {
			t.Errorf("%q was accepted", text)
			continue
		}
		if body, ok := p.body.(message); !ok || body.Detail != `["“`+text+`”`+want+`"]` {
			t.Errorf("%q: got %+v, want %s", text, p.body, strings.TrimSpace(want))
		}
	}
}
