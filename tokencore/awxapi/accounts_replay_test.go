package awxapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// newLocalWorld is what a first start leaves behind, with the local directory: the
// state in which the recording of the fixtures begins.
func newLocalWorld(t *testing.T) *world {
	t.Helper()
	w := &world{store: memory.New(), clock: time.Date(2026, time.November, 23, 14, 58, 0, 123456000, time.UTC)}
	if _, created, err := local.Bootstrap(t.Context(), w.store, tokencore.NewSecret(password)); err != nil || !created {
		t.Fatalf("bootstrap: created %v, %v", created, err)
	}
	directory := local.New(w.store, local.Config{})
	var err error
	if w.svc, err = tokencore.New(w.store, directory, tokencore.Config{Now: w.now}); err != nil {
		t.Fatal(err)
	}
	_, err = w.svc.UpdateUser(t.Context(), tokencore.Actor{}, admin, func(u *tokencore.User) error {
		u.Email = "admin@example.com" // the recorder's installer asked for one
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.api, err = awxapi.New(w.svc, awxapi.Config{Node: "awx-1", Accounts: directory, OAuth: oauthStub{}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// accountDeviation is a recorded case that we answer differently, and meant to.
type accountDeviation struct {
	request string // recorded.request(), or its beginning if it ends in "*"
	status  int    // what we answer
	body    string // what we answer; empty: anything
	reason  string
}

// TestReplayAccounts builds the recordings' fixtures through the API, from nothing.
func TestReplayAccounts(t *testing.T) {
	p := newReplayer(newLocalWorld(t))
	p.replayAccounts(t, "00-fixtures.http", []accountDeviation{
		{request: "POST /api/v2/roles/43/users/ *", status: 404, reason: "roles have no resource of their own here: auditors/ is next to admins/"},
	})
	// What the recorder did through that URL, and in the database.
	if got := p.world.call(t, "admin", "POST", "/api/v2/organizations/2/auditors/", `{"id":5}`); got.Code != http.StatusNoContent {
		t.Errorf("making an auditor: got %d %s", got.Code, got.Body)
	}
	for i, name := range userNames {
		u, err := p.world.store.UserByName(t.Context(), name)
		if err != nil || u.ID != int64(i+1) || !local.CheckPassword(u.PasswordHash, tokencore.NewSecret(password)) {
			t.Errorf("%s: got id %d, %v, or another password", name, u.ID, err)
		}
	}
	roles, err := p.world.store.Roles(t.Context(), orgauditor)
	if diff := cmp.Diff(tokencore.Roles{Auditor: []int64{orgA}}, roles); diff != "" || err != nil {
		t.Errorf("roles of the auditor: %v\n%s", err, diff)
	}
}

func TestReplaySettings(t *testing.T) {
	p := newReplayer(newWorld(t))
	// What earlier recordings had left behind.
	err := p.world.svc.ChangeSettings(t.Context(), tokencore.Actor{}, map[string]json.RawMessage{
		"SESSIONS_PER_USER": json.RawMessage("-1"), "AUTH_BASIC_ENABLED": json.RawMessage("true"),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.replayAccounts(t, "11-settings.http", []accountDeviation{
		{request: "GET /api/v2/settings/oidc/ [admin]", status: 200, body: "{}", reason: "no such logins here"},
		{request: "POST /api/v2/tokens/ [admin] {}", status: 201, reason: "AWX fails with 500 at an expiry beyond the year 9999; and serves a token in 04-tokens"},
		{request: "PATCH /api/v2/settings/all/ [admin] *", status: 200, reason: "no settings of jobs here"},
	})
}

func (p *replayer) replayAccounts(t *testing.T, file string, deviations []accountDeviation) {
	t.Helper()
	used := map[string]bool{}
	for _, c := range readRecording(t, file) {
		t.Run(fmt.Sprintf("%d %s", c.line, strings.Map(printableRune, c.label)), func(t *testing.T) {
			at := slices.IndexFunc(deviations, func(d accountDeviation) bool { return d.covers(c) })
			if at < 0 {
				p.compareAccount(t, c)
				return
			}
			d := deviations[at]
			used[d.request] = true
			got := p.send(t, c)
			if got.Code != d.status || d.body != "" && d.body != got.Body.String() {
				t.Errorf("%s\nlisted difference: got %d %s, want %d %s", c.request(), got.Code, got.Body, d.status, d.body)
			}
		})
	}
	for _, d := range deviations {
		if !used[d.request] {
			t.Errorf("no case for the listed deviation %q in %s", d.request, file)
		}
	}
}

func (d accountDeviation) covers(c recorded) bool {
	beginning, open := strings.CutSuffix(d.request, "*")
	return c.request() == d.request || open && strings.HasPrefix(c.request(), beginning)
}

func (p *replayer) compareAccount(t *testing.T, c recorded) {
	t.Helper()
	response := p.send(t, c)
	if response.Code == http.StatusCreated && c.status == http.StatusCreated {
		p.learn(t, c.answerHeader["Location"], response.Header().Get("Location"))
	}
	want := p.expected(c)
	want.Body = maskAccounts(want.Body)
	got := outcome{response.Code, map[string]string{}, maskAccounts(strings.TrimSpace(maskRandom(response.Body.String())))}
	for _, name := range compared {
		if value := response.Header().Get(name); value != "" {
			got.Header[name] = value
		}
	}
	if c.cut && len(got.Body) > len(want.Body) {
		got.Body = got.Body[:len(want.Body)]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (%s:%d)\n-AWX +ours\n%s", c.request(), c.file, c.line, diff)
	}
}

var (
	roleID = regexp.MustCompile(`("name":"[A-Za-z ]+","id":)\d+`)
	// The recorder's first organization had a demonstration project.
	foreignCount = regexp.MustCompile(`"(inventories|job_templates|projects)":\d+`)
	// AWX's database orders the keys of a stored object by their length.
	lifetimeObject = regexp.MustCompile(`"OAUTH2_PROVIDER":\{("[^{}]*)\}`)
)

func maskAccounts(text string) string {
	text = roleID.ReplaceAllString(text, `$1"<role>"`)
	text = foreignCount.ReplaceAllString(text, `"$1":"<count>"`)
	return lifetimeObject.ReplaceAllStringFunc(text, func(match string) string {
		m := lifetimeObject.FindStringSubmatch(match)
		if strings.Contains(m[1], "[") {
			return match // errors
		}
		members := strings.Split(m[1], ",")
		slices.Sort(members)
		return strings.Replace(match, m[1], strings.Join(members, ","), 1)
	})
}
