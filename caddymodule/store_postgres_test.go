package caddymodule

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
)

// newPostgresRig starts Caddy over an empty database, whose address is in AWXGATE_STORE.
func newPostgresRig(t *testing.T) *rig {
	t.Helper()
	t.Setenv(storeVariable, pgtest.Shared(t).Database(t))
	data := t.TempDir()
	return newRigOn(t, fmt.Sprintf("{$%s} %q", storeVariable, data), data, "")
}

func TestPostgres_FirstStartSetsUpTheDatabaseAndReloadsKeepIt(t *testing.T) {
	r := newPostgresRig(t)
	good, revoked := r.token("write").Access.Reveal(), r.token("write")
	if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, revoked.Token.ID); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err := r.load(r.caddyfile(fmt.Sprintf("cache {\nentries %d\n}", 1000+n))); err != nil {
			t.Fatal(err)
		}
		if got, err := r.ask(good); err != nil || !strings.HasPrefix(got, "200 upstream admin") {
			t.Errorf("after %d reloads a token got %q, %v", n, got, err)
		}
		if got, err := r.ask(revoked.Access.Reveal()); err != nil || !strings.HasPrefix(got, "401") {
			t.Errorf("after %d reloads a revoked token got %q, %v", n, got, err)
		}
	}
	if files, err := os.ReadDir(r.data); err != nil {
		t.Error(err)
	} else {
		for _, file := range files {
			if strings.HasSuffix(file.Name(), ".db") {
				t.Errorf("there is a database %s", file.Name())
			}
		}
	}
}

func TestPostgres_EveryGatewayNamesTheSameInstallation(t *testing.T) {
	ping := func(r *rig) string {
		t.Helper()
		status, _, body := r.do(http.MethodGet, "/api/v2/ping/", bearerHeader(r.token("read").Access.Reveal()))
		_, id, found := strings.Cut(body, `"install_uuid":"`)
		if status != http.StatusOK || !found {
			t.Fatalf("%d %s", status, body)
		}
		return id[:36]
	}
	r := newPostgresRig(t)
	first := ping(r)
	if err := caddy.Stop(); err != nil {
		t.Fatal(err)
	}
	waitForPools(t)
	// Another name of the same server: another gateway may well know it by one.
	t.Setenv(storeVariable, strings.Replace(os.Getenv(storeVariable), "127.0.0.1", "localhost", 1))
	if second := ping(newRigOn(t, fmt.Sprintf("postgres {\nstate_directory %q\n}", r.data), r.data, "")); second != first {
		t.Errorf("first %s, then %s", first, second)
	}
}

func TestPostgres_ThePasswordIsNoPartOfTheConfiguration(t *testing.T) {
	const password = "hunter2-is-secret"
	site := func(store string) string { return "{\nawxgate {\nstore " + store + "\n}\n}" }
	for _, test := range []struct{ name, variable, value, caddyfile, want string }{
		{"the variable of Caddyfile.example", storeVariable, "postgres://u:" + password + "@db/x", site(`{$AWXGATE_STORE:sqlite} "{$AWXGATE_DATA}"`), `"dsn":"{env.AWXGATE_STORE}"`},
		{"another variable", "DATABASE_URL", "postgresql://u:" + password + "@db/x", site(`{$DATABASE_URL}`), `"dsn":"{env.DATABASE_URL}"`},
		{"keywords in a variable", "DB", "host=db password=" + password, site(`postgres "{$DB}"`), `"dsn":"{env.DB}"`},
		{"a password in a variable", "PW", password, site(`postgres://u:{$PW}@db/x`), ""},
		{"written down", "PW", "", site(`postgres postgres://u:` + password + `@db/x`), ""},
		{"written down with an at sign", "PW", "", site(`postgres://u:a@` + password + `@db/x`), ""},
		{"written down in the query", "PW", "", site(`postgres://u@db/x?password=` + password), ""},
		{"keywords", "PW", "", site(`postgres "host=db password = '` + password + `'"`), ""},
		{"keywords that are not quoted", "PW", "", site(`password=` + password + ` host=db`), ""},
		{"too many arguments", storeVariable, "postgres://u:" + password + "@db/x", site(`{$AWXGATE_STORE} a b`), ""},
		{"an unknown option", storeVariable, "postgres://u:" + password + "@db/x", site("{$AWXGATE_STORE} {\nnonsense\n}"), ""},
		{"as a directory", storeVariable, "postgres://u:" + password + "@db/x", "{\nawxgate {\ndirectory {$AWXGATE_STORE}\n}\n}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.value != "" {
				t.Setenv(test.variable, test.value)
			}
			config, err := adapt(test.caddyfile)
			if strings.Contains(fmt.Sprint(string(config), err), password) {
				t.Errorf("the password is in %s, %v", config, err)
			}
			if (err == nil) != (test.want != "") || !strings.Contains(string(config), test.want) {
				t.Errorf("got %s, %v; want %q", config, err, test.want)
			}
		})
	}
}

func TestPostgres_RefusesWhatIsWrongWithoutThePassword(t *testing.T) {
	const password = "hunter2-is-secret"
	existing := pgtest.Shared(t).Database(t)
	for _, test := range []struct{ name, dsn, more, want string }{
		{"nothing set", "", "", "AWXGATE_STORE"},
		{"an address that cannot be read", "postgres://u:" + password + "@db:port/x", "", "the address of the database is not valid"},
		{"a database that does not exist", strings.Replace(existing, "/test_", "/missing_", 1), "", "createdb"},
		{"a data directory that does not exist", existing, "state_directory /nonexistent", "create it (mkdir"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(storeVariable, test.dsn)
			t.Chdir(t.TempDir())
			config, err := adapt("{\nadmin off\npersist_config off\nawxgate {\nstore postgres {\nconnect_timeout 5s\n" + test.more + "\n}\n}\n}")
			if err != nil {
				t.Fatal(err)
			}
			err = caddy.Load(config, true)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), password) {
				t.Errorf("got %v", err)
			}
			if files, _ := os.ReadDir("."); len(files) != 0 {
				t.Errorf("there is %v now", files)
			}
		})
	}
}

func TestPostgres_ASigningKeyIsNotMadeByEachGateway(t *testing.T) {
	r := newPostgresRig(t)
	if err := r.load(r.caddyfile("identity dab_jwt")); err == nil || !strings.Contains(err.Error(), "AWXGATE_JWT_KEY") {
		t.Errorf("got %v", err)
	}
}
