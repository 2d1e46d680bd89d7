package caddymodule

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// browser keeps cookies, in both directions by hand.
type browser struct {
	*directoryRig
	cookies map[string]string
}

func (b *browser) ask(method, path, body string, fields ...string) (status int, header http.Header, answer string) {
	b.t.Helper()
	sent := make(http.Header)
	for i := 0; i < len(fields); i += 2 {
		sent.Set(fields[i], fields[i+1])
	}
	var pairs []string
	for name, value := range b.cookies {
		pairs = append(pairs, name+"="+value)
	}
	if pairs != nil {
		sent.Set("Cookie", strings.Join(pairs, "; "))
	}
	status, header, answer = b.send(method, path, sent, body)
	for _, line := range header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err == nil {
			b.cookies[c.Name] = c.Value
		}
	}
	return status, header, answer
}

// signIn uses AWX's own login, through the gateway.
func (r *directoryRig) signIn(username string) *browser {
	r.t.Helper()
	b := &browser{r, make(map[string]string)}
	b.ask(http.MethodGet, "/api/login/", "")
	status, _, body := b.ask(http.MethodPost, "/api/login/", url.Values{"username": {username}, "password": {adminPassword}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded", "X-CSRFToken", b.cookies["csrftoken"])
	if status != http.StatusFound || b.cookies["awx_sessionid"] == "" {
		r.t.Fatalf("status %d, %s", status, body)
	}
	return b
}

func TestDirectoryAWX_SessionsOfAWXCount(t *testing.T) {
	r := newDirectoryRig(t)
	alice := r.signIn("alice")
	csrf := alice.cookies["csrftoken"]
	other := strings.Repeat("x", len(csrf))
	own := "http://" + r.address
	got := make(map[string]int)
	for what, fields := range map[string][]string{
		"with the token":                 {"X-CSRFToken", csrf},
		"with the token and our origin":  {"X-CSRFToken", csrf, "Origin", own},
		"without the token":              nil,
		"with another token":             {"X-CSRFToken", other},
		"of another site":                {"X-CSRFToken", csrf, "Origin", "http://evil.example"},
		"of another site, says browser":  {"X-CSRFToken", csrf, "Sec-Fetch-Site", "cross-site"},
		"with the token, and bad bearer": {"X-CSRFToken", csrf, "Authorization", "Bearer nosuch"},
	} {
		got[what], _, _ = alice.ask(http.MethodPost, "/api/v2/tokens/", `{"scope":"write"}`, fields...)
	}
	want := map[string]int{
		"with the token": 201, "with the token and our origin": 201,
		"without the token": 403, "with another token": 403, "of another site": 403, "of another site, says browser": 403,
		"with the token, and bad bearer": 401,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	status, header, body := alice.ask(http.MethodGet, "/api/v2/tokens/", "")
	if status != http.StatusOK || countOf(body) != "/2" || !strings.Contains(body, `"username":"alice"`) {
		t.Errorf("got %d %s", status, body)
	}
	if header.Get("Session-Timeout") != "1800" || !strings.HasPrefix(header.Get("Set-Cookie"), "awx_sessionid=") {
		t.Errorf("the session was not prolonged: %v", header)
	}

	r.awx.SetDown(true)
	if status, _, body := alice.ask(http.MethodGet, "/api/v2/tokens/", ""); status != http.StatusServiceUnavailable {
		t.Errorf("while AWX is down: %d %s", status, body)
	}
	r.awx.SetDown(false)
	r.changeUser("alice", func(u *awxUser) { u.Disabled = true })
	if status, _, body := alice.ask(http.MethodGet, "/api/v2/tokens/", ""); status != http.StatusUnauthorized {
		t.Errorf("disabled: %d %s", status, body)
	}
	nobody := &browser{r, map[string]string{"awx_sessionid": "made-up"}}
	if status, _, body := nobody.ask(http.MethodGet, "/api/v2/tokens/", ""); status != http.StatusUnauthorized {
		t.Errorf("made up: %d %s", status, body)
	}
}

func TestDirectoryAWX_OnlyTheSessionCookieIsShownToAWX(t *testing.T) {
	r := newDirectoryRig(t)
	alice := r.signIn("alice")
	alice.cookies["other"] = "secret"
	r.awx.Take()
	alice.ask(http.MethodGet, "/api/v2/tokens/", "", "X-Forwarded-For", "192.0.2.1", "X-Trusted-Proxy", "x")
	for _, request := range r.awx.Take() {
		if request.Username == "alice" && request.Path == "/api/v2/me/" {
			if cookie := request.Header.Get("Cookie"); cookie != "awx_sessionid="+alice.cookies["awx_sessionid"] {
				t.Errorf("AWX got %q", cookie)
			}
			for _, name := range []string{"X-Forwarded-For", "X-Trusted-Proxy", "Authorization"} {
				if request.Header.Get(name) != "" {
					t.Errorf("AWX got %s", name)
				}
			}
			return
		}
	}
	t.Error("AWX was not asked")
}

func TestDirectoryAWX_ConsentIsGivenInASessionOfAWX(t *testing.T) {
	const redirect = "https://client.example/callback"
	r := newDirectoryRig(t)
	status, answer := r.call(http.MethodPost, "/api/v2/applications/", basicHeader("admin", adminPassword),
		fmt.Sprintf(`{"name":"web","organization":2,"client_type":"confidential","authorization_grant_type":"authorization-code","redirect_uris":%q}`, redirect))
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	if err := json.Unmarshal([]byte(answer), &app); err != nil || status != http.StatusCreated {
		t.Fatalf("status %d, %s", status, answer)
	}
	path := "/api/o/authorize/?" + url.Values{
		"client_id": {app.ID}, "response_type": {"code"}, "redirect_uri": {redirect}, "scope": {"write"}, "state": {"s"},
	}.Encode()

	stranger := &browser{r, make(map[string]string)}
	if status, header, _ := stranger.ask(http.MethodGet, path, ""); status != http.StatusFound || !strings.HasPrefix(header.Get("Location"), "/api/login/?next=/api/o/authorize/") {
		t.Errorf("without a session: %d %s", status, header.Get("Location"))
	}

	alice := r.signIn("alice")
	status, _, page := alice.ask(http.MethodGet, path, "")
	if status != http.StatusOK || !strings.Contains(page, "<strong>alice</strong>") {
		t.Fatalf("status %d, %s", status, page)
	}
	form := url.Values{"allow": {"Authorize"}}
	for _, field := range regexp.MustCompile(`name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if field[1] != "allow" {
			form.Set(field[1], html.UnescapeString(field[2]))
		}
	}
	forged := url.Values{}
	for name, values := range form {
		if name != "csrfmiddlewaretoken" {
			forged[name] = values
		}
	}
	const formType = "application/x-www-form-urlencoded"
	if status, _, _ := alice.ask(http.MethodPost, path, forged.Encode(), "Content-Type", formType); status != http.StatusForbidden {
		t.Errorf("without the form's token: %d", status)
	}
	status, header, body := alice.ask(http.MethodPost, path, form.Encode(), "Content-Type", formType)
	location, err := url.Parse(header.Get("Location"))
	if err != nil || status != http.StatusFound || location.Query().Get("code") == "" {
		t.Fatalf("status %d, %s, %s", status, location, body)
	}
	status, granted := r.grant(url.Values{
		"grant_type": {"authorization_code"}, "code": {location.Query().Get("code")}, "redirect_uri": {redirect},
		"client_id": {app.ID}, "client_secret": {app.Secret},
	})
	if status != http.StatusOK {
		t.Fatalf("status %d, %v", status, granted)
	}
	if got := r.whoIs(granted["access_token"].(string)); got != "200 alice" {
		t.Errorf("got %q", got)
	}
}
