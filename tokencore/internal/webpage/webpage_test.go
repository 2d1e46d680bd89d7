package webpage_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore/internal/webpage"
)

var page = webpage.New(`{{define "title"}}Hello {{.}}{{end}}{{define "main"}}<p title="{{.}}">{{.}}</p>{{end}}`)

func TestWriteAllowsNothingButItsOwnStyle(t *testing.T) {
	w := httptest.NewRecorder()
	webpage.Write(w, httptest.NewRequest(http.MethodGet, "/", nil), http.StatusTeapot, page, `<script>"`)
	body := w.Body.String()
	if w.Code != http.StatusTeapot || !strings.Contains(body, "<title>Hello &lt;script&gt;") || strings.Contains(body, "<script") {
		t.Errorf("got %d %s", w.Code, body)
	}
	sheet := body[strings.Index(body, "<style>")+len("<style>") : strings.Index(body, "</style>")]
	sum := sha256.Sum256([]byte(sheet))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; frame-ancestors 'none'"
	if got := w.Header().Get("Content-Security-Policy"); got != want {
		t.Errorf("got the policy %q\nwant %q", got, want)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8", "Vary": "Cookie, Accept-Language, Origin",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestWriteKeepsHeadersAndAnswersHEADWithoutBody(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("Vary", "Origin")
	webpage.Write(w, httptest.NewRequest(http.MethodHead, "/", nil), http.StatusOK, page, "x")
	if w.Header().Get("Vary") != "Origin" || w.Body.Len() != 0 {
		t.Errorf("got %v %s", w.Header(), w.Body)
	}
}
