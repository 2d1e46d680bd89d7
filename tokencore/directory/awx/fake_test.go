package awx

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	lookUpPassword = "look-up-pa55word"
	alicePassword  = "alice-pa55word"
)

// person is a user of the fake AWX.
type person struct {
	fields   map[string]any
	password string
	disabled bool
	admin    []int64 // organizations
	member   []int64
	auditor  []int64
}

func newPerson(id int64, username, ansibleID string) *person {
	return &person{password: username + "-pa55word", fields: map[string]any{
		"id": id, "type": "user", "username": username, "first_name": strings.ToUpper(username), "last_name": "L",
		"email": username + "@example.com", "is_superuser": false, "is_system_auditor": false,
		"created": "2026-11-23T14:58:22.206783Z", "modified": nil, "last_login": nil, "password": "$encrypted$", "ldap_dn": "",
		"external_account": nil, "auth": []any{},
		"summary_fields": map[string]any{"resource": map[string]any{"ansible_id": ansibleID, "resource_type": "shared.user"}},
	}}
}

func (p *person) sees() bool {
	return p.fields["is_superuser"] == true || p.fields["is_system_auditor"] == true
}

// fakeAWX answers the few questions of this package as AWX does.
type fakeAWX struct {
	*httptest.Server

	mu            sync.Mutex
	people        []*person
	organizations map[int64]map[string]any
	requests      []*http.Request
	// instead, if set, answers in AWX's place; false: it left that to AWX.
	instead func(http.ResponseWriter, *http.Request) bool
}

func newFakeAWX(t *testing.T) *fakeAWX {
	t.Helper()
	auditor, alice := newPerson(2, "lookup", "uuid-lookup"), newPerson(6, "alice", "uuid-alice")
	auditor.password, auditor.fields["is_system_auditor"] = lookUpPassword, true
	f := &fakeAWX{people: []*person{auditor, alice}, organizations: map[int64]map[string]any{}}
	for id := range int64(3) {
		f.addOrganization(id + 1)
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	return f
}

func (f *fakeAWX) addOrganization(id int64) {
	f.organizations[id] = map[string]any{
		"id": id, "type": "organization", "name": fmt.Sprintf("org%d", id), "description": "desc", "max_hosts": 7,
		"created": "2026-11-23T14:58:22.206783Z", "modified": "2026-11-23T14:58:23Z",
		"summary_fields": map[string]any{
			"resource":   map[string]any{"ansible_id": fmt.Sprintf("uuid-org%d", id)},
			"created_by": map[string]any{"id": 1},
		},
	}
}

// change lets a test change what AWX knows.
func (f *fakeAWX) change(edit func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit()
}

func (f *fakeAWX) person(name string) *person {
	i := slices.IndexFunc(f.people, func(p *person) bool { return p.fields["username"] == name })
	if i < 0 {
		return nil
	}
	return f.people[i]
}

// asked counts the requests so far.
func (f *fakeAWX) asked() int { return len(f.seen()) }

// seen returns the requests so far.
func (f *fakeAWX) seen() []*http.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

func (f *fakeAWX) breaks(with func(http.ResponseWriter, *http.Request) bool) {
	f.change(func() { f.instead = with })
}

func (f *fakeAWX) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests = append(f.requests, r)
	instead := f.instead
	f.mu.Unlock()
	if instead != nil && instead(w, r) { // without the lock: it may wait
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	name, password, _ := r.BasicAuth()
	who := f.person(name)
	if who == nil || who.password != password || who.disabled {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"detail":"Invalid username/password. To establish a login session, visit /api/login/."}`)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "awx_sessionid", Value: "session-of-" + name, Path: "/"})
	rows, found := f.rows(who, r.URL)
	if !found {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"detail":"Not found."}`)
		return
	}
	writePage(w, r.URL, rows)
}

func (f *fakeAWX) rows(who *person, u *url.URL) (rows []map[string]any, found bool) {
	switch parts := strings.Split(strings.Trim(strings.TrimPrefix(u.Path, "/api/v2/"), "/"), "/"); {
	case len(parts) == 1 && parts[0] == "me":
		return []map[string]any{who.fields}, true
	case len(parts) == 1 && parts[0] == "users":
		for _, p := range f.people {
			if (who.sees() || p == who) && p.matches(u.Query()) {
				rows = append(rows, p.fields)
			}
		}
		return rows, true
	case len(parts) == 1 && parts[0] == "organizations":
		for id, o := range f.organizations {
			if who.sees() && (u.Query().Get("id") == strconv.FormatInt(id, 10) || u.Query().Get("name") == o["name"]) {
				rows = append(rows, o)
			}
		}
		return rows, true
	case len(parts) == 3 && parts[0] == "users":
		i := slices.IndexFunc(f.people, func(p *person) bool { return fmt.Sprint(p.fields["id"]) == parts[1] })
		if i < 0 {
			return nil, false
		}
		return f.sublist(f.people[i], parts[2])
	default:
		return nil, false
	}
}

func (p *person) matches(query url.Values) bool {
	for key, values := range query {
		switch key {
		case "id", "username":
			if fmt.Sprint(p.fields[key]) != values[0] {
				return false
			}
		case "is_active":
			if strconv.FormatBool(!p.disabled) != values[0] {
				return false
			}
		}
	}
	return true
}

func (f *fakeAWX) sublist(p *person, name string) (rows []map[string]any, found bool) {
	switch name {
	case "admin_of_organizations", "organizations":
		ids := p.member
		if name == "admin_of_organizations" {
			ids = p.admin
		}
		for _, id := range ids {
			rows = append(rows, f.organizations[id])
		}
	case "roles":
		rows = append(rows, map[string]any{"id": 99, "summary_fields": map[string]any{"resource_type": "project", "resource_id": 3}})
		for _, id := range p.auditor {
			rows = append(rows, map[string]any{
				"id": 100 + id, "summary_fields": map[string]any{"resource_type": "organization", "resource_id": id},
			})
		}
	default:
		return nil, false
	}
	return rows, true
}

func writePage(w http.ResponseWriter, u *url.URL, rows []map[string]any) {
	query := u.Query()
	size, _ := strconv.Atoi(query.Get("page_size"))
	number, err := strconv.Atoi(query.Get("page"))
	if err != nil {
		number = 1
	}
	body := map[string]any{"count": len(rows), "next": nil, "previous": nil, "results": []map[string]any{}}
	from, to := min((number-1)*size, len(rows)), min(number*size, len(rows))
	if from < to {
		body["results"] = rows[from:to]
	}
	if to < len(rows) {
		// Nobody is to follow this: it leads elsewhere.
		body["next"] = "http://evil.example" + u.Path + "?page=" + strconv.Itoa(number+1)
	}
	_ = json.NewEncoder(w).Encode(body)
}

// clock is a time that the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// newDirectory returns a directory over the fake with a clock that stands still.
func newDirectory(t *testing.T, f *fakeAWX, edit func(*Config)) (*Directory, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	config := Config{
		URL: f.URL, Client: &http.Client{Transport: transport}, Now: c.Now,
		Authorize: Basic("lookup", tokencore.NewSecret(lookUpPassword)),
	}
	if edit != nil {
		edit(&config)
	}
	d, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return d, c
}
