package doctor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ping is what AWX tells everybody.
type ping struct {
	Version string `json:"version"`
}

func (r reply) ping() (ping, bool) {
	var p ping
	return p, r.status == http.StatusOK && json.Unmarshal([]byte(r.body), &p) == nil && p.Version != ""
}

// answers reports whether AWX does.
func (e *examination) answers() bool {
	const check = "AWX answers"
	answer, err := e.get("/api/v2/ping/", nil)
	if err != nil {
		e.report(failed(check, fmt.Sprintf("no answer at %s (%v)", e.URL, err),
			"correct AWXGATE_UPSTREAM, or let this machine reach AWX"))
		return false
	}
	p, isAWX := answer.ping()
	if !isAWX {
		e.report(failed(check, fmt.Sprintf("%s is not AWX's API: /api/v2/ping/ gives %s", e.URL, answer.says()),
			"give the address under which AWX itself has /api/, without a path of AWX's"))
		return false
	}
	e.asked, e.date, e.version = e.Now(), answer.header.Get("Date"), p.Version
	if e.Identify != nil && before(p.Version, 24, 6) {
		e.report(failed(check, fmt.Sprintf("AWX %s at %s takes another form of signed identity", p.Version, e.URL),
			"use AWX 24.6.0 or later"))
		return true
	}
	e.report(ok(check, "AWX %s at %s", p.Version, e.URL))
	return true
}

// before compares the first two numbers of a version. What is no version is not before
// anything: development builds have names of their own.
func before(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, errA := strconv.Atoi(parts[0])
	b, errB := strconv.Atoi(parts[1])
	if errA != nil || errB != nil {
		return false
	}
	return a < major || a == major && b < minor
}

// clock compares the clocks. AWX gives an identity no leeway: one that has expired by its
// own clock is refused.
func (e *examination) clock() {
	const check = "clocks"
	date, err := http.ParseTime(e.date)
	if err != nil {
		e.report(unknown(check, "AWX's answers carry no time", "compare the clocks of both machines by hand"))
		return
	}
	// The field has whole seconds, and the answer was on its way.
	apart := e.asked.Sub(date).Round(time.Second)
	const tell = "let both machines take their time from the same source (NTP)"
	switch {
	case e.Identify != nil && apart.Abs() >= e.Life/2:
		e.report(failed(check, fmt.Sprintf("AWX's clock is %s, and identities are good for %s", differs(apart), e.Life), tell))
	case apart.Abs() > 5*time.Second:
		e.report(warning(check, "AWX's clock is "+differs(apart), tell))
	default:
		e.report(ok(check, "no more than a few seconds apart"))
	}
}

func differs(apart time.Duration) string {
	if apart < 0 {
		return (-apart).String() + " ahead of ours"
	}
	return apart.String() + " behind ours"
}
