package caddymodule

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore/dabjwt"
	"github.com/awxgate/awxgate/tokencore/directory/awx"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// AWX 24.6.1 gives the account an ansible_id of its own, and would write the account anew
// with every question that does not know it.
func TestOwnAccount_IsKnownAsAWXKnowsIt(t *testing.T) {
	const chosen = "12345678-8a52-4c1c-9f5e-2d6b8f6d1a11"
	var subjects, names []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		payload, err := base64.RawURLEncoding.DecodeString(strings.Split(r.Header.Get(dabjwt.Header), ".")[1])
		if err != nil {
			t.Error(err)
		}
		var claims struct {
			Subject string `json:"sub"`
			User    struct{ Username string }
		}
		if err := json.Unmarshal([]byte(strings.Replace(string(payload), "user_data", "user", 1)), &claims); err != nil {
			t.Error(err)
		}
		subjects, names = append(subjects, claims.Subject), append(names, claims.User.Username)
		fmt.Fprintf(w, `{"count":1,"next":null,"results":[{"id":7,"username":%q,"is_superuser":true,"summary_fields":{"resource":{"ansible_id":%q}}}]}`,
			claims.User.Username, chosen)
	}))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "key.pem")
	if _, err := dabjwt.Generate(path); err != nil {
		t.Fatal(err)
	}
	keys, err := dabjwt.OpenKeys(path, dabjwt.KeysConfig{})
	if err != nil {
		t.Fatal(err)
	}
	minter, err := dabjwt.New(keys, dabjwt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	for range 2 { // starts, of one node or of several
		account := &ownAccount{minter: minter, log: slog.New(slog.DiscardHandler)}
		if err := account.create(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		config := awx.Config{URL: server.URL, Client: server.Client()}
		config.Authorize = account.authorizer(store, config)
		directory, err := awx.New(config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := directory.User(t.Context(), 7); err != nil {
			t.Fatal(err)
		}
	}
	if len(subjects) != 4 || subjects[0] == chosen || subjects[1] != chosen || subjects[2] != subjects[0] || subjects[3] != chosen {
		t.Errorf("AWX was asked by %q", subjects)
	}
	for _, name := range names {
		if name != names[0] || !strings.HasPrefix(name, "awxgate-") || strings.TrimPrefix(name, "awxgate-") != subjects[0][24:] {
			t.Errorf("AWX was asked by %q", names)
		}
	}
}

func TestDirectoryAWX_IsKeptAcrossReloadsAndGivenBack(t *testing.T) {
	count := func() (n int) {
		directoryPool.Range(func(any, any) bool { n++; return true })
		return n
	}
	t.Run("reloads", func(t *testing.T) {
		r := newDirectoryRig(t)
		alice := r.personalToken("alice")
		r.awx.Take()
		for n := range 3 {
			if err := r.load(strings.Replace(r.directoryCaddyfile(), "linger 10ms", fmt.Sprintf("linger 1%dms", n), 1)); err != nil {
				t.Fatal(err)
			}
			if got := r.whoIs(alice); got != "200 alice" {
				t.Errorf("got %q", got)
			}
		}
		if err := r.load(strings.Replace(r.directoryCaddyfile("ttl 7s"), "awxgate_upstream", "templates {\nmime\n}\nawxgate_upstream", 1)); err == nil {
			t.Error("a broken configuration was accepted")
		}
		if n := count(); n != 1 {
			t.Errorf("there are %d directories", n)
		}
		r.start("ttl 6s")
		if n := count(); n != 1 {
			t.Errorf("there are %d directories", n)
		}
	})
	if n := count(); n != 0 {
		t.Errorf("%d directories were not given back", n)
	}
}

// With AWX as the directory there is an account that sees everybody.
func TestDoctorSeesTheRolesByTheLookUpAccount(t *testing.T) {
	r := newDirectoryRig(t)
	out, err := runDoctor(t, r.directoryCaddyfile(), "--user", "member")
	if err != nil || !regexp.MustCompile(`(?m)^ok +AWX knows the key +and acts as "member"`).MatchString(out) ||
		!regexp.MustCompile(`(?m)^ok +roles +AWX leaves them`).MatchString(out) {
		t.Errorf("%v\n%s", err, out)
	}
}
