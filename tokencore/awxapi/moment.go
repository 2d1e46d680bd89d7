package awxapi

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The forms of a time. Python reads many of ISO 8601's; Django then tries two of
// its own, in which a value of the right form may still be no date.
var (
	isoTimes   = isoForms()
	djangoForm = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,12}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$`)
	dateForm   = regexp.MustCompile(`^(\d{4})-(\d{1,2})-(\d{1,2})$`)
)

func isoForms() []*regexp.Regexp {
	const zone = `(Z|[+-]\d\d(?::?\d\d(?::?\d\d(?:\.\d+)?)?)?)?`
	dates := []string{`(\d{4})-(\d\d)-(\d\d)`, `(\d{4})(\d\d)(\d\d)`}
	clocks := []string{`(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?`, `(\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d+))?)?)?`}
	forms := make([]*regexp.Regexp, 0, len(dates)*len(clocks))
	for _, date := range dates {
		for _, clock := range clocks {
			forms = append(forms, regexp.MustCompile(`(?s)^`+date+`(?:.`+clock+zone+`)?$`))
		}
	}
	return forms
}

// djangoTime reads a time as AWX does; without a zone it is UTC.
func djangoTime(value string) (any, error) {
	for _, form := range isoTimes {
		if parts := form.FindStringSubmatch(value); parts != nil {
			if t, ok := timeOf(parts[1:]); ok {
				return t, nil
			}
		}
	}
	const malformed = "“%s” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."
	message := malformed
	parts := djangoForm.FindStringSubmatch(value)
	if parts != nil {
		message = "“%s” value has the correct format (YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ]) but it is an invalid date/time."
	} else if parts = dateForm.FindStringSubmatch(value); parts != nil {
		message = "“%s” value has the correct format (YYYY-MM-DD) but it is an invalid date."
	}
	if parts != nil {
		if t, ok := timeOf(parts[1:]); ok {
			return t, nil
		}
	}
	return nil, invalidValue(fmt.Sprintf(message, value))
}

// timeOf makes a time of year, month, day, hour, minute, second, fraction and zone,
// of which all but the first three may be missing.
func timeOf(parts []string) (time.Time, bool) {
	const wanted = 8
	parts = append(parts, make([]string, wanted-len(parts))...)
	var n [6]int
	for i := range n {
		n[i], _ = strconv.Atoi(orZero(parts[i]))
	}
	fraction := parts[6]
	nanoseconds, _ := strconv.Atoi((fraction + "000000")[:len("000000")] + "000")
	offset, ok := zoneOffset(parts[7])
	year, month, day, hour, minute, second := n[0], time.Month(n[1]), n[2], n[3], n[4], n[5]
	t := time.Date(year, month, day, hour, minute, second, nanoseconds, time.UTC)
	// time.Date moves what is out of range on; Python refuses it.
	same := t.Year() == year && t.Month() == month && t.Day() == day && t.Hour() == hour && t.Minute() == minute && t.Second() == second
	return t.Add(-offset), ok && same && year > 0
}

// zoneOffset reads "Z" or "+10:00".
func zoneOffset(zone string) (time.Duration, bool) {
	if zone == "" || zone == "Z" {
		return 0, true
	}
	digits, _, _ := strings.Cut(strings.ReplaceAll(zone[1:], ":", ""), ".")
	digits = (digits + "0000")[:len("000000")]
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi(digits[2:4])
	seconds, _ := strconv.Atoi(digits[4:])
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second
	if zone[0] == '-' {
		offset = -offset
	}
	const minutesOfAnHour = 60
	return offset, offset.Abs() < 24*time.Hour && minutes < minutesOfAnHour
}
