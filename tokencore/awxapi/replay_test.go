package awxapi_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// replayed are the recordings in the order in which they were made. State carries over
// from case to case and from file to file.
var replayed = []string{
	"00-fixtures.http", "01-roots.http", "02-applications.http", "04-tokens.http", "05-o-token.http",
	"06-session-authorize.http", "08-options.http", "08b-options-missing.http", "09-lists-filters.http",
	"11-settings.http", "12-expiry.http", "13-external.http", "15-activity.http",
	"16-awxkit.log", "17-ansible.log", "20-misc.http", "21-misc2.http",
}

// TestReplay sends everything that was recorded of AWX 24.6.1 to an installation that
// starts from nothing, and compares every answer with AWX's. The only exceptions are in
// the table of deviations.
func TestReplay(t *testing.T) {
	for name, open := range storesUnderTest {
		t.Run(name, func(t *testing.T) {
			p := newReplayer(newInstallation(t, open(t)))
			for _, file := range replayed {
				t.Run(file, func(t *testing.T) { p.replay(t, file) })
			}
			p.report(t)
		})
	}
}

// replayer sends the recorded cases in their order to one installation.
type replayer struct {
	world *world
	// secrets translates what was random in the recording to what is random here:
	// tokens, client ids and secrets, codes, sessions. It learns from each answer.
	secrets map[string]string
	// clientSecrets has the secret by client id, both ours.
	clientSecrets map[string]string
	// issued lists the access tokens, as recorded, in the order of their answers.
	issued []string
	// bearer is the access token, as recorded, of the next cases; empty: the last that was issued.
	bearer string
	// Cookies travel in pairs. Both maps hold recorded values.
	csrfOf, sessionOf map[string]string
	lastSession       string

	// given has the last id of each resource that was given out.
	given map[string]int64

	external  external // the user of another provider whom the cases are about
	externals int      // how many there were

	used             map[int]int  // how many cases each row of the deviations covered
	needed           map[int]bool // of which at least one is not answered as AWX does
	cases, different int
}

func newReplayer(w *world) *replayer {
	return &replayer{
		world: w, secrets: map[string]string{}, clientSecrets: map[string]string{},
		csrfOf: map[string]string{}, sessionOf: map[string]string{}, given: map[string]int64{}, used: map[int]int{}, needed: map[int]bool{},
	}
}

func (p *replayer) replay(t *testing.T, file string) {
	p.step(t, file)
	for _, c := range readRecording(t, file) {
		t.Run(c.title(), func(t *testing.T) { p.run(t, c) })
	}
}

// step does what the recorder did before a file or a case without recording it.
func (p *replayer) step(t *testing.T, name string) {
	t.Helper()
	if f, ok := unrecorded[name]; ok {
		f(t, p)
	}
}

// align makes the next row of a resource get the id that AWX's got.
func (p *replayer) align(t *testing.T, resource string, id int64) {
	t.Helper()
	p.world.align(t, resource, id, p.given[resource])
	p.given[resource] = id - 1
}

func (p *replayer) run(t *testing.T, c recorded) {
	p.cases++
	d, row := p.deviation(c)
	if d.aside {
		p.aside(t, c).compare(t, c, d)
		p.different++ // some in what they do, not in what they answer
		p.needed[row] = true
		return
	}
	p.prepare(t, c)
	if asAWX := p.compare(t, c, d); d.reason != "" && !asAWX {
		p.different++
		p.needed[row] = true
	}
	if location := c.answerHeader["Location"]; c.status == http.StatusCreated && removedAgain(c) {
		p.remove(t, location)
	}
}

// prepare does what the recorder did before the case, and makes what the case creates
// get AWX's id.
func (p *replayer) prepare(t *testing.T, c recorded) {
	t.Helper()
	p.step(t, c.file+" "+c.label)
	p.step(t, fmt.Sprintf("%s:%d", c.file, c.line))
	if resource, id, ok := locationID(c.answerHeader["Location"]); ok && c.status == http.StatusCreated {
		p.align(t, resource, id)
	}
}

// aside returns a replayer over an installation of its own, in which everything that
// comes before the case in its file has happened.
func (p *replayer) aside(t *testing.T, c recorded) *replayer {
	t.Helper()
	q := newReplayer(newInstallation(t, storesUnderTest["memory"](t)))
	for _, file := range []string{replayed[0], c.file} {
		q.step(t, file)
		for _, before := range readRecording(t, file) {
			if before.file == c.file && before.line == c.line {
				break
			}
			q.prepare(t, before)
			q.learn(before, q.send(t, before))
		}
	}
	q.step(t, c.file+" "+c.label)
	return q
}

// compare sends the case and reports whether the answer is AWX's in spite of a deviation.
func (p *replayer) compare(t *testing.T, c recorded, d deviation) (asAWX bool) {
	t.Helper()
	got := p.send(t, c)
	unsaid := unsaidFacts(c, got)
	if d.reason != "" {
		plain := p.expected(c)
		asIs := p.observed(c, got, plain)
		asAWX = len(unsaid) == 0 && cmp.Equal(plain.lines(), asIs.lines())
	}
	want := d.apply(p.expected(c))
	ours := p.observed(c, got, want)
	if want.status == c.status {
		p.learn(c, got)
	}
	if resource, id, ok := locationID(got.Header().Get("Location")); ok {
		p.given[resource] = id
	}
	p.given["tokens"] = max(p.given["tokens"], p.world.newest(t, "tokens")) // not every new one has a Location
	if diff := cmp.Diff(want.lines(), ours.lines()); diff != "" {
		t.Errorf("%s (%s:%d)\n-AWX +ours\n%s", c.request(), c.file, c.line, diff)
	}
	if want.status == c.status && want.body == "" && len(unsaid) > 0 {
		t.Errorf("%s (%s:%d)\nthe page does not say %q:\n%s", c.request(), c.file, c.line, unsaid, got.Body)
	}
	return asAWX
}

// removedAgain reports whether the recorder deleted what a case had created before
// it went on: the same name is created again by the next case.
func removedAgain(c recorded) bool {
	return c.file == "02-applications.http" && !strings.Contains(c.body, `"app1"`)
}

func (p *replayer) remove(t *testing.T, location string) {
	t.Helper()
	if got := p.world.call(t, "admin", http.MethodDelete, location, ""); got.Code != http.StatusNoContent {
		t.Fatalf("removing %s: %d %s", location, got.Code, got.Body)
	}
}

// outcome is what is compared.
type outcome struct {
	status int
	header map[string]string
	body   string
	// someHeaders says that no headers are compared but those.
	someHeaders bool
	// part says that a part of the body's members, in their order, is as good.
	part bool
}

// lines makes differences readable.
func (o outcome) lines() []string {
	lines := []string{http.StatusText(o.status)}
	for _, name := range slices.Sorted(maps.Keys(o.header)) {
		lines = append(lines, name+": "+o.header[name])
	}
	body := strings.NewReplacer(`,"`, ",\n\"", `{"`, "{\n\"").Replace(o.body)
	return append(lines, strings.Split(body, "\n")...)
}

// expected is AWX's answer, normalised.
func (p *replayer) expected(c recorded) outcome {
	want := outcome{status: c.status, header: map[string]string{}}
	for _, name := range comparedHeaders(c) {
		if value, ok := c.answerHeader[name]; ok {
			want.header[name] = normaliseHeader(name, value)
		}
	}
	want.body = c.answer
	if isHTML(want.header) {
		want.body = ""
	}
	if c.cut { // up to the last whole member
		want.body = want.body[:max(0, strings.LastIndexByte(want.body, ','))]
	}
	want.body = normaliseBody(c, want.body)
	return want
}

// observed is our answer, normalised in the same way.
func (p *replayer) observed(c recorded, answer *httptest.ResponseRecorder, want outcome) outcome {
	got := outcome{status: answer.Code, header: map[string]string{}}
	for _, name := range comparedHeaders(c) {
		if values := answer.Header().Values(name); len(values) != 0 && values[0] != "" {
			got.header[name] = normaliseHeader(name, strings.Join(values, ", "))
		}
	}
	if answer.Body.Len() == 0 && isHTML(got.header) != isHTML(want.header) {
		delete(got.header, "Content-Type") // nobody reads the type of nothing
		delete(want.header, "Content-Type")
	}
	if want.someHeaders {
		maps.DeleteFunc(got.header, func(name, _ string) bool { return want.header[name] == "" })
	}
	got.body = answer.Body.String()
	if isHTML(got.header) {
		got.body = ""
	}
	got.body = normaliseBody(c, got.body)
	if want.body == anything || want.part && isPart(got.body, want.body) {
		got.body = want.body
	}
	if c.cut && strings.HasPrefix(got.body, want.body) {
		got.body = want.body
	}
	return got
}
