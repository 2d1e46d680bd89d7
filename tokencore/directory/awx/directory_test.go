package awx

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

func TestUser_HasAWXsAttributes(t *testing.T) {
	f := newFakeAWX(t)
	alice := f.person("alice").fields
	alice["is_superuser"], alice["external_account"], alice["ldap_dn"] = true, "ldap", "cn=alice"
	alice["last_login"], alice["modified"] = "2026-11-24T01:00:00+01:00", "2026-11-24T01:00:00+01:00"
	alice["auth"] = []any{map[string]any{"provider": "github", "uid": "7"}}
	d, _ := newDirectory(t, f, nil)
	login := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	want := tokencore.User{
		ID: 6, AnsibleID: "uuid-alice", Username: "alice", FirstName: "ALICE", LastName: "L", Email: "alice@example.com",
		IsSuperuser: true, IsActive: true, External: "ldap", LDAPDN: "cn=alice",
		Social:  []tokencore.SocialLogin{{Provider: "github", UID: "7"}},
		Created: time.Date(2026, 11, 23, 14, 58, 22, 206783000, time.UTC), Modified: login, LastLogin: login,
	}
	byID, err := d.User(t.Context(), 6)
	if diff := cmp.Diff(want, byID); err != nil || diff != "" {
		t.Errorf("by id: %v %s", err, diff)
	}
	byName, err := d.UserByName(t.Context(), "alice")
	if diff := cmp.Diff(want, byName); err != nil || diff != "" {
		t.Errorf("by name: %v %s", err, diff)
	}
}

func TestUser_OfADisabledAccountIsThereAndNotActive(t *testing.T) {
	f := newFakeAWX(t)
	f.person("alice").disabled = true
	d, _ := newDirectory(t, f, nil)
	if u, err := d.User(t.Context(), 6); err != nil || u.IsActive || u.Username != "alice" {
		t.Errorf("by id: %+v, %v", u, err)
	}
	if u, err := d.UserByName(t.Context(), "alice"); err != nil || u.IsActive || u.ID != 6 {
		t.Errorf("by name: %+v, %v", u, err)
	}
}

func TestUserByName_IsExact(t *testing.T) {
	f := newFakeAWX(t)
	d, _ := newDirectory(t, f, nil)
	for _, name := range []string{"Alice", "alice ", "bob", "", "ali\x00ce", "\xff", strings.Repeat("x", 151)} {
		if u, err := d.UserByName(t.Context(), name); !errors.Is(err, tokencore.ErrNotFound) {
			t.Errorf("%q: %+v, %v", name, u, err)
		}
	}
	// A server that compares more loosely than AWX does.
	f.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Has("username") {
			writePage(w, r.URL, []map[string]any{f.person("alice").fields})
		}
		return r.URL.Query().Has("username")
	})
	if u, err := d.UserByName(t.Context(), "ALICE"); !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestOrganization(t *testing.T) {
	d, _ := newDirectory(t, newFakeAWX(t), nil)
	want := tokencore.Organization{
		ID: 2, AnsibleID: "uuid-org2", Name: "org2", Description: "desc", CreatedBy: 1, MaxHosts: 7,
		Created:  time.Date(2026, 11, 23, 14, 58, 22, 206783000, time.UTC),
		Modified: time.Date(2026, 11, 23, 14, 58, 23, 0, time.UTC),
	}
	got, err := d.Organization(t.Context(), 2)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := d.Organization(t.Context(), 9); !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}

func TestRoles(t *testing.T) {
	f := newFakeAWX(t)
	alice := f.person("alice")
	alice.admin, alice.member, alice.auditor = []int64{2}, []int64{3, 1}, []int64{3}
	d, _ := newDirectory(t, f, nil)
	want := tokencore.Roles{Admin: []int64{2}, Member: []int64{1, 3}, Auditor: []int64{3}}
	for range 2 {
		got, err := d.Roles(t.Context(), 6)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		got.Admin[0] = 666 // must not reach the next caller
	}
	if _, err := d.Roles(t.Context(), 99); !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("unknown user: %v", err)
	}
}

func TestRoles_AreReadFromAllPagesAndFromThisServerOnly(t *testing.T) {
	f := newFakeAWX(t)
	var want []int64
	for id := range int64(120) {
		f.addOrganization(id + 1)
		want = append(want, id+1)
	}
	f.person("alice").member = want
	d, _ := newDirectory(t, f, nil)
	got, err := d.Roles(t.Context(), 6)
	if err != nil || !slices.Equal(got.Member, want) {
		t.Errorf("%v, %v", got.Member, err)
	}
	var pages []string
	for _, r := range f.seen() {
		if strings.HasSuffix(r.URL.Path, "/6/organizations/") {
			pages = append(pages, r.URL.Query().Get("page"))
		}
	}
	if !slices.Equal(pages, []string{"", "2", "3"}) {
		t.Errorf("asked for pages %q", pages)
	}
}

func TestUser_OfAnotherAccountUnderAnOldIDOrNameShowsByItsAnsibleID(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newDirectory(t, f, nil)
	before, err := d.User(t.Context(), 6)
	if err != nil {
		t.Fatal(err)
	}
	f.change(func() { f.people[1] = newPerson(6, "alice", "uuid-other") })
	c.advance(defaultTTL)
	byID, errID := d.User(t.Context(), 6)
	byName, errName := d.UserByName(t.Context(), "alice")
	if err := errors.Join(errID, errName); err != nil || before.AnsibleID != "uuid-alice" ||
		byID.AnsibleID != "uuid-other" || byName.AnsibleID != "uuid-other" {
		t.Errorf("before %q, now %q and %q, %v", before.AnsibleID, byID.AnsibleID, byName.AnsibleID, err)
	}
}

func TestNew_RefusesWhatCannotWorkAndRepeatsNoPassword(t *testing.T) {
	authorize := Basic("lookup", tokencore.NewSecret("x"))
	for name, config := range map[string]Config{
		"no URL":             {Authorize: authorize},
		"no scheme":          {URL: "awx.example.com", Authorize: authorize},
		"another scheme":     {URL: "ftp://awx.example.com", Authorize: authorize},
		"no host":            {URL: "http://:80", Authorize: authorize},
		"credentials in it":  {URL: "https://me:hunter2@awx.example.com", Authorize: authorize},
		"unreadable":         {URL: "https://me:hunter2@awx example:x", Authorize: authorize},
		"a query":            {URL: "https://awx.example.com/?a=hunter2", Authorize: authorize},
		"no look-up account": {URL: "https://awx.example.com"},
		"negative TTL":       {URL: "https://awx.example.com", Authorize: authorize, TTL: -1},
		"negative timeout":   {URL: "https://awx.example.com", Authorize: authorize, Timeout: -1},
		"negative size":      {URL: "https://awx.example.com", Authorize: authorize, MaxEntries: -1},
	} {
		if d, err := New(config); err == nil || d != nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, url := range []string{"https://awx.example.com", "https://awx.example.com/", "http://10.0.0.1:8052/prefix/"} {
		if _, err := New(Config{URL: url, Authorize: authorize}); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
