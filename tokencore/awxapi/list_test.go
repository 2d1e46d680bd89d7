package awxapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listed is what tests read of a list.
type listed struct {
	Count    *int
	Next     *string
	Previous *string
	Results  []struct {
		ID    int64
		Name  string
		Scope string
	}
}

func (w *world) list(t *testing.T, user, path string) listed {
	t.Helper()
	got := w.call(t, user, "GET", path, "")
	if got.Code != http.StatusOK {
		t.Fatalf("%s: got %d %s", path, got.Code, got.Body)
	}
	var l listed
	if err := json.Unmarshal(got.Body.Bytes(), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

// manyApplications makes app00 to app38 in orgA.
func manyApplications(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	for i := range 39 {
		w.application(t, fmt.Sprintf("app%02d", i), orgA)
	}
	return w
}

func text(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

// Of 39 applications, as many as AWX had when its pages were recorded.
func TestList_Pages(t *testing.T) {
	w := manyApplications(t)
	const path = "/api/v2/applications/"
	tests := []struct {
		query          string
		rows           int
		next, previous string
	}{
		{"", 25, path + "?page=2", "null"},
		{"?page=", 25, path + "?page=2", "null"},
		{"?page_size=2", 2, path + "?page=2&page_size=2", "null"},
		{"?page_size=2&page=2", 2, path + "?page=3&page_size=2", path + "?page=1&page_size=2"},
		{"?page=2", 14, "null", path + "?page=1"},
		{"?page_size=0", 25, path + "?page=2&page_size=0", "null"},
		{"?page_size=-1", 25, path + "?page=2&page_size=-1", "null"},
		{"?page_size=abc", 25, path + "?page=2&page_size=abc", "null"},
		{"?page_size=1000&page=1", 39, "null", "null"},
		{"?page_size=99999999999999999999", 39, "null", "null"},
		{"?page=last", 14, "null", path + "?page=1"},
		{"?page=last&page_size=2", 1, "null", path + "?page=19&page_size=2"},
		{"?page_size=1&order_by=-id&name__contains=a", 1, path + "?name__contains=a&order_by=-id&page=2&page_size=1", "null"},
		{"?order_by=organization__name,-name&page_size=3", 3, path + "?order_by=organization__name%2C-name&page=2&page_size=3", "null"},
		{"?search=", 25, path + "?page=2&search=", "null"},
		{"?format=json", 25, path + "?format=json&page=2", "null"},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			got := w.list(t, "admin", path+tt.query)
			if len(got.Results) != tt.rows || *got.Count != 39 || text(got.Next) != tt.next || text(got.Previous) != tt.previous {
				t.Errorf("got %d of %d rows, next %s, previous %s", len(got.Results), *got.Count, text(got.Next), text(got.Previous))
			}
		})
	}
}

func TestList_LinksNameTheLimitOfThePageSize(t *testing.T) {
	w := newWorld(t)
	for range 201 {
		w.token(t, alice, 0, "read")
	}
	got := w.list(t, "alice", "/api/v2/tokens/?page_size=1000")
	if len(got.Results) != 200 || text(got.Next) != "/api/v2/tokens/?page=2&page_size=200" {
		t.Errorf("got %d rows, next %s", len(got.Results), text(got.Next))
	}
}

func TestList_NoSuchPage(t *testing.T) {
	w := manyApplications(t)
	for _, page := range []string{"0", "-1", "abc", "999", "3", "99999999999999999999", "1.0"} {
		got := w.call(t, "admin", "GET", "/api/v2/applications/?page="+page, "")
		if got.Code != http.StatusNotFound || got.Body.String() != `{"detail":"Invalid page."}` {
			t.Errorf("page=%s: got %d %s", page, got.Code, got.Body)
		}
	}
	if got := w.list(t, "alice", "/api/v2/applications/?page=last"); *got.Count != 0 || len(got.Results) != 0 {
		t.Errorf("the last page of nothing: %+v", got)
	}
}

func TestList_WithoutCount(t *testing.T) {
	w := manyApplications(t)
	got := w.call(t, "admin", "GET", "/api/v2/applications/?count_disabled=1&page_size=2", "").Body.String()
	if !strings.HasPrefix(got, `{"results":[{"id":`) {
		t.Error(got)
	}
	if got := w.call(t, "admin", "GET", "/api/v2/applications/?count_disabled=1&page=2", ""); got.Code != http.StatusNotFound {
		t.Errorf("page 2: got %d", got.Code)
	}
}

func TestList_FormatIsRepeatedInEveryURL(t *testing.T) {
	w := manyApplications(t)
	body := w.call(t, "admin", "GET", "/api/v2/applications/?format=json&page_size=1", "").Body.String()
	for _, want := range []string{`"url":"/api/v2/applications/1/?format=json"`, `"organization":"/api/v2/organizations/2/?format=json"`} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is not in %s", want, body)
		}
	}
}

func TestList_DefaultOrder(t *testing.T) {
	w := newWorld(t)
	w.application(t, "b", orgB)
	w.application(t, "z", orgA)
	w.application(t, "a", orgB)
	w.application(t, "y", orgA)
	if diff := cmp.Diff([]string{"y", "z", "a", "b"}, names(w.list(t, "admin", "/api/v2/applications/"))); diff != "" {
		t.Error(diff)
	}
}

func names(l listed) []string {
	out := []string{}
	for _, row := range l.Results {
		out = append(out, row.Name)
	}
	return out
}
