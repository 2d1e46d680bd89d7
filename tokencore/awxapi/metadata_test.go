package awxapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every recorded answer to OPTIONS is ours as well: all keys in their order, and all
// values but the sentences.
func TestMetadata_IsAsRecorded(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app", orgA)
	w.token(t, admin, app.ID, "write")
	compared := 0
	for _, c := range readRecording(t, "08-options.http") {
		t.Run(c.title(), func(t *testing.T) {
			got := w.call(t, strings.TrimPrefix(c.identity, "None"), c.method, c.path, "")
			if got.Code != c.status || got.Header().Get("Allow") != c.answerHeader["Allow"] && !strings.HasSuffix(c.path, "/config/") {
				t.Fatalf("got %d, Allow %q; want %d, Allow %q", got.Code, got.Header().Get("Allow"), c.status, c.answerHeader["Allow"])
			}
			if !strings.HasPrefix(c.answer, "{") {
				return
			}
			compared++
			if diff := cmp.Diff(outline(t, []byte(c.answer)), outline(t, got.Body.Bytes())); diff != "" {
				t.Errorf("-recorded +got\n%s", diff)
			}
		})
	}
	t.Logf("%d answers compared", compared)
}

// outline lists the leaves of a JSON document with their paths, in order. Of
// sentences only that they are there is kept.
func outline(t *testing.T, document []byte) []string {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var lines []string
	var walk func(path string)
	walk = func(path string) {
		token, err := decoder.Token()
		if err != nil {
			t.Fatalf("%v in %s", err, document)
		}
		delimiter, nested := token.(json.Delim)
		if !nested {
			value := fmt.Sprintf("%q", token)
			switch path[strings.LastIndexByte(path, '.')+1:] {
			case "description", "help_text":
				value = "(words)"
			}
			lines = append(lines, path+"="+value)
			return
		}
		lines = append(lines, path+" "+delimiter.String())
		for decoder.More() {
			if delimiter == '[' {
				walk(path + "[]")
				continue
			}
			key, _ := decoder.Token()
			walk(fmt.Sprint(path, ".", key))
		}
		_, _ = decoder.Token()
	}
	walk("")
	return lines
}

// awxkit asks for an id that may not exist, and AWX describes settings that are none.
func TestMetadata_OfWhatIsMissing(t *testing.T) {
	w := newWorld(t)
	for _, c := range readRecording(t, "08b-options-missing.http") {
		got := w.call(t, c.identity, c.method, c.path, "")
		m := readMetadata(t, got.Body.Bytes())
		if got.Code != http.StatusOK || got.Header().Get("Allow") != c.answerHeader["Allow"] ||
			!strings.HasPrefix(c.answer, `{"name":"`+m.Name+`"`) || m.may("PUT") || !m.may("GET") {
			t.Errorf("%s: got %d %s", c.request(), got.Code, got.Body)
		}
	}
}

type readableMetadata struct {
	Name    string
	Actions map[string]map[string]struct{ Required bool }
	Allow   string
}

func readMetadata(t *testing.T, document []byte) (m readableMetadata) {
	t.Helper()
	if err := json.Unmarshal(document, &m); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return m
}

func (m readableMetadata) may(method string) bool { _, may := m.Actions[method]; return may }

func TestMetadata_NamesTheMethodsThatOneMayUse(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app", orgA)
	token := itoa(w.token(t, orgmember, app.ID, "write").Token.ID)
	personal := itoa(w.token(t, orgmember, 0, "write").Token.ID)
	const (
		get        = "GET"
		post       = "GET POST"
		put        = "GET PUT"
		forbidden  = "403"
		missing    = "404"
		unknownOne = "401"
	)
	for path, want := range map[string]map[string]string{
		"/api/v2/applications/": {
			"admin": post, "auditor": get, "orgadmin": post, "orgmember": get, "orgauditor": get, "alice": get, "": unknownOne,
		},
		"/api/v2/users/99/applications/":                {"orgadmin": post, "alice": get},
		"/api/v2/applications/1/":                       {"admin": put, "auditor": get, "orgadmin": put, "orgmember": get, "orgadminB": get},
		"/api/v2/applications/app++orgA/":               {"admin": put, "orgmember": get},
		"/api/v2/applications/1/tokens/":                {"admin": post, "auditor": post, "orgmember": post, "orgauditor": forbidden, "alice": forbidden},
		"/api/v2/applications/99/tokens/":               {"admin": post, "auditor": missing, "alice": missing},
		"/api/v2/organizations/2/applications/":         {"admin": post, "auditor": get, "orgadmin": post, "orgmember": get, "orgauditor": get, "orgadminB": forbidden},
		"/api/v2/organizations/99/applications/":        {"admin": post, "alice": missing},
		"/api/v2/tokens/":                               {"admin": post, "auditor": post, "alice": post, "": unknownOne},
		"/api/v2/tokens/" + token + "/":                 {"admin": put, "auditor": get, "orgadmin": put, "orgauditor": get, "orgmember": put, "alice": get},
		"/api/v2/tokens/" + personal + "/":              {"admin": put, "auditor": get, "orgadmin": get, "orgmember": put},
		"/api/v2/users/alice/personal_tokens/":          {"admin": post, "alice": post, "orgmember": forbidden},
		"/api/v2/users/99/authorized_tokens/":           {"admin": post, "alice": missing},
		"/api/v2/users/":                                {"admin": post, "auditor": get, "orgadmin": post, "orgmember": get, "": unknownOne},
		"/api/v2/users/4/":                              {"admin": put, "auditor": get, "orgadmin": put, "orgmember": put, "orgadminB": get, "alice": get},
		"/api/v2/users/4/organizations/":                {"admin": get, "orgmember": get, "alice": forbidden},
		"/api/v2/me/":                                   {"admin": get, "alice": get, "": unknownOne},
		"/api/v2/organizations/":                        {"admin": post, "auditor": get, "orgadmin": get},
		"/api/v2/organizations/2/":                      {"admin": put, "auditor": get, "orgadmin": put, "orgmember": get, "alice": get},
		"/api/v2/organizations/2/users/":                {"admin": post, "orgadmin": post, "orgmember": post, "alice": forbidden},
		"/api/v2/settings/":                             {"admin": get, "alice": get},
		"/api/v2/settings/all/":                         {"admin": put, "auditor": get, "orgadmin": get, "": unknownOne},
		"/api/v2/settings/nosuch/":                      {"admin": get, "alice": get},
		"/api/v2/projects/":                             {"admin": get, "alice": get, "": unknownOne},
		"/api/v2/applications/1/activity_stream/":       {"admin": get, "auditor": get, "orgmember": get, "alice": forbidden},
		"/api/v2/tokens/" + token + "/activity_stream/": {"admin": get, "orgmember": get, "orgauditor": get, "alice": forbidden},
		"/api/v2/users/4/activity_stream/":              {"admin": get, "orgmember": get, "alice": forbidden},
		"/api/v2/organizations/2/activity_stream/":      {"admin": get, "orgmember": get, "alice": forbidden},
	} {
		for user, want := range want {
			got := w.call(t, user, "OPTIONS", path, "")
			has := strconv.Itoa(got.Code)
			if got.Code == http.StatusOK {
				has = strings.Join(slices.Sorted(maps.Keys(readMetadata(t, got.Body.Bytes()).Actions)), " ")
			}
			if has != want {
				t.Errorf("%s by %q: got %s, want %s", path, user, has, want)
			}
		}
	}
}

func TestMetadata_AReadTokenMayOnlyGet(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app", orgA)
	reader := w.token(t, admin, 0, "read")
	for _, path := range []string{
		"/api/v2/applications/", "/api/v2/applications/" + itoa(app.ID) + "/", "/api/v2/tokens/", "/api/v2/users/1/personal_tokens/",
		"/api/v2/users/", "/api/v2/users/1/", "/api/v2/organizations/1/users/", "/api/v2/settings/all/",
	} {
		got := w.callWith(t, reader.Access, "OPTIONS", path, "")
		m := readMetadata(t, got.Body.Bytes())
		if got.Code != http.StatusOK || !m.may("GET") || len(m.Actions) != 1 {
			t.Errorf("%s: got %d %v", path, got.Code, slices.Sorted(maps.Keys(m.Actions)))
		}
	}
}

// What is required is what is missed when it is missing.
func TestMetadata_RequiredFieldsAreRequired(t *testing.T) {
	w := newWorld(t)
	app := w.application(t, "app", orgA)
	for _, test := range []struct{ method, path string }{
		{"POST", "/api/v2/applications/"},
		{"PUT", "/api/v2/applications/" + itoa(app.ID) + "/"},
		{"POST", "/api/v2/users/1/authorized_tokens/"},
		{"PUT", "/api/v2/users/4/"},
		{"POST", "/api/v2/organizations/"},
		{"PUT", "/api/v2/organizations/2/"},
		{"PUT", "/api/v2/settings/authentication/"},
		{"PUT", "/api/v2/settings/system/"},
		{"PUT", "/api/v2/settings/all/"},
	} {
		var want []string
		for name, f := range readMetadata(t, w.call(t, "admin", "OPTIONS", test.path, "").Body.Bytes()).Actions[test.method] {
			if f.Required {
				want = append(want, name)
			}
		}
		slices.Sort(want)
		missed := map[string][]string{}
		got := w.call(t, "admin", test.method, test.path, "{}")
		if err := json.Unmarshal(got.Body.Bytes(), &missed); err != nil {
			t.Fatalf("%s: %s", test.path, got.Body)
		}
		maps.DeleteFunc(missed, func(_ string, texts []string) bool { return !slices.Contains(texts, "This field is required.") })
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(missed))); diff != "" {
			t.Errorf("%s %s: -described +missed\n%s", test.method, test.path, diff)
		}
	}
}

func TestMetadata_OfChangedSettingsListsThemForPUT(t *testing.T) {
	w := newWorld(t)
	fields := func() []string {
		m := readMetadata(t, w.call(t, "admin", "OPTIONS", "/api/v2/settings/changed/", "").Body.Bytes())
		if len(m.Actions["GET"]) < 40 || !m.may("PUT") {
			t.Fatalf("got %v", m)
		}
		return slices.Sorted(maps.Keys(m.Actions["PUT"]))
	}
	if got := fields(); len(got) != 0 {
		t.Errorf("nothing was changed: %v", got)
	}
	w.call(t, "admin", "PATCH", "/api/v2/settings/all/", `{"SESSION_COOKIE_AGE":90}`)
	if diff := cmp.Diff([]string{"SESSION_COOKIE_AGE"}, fields()); diff != "" {
		t.Error(diff)
	}
}

// Attaching users takes the id of one; AWX offers it only there.
func TestMetadata_OfHoldersTakesAnID(t *testing.T) {
	w := newWorld(t)
	got := w.call(t, "admin", "OPTIONS", "/api/v2/organizations/2/users/", "").Body.String()
	if !strings.Contains(got, `"POST":{"id":{"type":"integer","required":false,"hidden":false,"label":"ID","help_text":"The number of this user.","filterable":true},"username":`) {
		t.Errorf("got %s", got)
	}
}

func TestMetadata_BaseURLIsTheOneThatWasUsed(t *testing.T) {
	got := newWorld(t).call(t, "admin", "OPTIONS", "/api/v2/settings/system/", "").Body.String()
	if !strings.Contains(got, `"default":"http://example.com"}`) {
		t.Errorf("got %s", got)
	}
}
