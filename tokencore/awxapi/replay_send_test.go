package awxapi_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// send sends a case as the recorder's client, Python's requests, did.
func (p *replayer) send(t *testing.T, c recorded) *httptest.ResponseRecorder {
	t.Helper()
	body, contentType := c.payload()
	body = p.ours(body)
	if _, csrf := p.cookiesOf(c); csrf != "" {
		// The field of a form that we did not show.
		body = strings.Replace(body, "csrfmiddlewaretoken="+formToken(c), "csrfmiddlewaretoken="+p.ours(csrf), 1)
	}
	var head strings.Builder
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\n", c.method, requote(p.ours(c.path)))
	host := "awx.example"
	if at, err := url.Parse(c.header("Referer")); err == nil && at.Host != "" {
		host = at.Host
	}
	fmt.Fprintf(&head, "Host: %s\r\n", host)
	if c.header("Accept") == "" {
		head.WriteString("Accept: */*\r\n")
	}
	for _, h := range c.headers {
		if http.CanonicalHeaderKey(h[0]) != "Content-Length" {
			fmt.Fprintf(&head, "%s: %s\r\n", h[0], p.oursInHeader(h[0], h[1]))
		}
	}
	if body != "" {
		if c.header("Content-Type") == "" && contentType != "" {
			fmt.Fprintf(&head, "Content-Type: %s\r\n", contentType)
		}
		fmt.Fprintf(&head, "Content-Length: %d\r\n", len(body))
	}
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head.String() + "\r\n" + body)))
	if err != nil {
		t.Fatalf("%s: %v", c.request(), err)
	}
	p.identify(c, request)
	answer := httptest.NewRecorder()
	p.world.api.ServeHTTP(answer, request.WithContext(t.Context()))
	return answer
}

// identify adds the credentials that the recorder left out of the file.
func (p *replayer) identify(c recorded, request *http.Request) {
	switch {
	case c.wire:
		return // they are in the headers
	case c.identity == "bearer":
		request.Header.Set("Authorization", "Bearer "+p.ours(p.bearerOf(c)))
	case c.identity != "":
		name := p.ours(c.identity)
		request.SetBasicAuth(name, p.passwordOf(c, name))
	}
	session, csrf := p.cookiesOf(c)
	if session != "" {
		request.AddCookie(&http.Cookie{Name: "awx_sessionid", Value: p.ours(session)})
	}
	if csrf != "" {
		request.AddCookie(&http.Cookie{Name: "csrftoken", Value: p.ours(csrf)})
	}
}

// passwordOf is the password, or client secret, that a case was sent with.
func (p *replayer) passwordOf(c recorded, name string) string {
	switch {
	case slices.Contains(wrongPassword, c.label):
		return "wrong"
	case strings.Contains(c.label, "empty secret"):
		return ""
	case p.clientSecrets[name] != "":
		return p.clientSecrets[name]
	default:
		return password
	}
}

// wrongPassword lists the cases that were sent with a wrong password or client secret.
var wrongPassword = []string{
	"bad basic", "basic bad secret", "basic bad secret but good body creds", "refresh bad client", "bad client",
}

// bearerOf is the access token, as recorded, that a case was sent with. The recorder did
// not write it down; unless a case says otherwise, it was the one that had been issued last.
func (p *replayer) bearerOf(c recorded) string {
	switch {
	case p.bearer != "":
		return p.bearer
	case len(p.issued) > 0:
		return p.issued[len(p.issued)-1]
	default:
		return "nosuchtoken"
	}
}

// cookiesOf are the cookies, as recorded, that a case was sent with. They are known from
// AWX's answer, which repeats the session, and from the CSRF header.
func (p *replayer) cookiesOf(c recorded) (session, csrf string) {
	header := c.header("X-CSRFToken")
	switch answered := cookieValue(c.answerHeader["Set-Cookie"], "awx_sessionid"); {
	case c.identity != "":
		return "", ""
	case strings.HasPrefix(c.path, "/api/login/") && header != "":
		return p.sessionOf[header], header
	case answered == `""`:
		return p.lastSession, p.csrfOf[p.lastSession]
	case answered != "":
		return answered, p.csrfOf[answered]
	case header != "":
		return "", header
	default:
		return "", ""
	}
}

var formTokenPattern = regexp.MustCompile(`'csrfmiddlewaretoken': '([A-Za-z0-9]{64})'`)

// formToken is the CSRF token of a recorded form.
func formToken(c recorded) string {
	if m := formTokenPattern.FindStringSubmatch(c.body); m != nil {
		return m[1]
	}
	return "<none>"
}

var cookiePattern = regexp.MustCompile(`(?:^|, |; )(csrftoken|awx_sessionid|userLoggedIn)=([^;,]*)`)

func cookieValue(header, name string) string {
	for _, m := range cookiePattern.FindAllStringSubmatch(header, -1) {
		if m[1] == name {
			return m[2]
		}
	}
	return ""
}

// random finds what is random in an answer; the last group is the value.
var random = []*regexp.Regexp{
	regexp.MustCompile(`"(access_token|refresh_token|token|client_id|client_secret)": ?"([A-Za-z0-9]{30,128})"`),
	regexp.MustCompile(`(name="csrfmiddlewaretoken" value=")([A-Za-z0-9]{32,64})"`),
	regexp.MustCompile(`([?&]code=)([A-Za-z0-9]{30})`),
	regexp.MustCompile(`(csrftoken=|awx_sessionid=)([A-Za-z0-9]{32})`),
}

// learn pairs what is random in AWX's answer with what is random in ours.
func (p *replayer) learn(c recorded, got *httptest.ResponseRecorder) {
	theirs := strings.Join([]string{c.answerHeader["Location"], c.answerHeader["Set-Cookie"], c.answer}, "\n")
	ours := strings.Join([]string{
		got.Header().Get("Location"), strings.Join(got.Header().Values("Set-Cookie"), ", "), got.Body.String(),
	}, "\n")
	for _, pattern := range random {
		pairs := pattern.FindAllStringSubmatch(ours, -1)
		byName := map[string][]string{}
		for _, m := range pairs {
			byName[m[1]] = append(byName[m[1]], m[2])
		}
		for _, m := range pattern.FindAllStringSubmatch(theirs, -1) {
			if values := byName[m[1]]; len(values) > 0 {
				p.secrets[m[2]], byName[m[1]] = values[0], values[1:]
			}
			if m[1] == "access_token" || m[1] == "token" {
				p.issued = append(p.issued, m[2])
			}
		}
	}
	var id, secret string
	for _, m := range random[0].FindAllStringSubmatch(ours, -1) {
		switch m[1] {
		case "client_id":
			id = m[2]
		case "client_secret":
			secret = m[2]
		}
	}
	if secret != "" {
		p.clientSecrets[id] = secret
	}
	p.learnCookies(c)
}

func (p *replayer) learnCookies(c recorded) {
	header := c.answerHeader["Set-Cookie"]
	session, csrf := cookieValue(header, "awx_sessionid"), cookieValue(header, "csrftoken")
	if c.identity != "" || session == "" || session == `""` {
		return
	}
	p.lastSession = session
	if csrf != "" {
		p.csrfOf[session], p.sessionOf[csrf] = csrf, session
	}
}

var wordPattern = regexp.MustCompile(`[A-Za-z0-9]{30,128}`)

// ours replaces what was random in the recording by what is random here.
func (p *replayer) ours(text string) string {
	return wordPattern.ReplaceAllStringFunc(text, func(word string) string {
		if known, ok := p.secrets[word]; ok {
			return known
		}
		return word
	})
}

func (p *replayer) oursInHeader(name, value string) string {
	encoded, basic := strings.CutPrefix(value, "Basic ")
	if !strings.EqualFold(name, "Authorization") || !basic {
		return p.ours(value)
	}
	credentials, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return value
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(p.ours(string(credentials))))
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
	invalidEscape   = regexp.MustCompile(`%([^0-9A-Fa-f]|[0-9A-Fa-f][^0-9A-Fa-f]|.?$)`)
	locationPattern = regexp.MustCompile(`^/api/v2/([a-z_]+)/(\d+)/$`)
)

// locationID reads the Location of something that was created.
func locationID(location string) (resource string, id int64, ok bool) {
	m := locationPattern.FindStringSubmatch(location)
	if m == nil {
		return "", 0, false
	}
	id, err := strconv.ParseInt(m[2], 10, 64)
	return m[1], id, err == nil
}
