package awxapi_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestLogin_Refuses(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name, username, password string
	}{
		{"a wrong password", "alice", "wrong"},
		{"an unknown user", "nobody", password},
		{"a disabled user", "inactive", password},
		{"no password", "alice", ""},
		{"no name", "", password},
		{"a NUL", "alice\x00", password},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := w.browser()
			b.get(t, "/api/login/")
			got := b.form(t, "/api/login/", "username", c.username, "password", c.password, "next", "/api/v2/")
			if got.Code != http.StatusUnauthorized || b.cookies["awx_sessionid"] != "" || got.Header().Get("X-API-Session-Cookie-Name") != "" {
				t.Errorf("got %d %v", got.Code, got.Header())
			}
			for _, want := range []string{`name="csrfmiddlewaretoken"`, `name="next" value="/api/v2/"`, `role="alert"`} {
				if !strings.Contains(got.Body.String(), want) {
					t.Errorf("the page lacks %s: %s", want, got.Body)
				}
			}
		})
	}
}

func TestLogin_RefusesForeignForms(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get(t, "/api/")
	form := "username=alice&password=" + password
	for name, headers := range map[string][]string{
		"no token":       nil,
		"foreign token":  {"X-CSRFToken", strings.Repeat("x", 32)},
		"foreign origin": {"X-CSRFToken", b.cookies["csrftoken"], "Origin", "https://evil.example"},
	} {
		got := b.send(t, http.MethodPost, "/api/login/", "application/x-www-form-urlencoded", form, headers...)
		if got.Code != http.StatusForbidden || b.cookies["awx_sessionid"] != "" || !strings.Contains(got.Body.String(), "CSRF verification failed. Request aborted.") {
			t.Errorf("%s: got %d %s", name, got.Code, got.Body)
		}
	}
	page := b.get(t, "/api/login/").Body.String()
	token := regexp.MustCompile(`name="csrfmiddlewaretoken" value="(\w{64})"`).FindStringSubmatch(page)
	if token == nil {
		t.Fatalf("no token in %s", page)
	}
	got := b.send(t, http.MethodPost, "/api/login/", "application/x-www-form-urlencoded", form+"&csrfmiddlewaretoken="+token[1])
	wantStatus(t, got, http.StatusFound)
}

func TestLogin_BodiesThatAreNoForms(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get(t, "/api/")
	for _, c := range []struct {
		name, contentType, body string
		status                  int
	}{
		{"JSON", "application/json", `{"username":"alice","password":"` + password + `"}`, http.StatusUnauthorized},
		{"nothing", "", "", http.StatusUnauthorized},
		{"too large", "application/x-www-form-urlencoded", "username=" + strings.Repeat("x", 1<<20), http.StatusRequestEntityTooLarge},
		{"broken multipart", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nal", http.StatusBadRequest},
		{"not UTF-8", "application/x-www-form-urlencoded", "username=%ff&password=%ff", http.StatusUnauthorized},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantStatus(t, b.send(t, http.MethodPost, "/api/login/", c.contentType, c.body, "X-CSRFToken", b.cookies["csrftoken"]), c.status)
		})
	}
}

func TestLogin_LeadsNowhereElse(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get(t, "/api/")
	for next, want := range map[string]string{
		"/api/v2/me/": "/api/v2/me/", "": "/", "//evil.example": "/", `/\evil.example`: "/", "https:evil.example": "/",
		"/\t/evil.example": "/", "////evil.example": "/", "https://evil.example/": "/", "http://example.com/api/": "http://example.com/api/",
	} {
		got := b.form(t, "/api/login/", "username", "alice", "password", password, "next", next)
		if got.Code != http.StatusFound || got.Header().Get("Location") != want {
			t.Errorf("%q: got %d %q, want %q", next, got.Code, got.Header().Get("Location"), want)
		}
	}
	got := b.form(t, "/api/login/?next=/api/v2/", "username", "alice", "password", password)
	if got.Header().Get("Location") != "/api/v2/" {
		t.Errorf("next in the query: got %q", got.Header().Get("Location"))
	}
	if got := b.get(t, "/api/logout/?next=//evil.example"); got.Header().Get("Location") != "/api/" {
		t.Errorf("logout: got %q", got.Header().Get("Location"))
	}
	if got := b.get(t, "/api/login/?next=//evil.example"); strings.Contains(got.Body.String(), "evil") {
		t.Error("the page offers to go elsewhere")
	}
}

func TestLogin_PageIsForPeople(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	got := b.get(t, `/api/login/?next=/"><script>`)
	body := got.Body.String()
	if got.Code != http.StatusOK || strings.Contains(body, "<script") || strings.Contains(body, "src=") {
		t.Errorf("got %d %s", got.Code, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		"Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private", "Vary": "Cookie, Accept-Language, Origin",
	} {
		if value := got.Header().Get(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
	if policy := got.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("the policy is %q", policy)
	}
	wantStatus(t, b.get(t, "/api/login/", "Accept", "application/json"), http.StatusNotAcceptable)
	for _, path := range []string{"/api/login/", "/api/logout/"} {
		for method, status := range map[string]int{"OPTIONS": 200, "PUT": 405, "DELETE": 405} {
			if got := b.send(t, method, path, "", ""); got.Code != status || got.Header().Get("Allow") == "" {
				t.Errorf("%s %s: got %d, Allow %q", method, path, got.Code, got.Header().Get("Allow"))
			}
		}
	}
	if head := b.send(t, http.MethodHead, "/api/login/", "", ""); head.Code != http.StatusOK || head.Body.Len() != 0 {
		t.Errorf("HEAD: got %d %s", head.Code, head.Body)
	}
}
