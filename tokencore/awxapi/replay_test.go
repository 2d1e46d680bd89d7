package awxapi_test

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// replayer sends the recorded cases in their order to one world and compares every
// answer with AWX's, after ids have been translated and what is random has been masked.
type replayer struct {
	world *world
	// ids translates the recorded ids of each resource to ours. It learns from each Location.
	ids map[string]map[string]string
	// differs finds a case in the tables of replay_cases_test.go, and notes that it did.
	used map[int]bool
}

func newReplayer(w *world) *replayer {
	return &replayer{
		world: w, used: map[int]bool{},
		ids: map[string]map[string]string{"applications": {}, "tokens": {}, "organizations": {}, "users": {}},
	}
}

// compared are the headers that are part of the contract.
var compared = []string{
	"Content-Type", "Location", "Allow", "WWW-Authenticate",
	"X-API-Product-Name", "X-API-Product-Version", "X-API-Node",
	"Content-Language", "Access-Control-Expose-Headers",
}

// outcome is what is compared.
type outcome struct {
	Status int
	Header map[string]string
	Body   string
}

func (p *replayer) replay(t *testing.T, file string) {
	for _, c := range readRecording(t, file) {
		t.Run(fmt.Sprintf("%d %s", c.line, strings.Map(printableRune, c.label)), func(t *testing.T) {
			p.run(t, c)
		})
	}
}

func printableRune(c rune) rune {
	if c == '/' || c < ' ' {
		return '_'
	}
	return c
}

func (p *replayer) run(t *testing.T, c recorded) {
	if hook, ok := before[c.file+" "+c.label]; ok {
		hook(t, p)
	}
	known, deliberate := p.deviation(c)
	if deliberate && known.status == 0 {
		return // listed with the reason; not sent
	}
	response := p.send(t, c)
	if location := response.Header().Get("Location"); response.Code == http.StatusCreated {
		if c.status == http.StatusCreated {
			p.learn(t, c.answerHeader["Location"], location)
		}
		if c.status != http.StatusCreated || removedAgain(c) {
			defer p.remove(t, location)
		}
	}
	if deliberate {
		if response.Code != known.status {
			t.Errorf("%s\nlisted difference: got %d, want %d (AWX %d): %s", c.request(), response.Code, known.status, c.status, response.Body)
		}
		return
	}
	want := p.expected(c)
	got := outcome{response.Code, map[string]string{}, ""}
	for _, name := range compared {
		if value := response.Header().Get(name); value != "" {
			got.Header[name] = value
		}
	}
	if strings.HasPrefix(got.Header["Content-Type"], "text/html") && response.Body.Len() == 0 {
		delete(got.Header, "Content-Type") // the recorder kept it, a client cannot tell
		delete(want.Header, "Content-Type")
	}
	got.Body = strings.TrimSpace(maskRandom(response.Body.String()))
	if c.cut && len(got.Body) > len(want.Body) {
		got.Body = got.Body[:len(want.Body)]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (%s:%d)\n-AWX +ours\n%s", c.request(), c.file, c.line, diff)
	}
}

// expected is AWX's answer in terms of our ids.
func (p *replayer) expected(c recorded) outcome {
	want := outcome{c.status, map[string]string{}, p.translate(c.answer)}
	if c.cut { // up to the last whole member
		want.Body = want.Body[:strings.LastIndexByte(want.Body, ',')]
	}
	want.Body = strings.TrimSpace(maskRandom(want.Body))
	for _, name := range compared {
		if value, ok := c.answerHeader[name]; ok {
			want.Header[name] = p.translate(value)
		}
	}
	return want
}

// send sends a case as the recorder's client, Python's requests, did.
func (p *replayer) send(t *testing.T, c recorded) *httptest.ResponseRecorder {
	t.Helper()
	body, contentType := c.payload()
	body = p.translate(body)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: awx.example\r\nAccept: */*\r\n", c.method, requote(p.translate(c.path)))
	given := http.Header{}
	for _, h := range c.headers {
		given.Add(h[0], h[1])
		if http.CanonicalHeaderKey(h[0]) == "Accept" {
			text := strings.Replace(b.String(), "Accept: */*\r\n", "", 1)
			b.Reset()
			b.WriteString(text)
		}
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	if body != "" {
		if given.Get("Content-Type") == "" {
			fmt.Fprintf(&b, "Content-Type: %s\r\n", contentType)
		}
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(b.String() + "\r\n" + body)))
	if err != nil {
		t.Fatalf("%s: %v", c.request(), err)
	}
	switch {
	case c.identity == "bearer":
		request.Header.Set("Authorization", "Bearer nosuchtoken")
	case c.identity != "":
		request.SetBasicAuth(c.identity, passwordOf(c))
	}
	response := httptest.NewRecorder()
	p.world.api.ServeHTTP(response, request.WithContext(t.Context()))
	return response
}

// requote escapes a URL as requests does: escapes stay, unless one of them is none.
func requote(url string) string {
	safe := "!#$%&'()*+,/:;=?@[]~-._"
	if invalidEscape.MatchString(url) {
		safe = strings.ReplaceAll(safe, "%", "")
	}
	var b strings.Builder
	for i := range len(url) {
		c := url[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(safe, c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

var (
	invalidEscape = regexp.MustCompile(`%([^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|.?$)`)
	locationParts = regexp.MustCompile(`^/api/v2/([a-z_]+)/(\d+)/$`)
)

// learn notes that the recorded URL is ours.
func (p *replayer) learn(t *testing.T, recordedURL, ourURL string) {
	t.Helper()
	theirs, ours := locationParts.FindStringSubmatch(recordedURL), locationParts.FindStringSubmatch(ourURL)
	if theirs == nil || ours == nil || theirs[1] != ours[1] {
		t.Fatalf("Location: AWX %q, ours %q", recordedURL, ourURL)
	}
	p.ids[ours[1]][theirs[2]] = ours[2]
}

// remove deletes what a case created although AWX did not, or what the recorder deleted.
func (p *replayer) remove(t *testing.T, location string) {
	t.Helper()
	m := locationParts.FindStringSubmatch(location)
	if m == nil {
		t.Fatalf("Location: %q", location)
	}
	id, _ := strconv.ParseInt(m[2], 10, 64)
	var err error
	switch m[1] {
	case "applications":
		err = p.world.svc.DeleteApplication(t.Context(), tokencore.Actor{}, id)
	case "tokens":
		err = p.world.svc.RevokeToken(t.Context(), tokencore.Actor{}, id)
	}
	if err != nil {
		t.Fatalf("removing %s: %v", location, err)
	}
}

// idPattern finds ids of one resource; the first group is the id.
type idPattern struct {
	resource string
	pattern  *regexp.Regexp
}

var idPatterns = []idPattern{
	{"applications", regexp.MustCompile(`/api/v2/applications/(\d+)`)},
	{"applications", regexp.MustCompile(`/api/v2/applications/\?id=(\d+)`)},
	{"applications", regexp.MustCompile(`"id":(\d+),"type":"o_auth2_application"`)},
	{"applications", regexp.MustCompile(`"application":\{"id":(\d+),`)},
	{"applications", regexp.MustCompile(`"application": ?"?(\d+)`)},
	{"tokens", regexp.MustCompile(`/api/v2/tokens/(\d+)`)},
	{"tokens", regexp.MustCompile(`"id":(\d+),"type":"o_auth2_access_token"`)},
	{"tokens", regexp.MustCompile(`\{"id":(\d+),"token":`)},
	{"organizations", regexp.MustCompile(`/api/v2/organizations/(\d+)`)},
	{"organizations", regexp.MustCompile(`"organization":\{"id":(\d+),`)},
	{"organizations", regexp.MustCompile(`"organization": ?"?(\d+)`)},
}

// translate replaces recorded ids by ours; ids that nothing was learnt about stay.
func (p *replayer) translate(text string) string {
	for _, id := range idPatterns {
		text = id.pattern.ReplaceAllStringFunc(text, func(match string) string {
			at := id.pattern.FindStringSubmatchIndex(match)
			ours, ok := p.ids[id.resource][match[at[2]:at[3]]]
			if !ok {
				return match
			}
			return match[:at[2]] + ours + match[at[3]:]
		})
	}
	return text
}

// masks replace what is different each time, if it has the shape that AWX's has.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`"(created|modified|expires)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"`), `"$1":"<time>"`},
	{regexp.MustCompile(`"client_id":"[A-Za-z0-9]{40}"`), `"client_id":"<40>"`},
	{regexp.MustCompile(`"client_secret":"[A-Za-z0-9]{128}"`), `"client_secret":"<128>"`},
	{regexp.MustCompile(`"(token|refresh_token)":"[A-Za-z0-9]{30}"`), `"$1":"<30>"`},
	{regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"`), `"<uuid>"`},
}

func maskRandom(text string) string {
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.with)
	}
	return text
}
