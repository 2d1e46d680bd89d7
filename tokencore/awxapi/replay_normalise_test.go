package awxapi_test

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"time"
)

// anything stands for a body that is not compared.
const anything = "<anything>"

// comparedHeaders are the headers that are part of the contract. Of a proxy's log, and
// of those that AWX leaves to its nginx, only what was recorded is compared.
func comparedHeaders(c recorded) []string {
	names := []string{
		"Content-Type", "Location", "Allow", "Www-Authenticate", "Vary", "Set-Cookie", "Session-Timeout",
		"X-Api-Product-Name", "X-Api-Product-Version", "X-Api-Node", "X-Api-Session-Cookie-Name",
		"Content-Language", "Access-Control-Expose-Headers",
	}
	for _, name := range []string{"Cache-Control", "Pragma"} {
		if _, ok := c.answerHeader[name]; ok {
			names = append(names, name)
		}
	}
	if c.wire {
		names = slices.DeleteFunc(names, func(name string) bool { return c.answerHeader[name] == "" })
	}
	return names
}

func normaliseHeader(name, value string) string {
	switch name {
	case "Vary": // a set, RFC 9110 section 12.5.5
		words := strings.Split(value, ", ")
		slices.Sort(words)
		return strings.Join(words, ", ")
	case "Set-Cookie":
		return normaliseCookies(value)
	case "Location":
		return codeInURL.ReplaceAllString(value, "${1}<code>")
	default:
		return value
	}
}

var (
	codeInURL    = regexp.MustCompile(`([?&]code=)[A-Za-z0-9]{30}\b`)
	cookieBreak  = regexp.MustCompile(`, ([A-Za-z_]+=)`)
	randomCookie = regexp.MustCompile(`^(csrftoken|awx_sessionid)=[A-Za-z0-9]{32}$`)
)

// normaliseCookies sorts cookies and their attributes, and masks random values and dates.
func normaliseCookies(value string) string {
	cookies := strings.Split(cookieBreak.ReplaceAllString(value, "\n$1"), "\n")
	for i, cookie := range cookies {
		parts := strings.Split(cookie, "; ")
		parts[0] = randomCookie.ReplaceAllString(parts[0], "$1=<32>")
		parts[0] = strings.TrimSuffix(parts[0], `""`) // an empty value, quoted or not
		for j, attribute := range parts[1:] {
			name, setting, _ := strings.Cut(attribute, "=")
			name = strings.ToLower(name)
			if name == "expires" && !strings.Contains(setting, "1970") {
				setting = "<time>"
			}
			parts[j+1] = name + "=" + setting
		}
		slices.Sort(parts[1:])
		cookies[i] = strings.Join(parts, "; ")
	}
	slices.Sort(cookies)
	return strings.Join(cookies, ", ")
}

// masks replace what is different each time, if it has the shape that AWX's has.
var masks = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`"(created|modified|last_login|timestamp)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z"`), `"$1":"<time>"`},
	{regexp.MustCompile(`"client_id":"[A-Za-z0-9]{40}"`), `"client_id":"<40>"`},
	{regexp.MustCompile(`"client_secret":"[A-Za-z0-9]{128}"`), `"client_secret":"<128>"`},
	{regexp.MustCompile(`"(access_token|refresh_token|token)":( ?)"[A-Za-z0-9]{30}"`), `"$1":$2"<30>"`},
	{regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"`), `"<uuid>"`},
	// AWX's roles are rows with ids.
	{regexp.MustCompile(`("name":"[A-Za-z ]+","id":)\d+`), `$1"<role>"`},
	// The recorder's first organization had a demonstration project.
	{regexp.MustCompile(`"(inventories|job_templates|projects|hosts)":\d+`), `"$1":"<count>"`},
	// Settings are rows with ids.
	{regexp.MustCompile(`("value":(?:[a-z]+|"(?:[^"\\]|\\.)*"),"id":)\d+`), `$1"<setting>"`},
	// Help is written in everybody's own words.
	{regexp.MustCompile(`"help_text":"(?:[^"\\]|\\.)*"`), `"help_text":"<help>"`},
}

// activityPage finds a page of an activity stream that goes on. How long it is, and the
// numbers of its first entries, depend on what was not recorded.
var (
	activityPage  = regexp.MustCompile(`^\{"count":\d+,"next":"[^"]*/activity_stream/\?`)
	activityCount = regexp.MustCompile(`^\{"count":\d+`)
	activityID    = regexp.MustCompile(`"id":\d+,"type":"activity_stream","url":"/api/v2/activity_stream/\d+/"`)
)

func normaliseBody(c recorded, text string) string {
	text = strings.TrimSpace(text)
	if activityPage.MatchString(text) {
		text = activityCount.ReplaceAllString(text, `{"count":"<count>"`)
		text = activityID.ReplaceAllString(text, `"id":"<activity>","type":"activity_stream"`)
	}
	text = relativeExpiry(text)
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.with)
	}
	if c.method == "OPTIONS" {
		text = descriptionPattern.ReplaceAllString(text, `"description":"<help>`)
	}
	return sortLifetimes(text)
}

var (
	descriptionPattern = regexp.MustCompile(`"description":"(?:[^"\\]|\\.)*(?:"|\\?$)`) // cut ones end anywhere
	expiryPattern      = regexp.MustCompile(`"created":"([^"]*)"([^{}]*?)"expires":"([^"]*)"`)
)

// relativeExpiry says when a token expires in seconds after its creation, which AWX
// measures some milliseconds later than the expiry.
func relativeExpiry(text string) string {
	return expiryPattern.ReplaceAllStringFunc(text, func(match string) string {
		m := expiryPattern.FindStringSubmatch(match)
		created, err := time.Parse(time.RFC3339Nano, m[1])
		if err != nil {
			return match
		}
		expires, err := time.Parse(time.RFC3339Nano, m[3])
		if err != nil {
			return match
		}
		fraction := math.Round(float64(expires.Nanosecond()-created.Nanosecond()) / 1e9)
		seconds := expires.Unix() - created.Unix() + int64(fraction)
		return fmt.Sprintf(`"created":"%s"%s"expires":"<created+%ds>"`, m[1], m[2], seconds)
	})
}

// lifetimePattern finds a stored object whose keys AWX's database orders by their length.
var lifetimePattern = regexp.MustCompile(`("OAUTH2_PROVIDER"|"value"):\{("[^{}\[\]]*)\}`)

func sortLifetimes(text string) string {
	return lifetimePattern.ReplaceAllStringFunc(text, func(match string) string {
		m := lifetimePattern.FindStringSubmatch(match)
		members := strings.Split(m[2], ",")
		slices.Sort(members)
		return strings.Replace(match, m[2], strings.Join(members, ","), 1)
	})
}

// isPart reports whether the members of an object are some of those of another, in the
// same order. What the recorder cut off has no end to compare with.
func isPart(part, whole string) bool {
	if !json.Valid([]byte(whole)) {
		return true
	}
	rest := members(whole)
	for _, m := range members(part) {
		at := slices.Index(rest, m)
		if at < 0 {
			return false
		}
		rest = rest[at+1:]
	}
	return part != ""
}

// members are those of a JSON object, each as text.
func members(object string) []string {
	var texts []string
	d := json.NewDecoder(strings.NewReader(object))
	_, _ = d.Token()
	for d.More() {
		name, err := d.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			break
		}
		texts = append(texts, fmt.Sprintf("%s: %s", name, value))
	}
	return texts
}

func isHTML(header map[string]string) bool {
	return strings.HasPrefix(header["Content-Type"], "text/html")
}

var (
	factPattern = regexp.MustCompile(`(?s)<(?:h1|h2|h3|p)(?: [^>]*)?>([^<]+)</`)
	tagPattern  = regexp.MustCompile(`(?s)<(?:style|script).*?</(?:style|script)>|<[^>]*>`)
	spaces      = regexp.MustCompile(`\s+`)
)

// htmlFacts are the sentences of AWX's page that a user needs: of its looks nothing is
// compared. A body without tags is a sentence.
func htmlFacts(c recorded) []string {
	if !isHTML(c.answerHeader) || c.answer == "" {
		return nil
	}
	if !strings.Contains(c.answer, "<") {
		return []string{strings.TrimSpace(c.answer)}
	}
	var facts []string
	for _, m := range factPattern.FindAllStringSubmatch(c.answer, -1) {
		if fact := visibleText(m[1]); fact != "" {
			facts = append(facts, fact)
		}
	}
	return facts
}

// unsaidFacts are those that our page lacks.
func unsaidFacts(c recorded, got *httptest.ResponseRecorder) []string {
	ours := visibleText(got.Body.String())
	return slices.DeleteFunc(htmlFacts(c), func(fact string) bool { return strings.Contains(ours, fact) })
}

func visibleText(page string) string {
	text := html.UnescapeString(tagPattern.ReplaceAllString(page, " "))
	return strings.TrimSpace(spaces.ReplaceAllString(text, " "))
}
