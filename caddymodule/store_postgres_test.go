package caddymodule

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
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
	id := func() string {
		t.Helper()
		app, err := caddy.ActiveContext().AppIfConfigured(appName)
		if err != nil {
			t.Fatal(err)
		}
		return installUUID(app.(*App).core.opened.Load().installation)
	}
	r := newPostgresRig(t)
	first := id()
	stopCaddy(t)
	// Another name of the same server: another gateway may well know it by one.
	t.Setenv(storeVariable, strings.Replace(os.Getenv(storeVariable), "127.0.0.1", "localhost", 1))
	newRigOn(t, fmt.Sprintf("postgres {\nstate_directory %q\n}", r.data), r.data, "")
	if second := id(); second != first || len(first) != 36 {
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

// AWX believes one key, so gateways that share a database name one for all.
func TestPostgres_TheSigningKeyMayBeOneFileForAllGateways(t *testing.T) {
	r := newPostgresRig(t)
	signer := func() string {
		t.Helper()
		if err := r.load(r.caddyfile("identity dab_jwt")); err != nil {
			t.Fatal(err)
		}
		_, _, key := r.do(http.MethodGet, publicKeyPath, nil)
		return key
	}
	own := signer()
	common := filepath.Join(t.TempDir(), "common.pem")
	if created, err := dabjwt.Generate(common); err != nil || !created {
		t.Fatal(err)
	}
	t.Setenv("AWXGATE_JWT_KEY", common)
	shared := signer()
	if !strings.Contains(own, "PUBLIC KEY") || !strings.Contains(shared, "PUBLIC KEY") || own == shared {
		t.Errorf("first %s, then %s", own, shared)
	}
}

// With the database down, gateways start, and refuse what they cannot judge.
func TestPostgres_AGatewayStartsBeforeItsDatabase(t *testing.T) {
	server := pgtest.Start(t, pgtest.Options{NoSync: true})
	t.Setenv(storeVariable, server.Database(t))
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	r := newRigOn(t, fmt.Sprintf("{$%s} %q", storeVariable, data), data, "")
	for _, token := range []string{"", "anything"} {
		if got, err := r.ask(token); err != nil || !strings.HasPrefix(got, "503") {
			t.Errorf("before the database is there: %q, %v", got, err)
		}
	}
	if err := r.load(r.caddyfile("cache {\nentries 7\n}")); err != nil {
		t.Errorf("a reload while nothing works yet: %v", err)
	}
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.await("", "200")
	good := r.token("write").Access.Reveal()
	if got, err := r.ask(good); err != nil || !strings.HasPrefix(got, "200 upstream admin") {
		t.Errorf("once it is there: %q, %v", got, err)
	}
	// Now that something works, it is not given up.
	t.Setenv(storeVariable, "postgres://127.0.0.1:1/nowhere?sslmode=disable")
	if err := r.load(r.caddyfile("")); err == nil {
		t.Error("a reload to a database that is down was accepted")
	}
	if got, err := r.ask(good); err != nil || !strings.HasPrefix(got, "200 upstream admin") {
		t.Errorf("after a refused reload: %q, %v", got, err)
	}
}

// await asks until the answer begins with what is wanted.
func (r *rig) await(token, want string) {
	r.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		got, err := r.ask(token)
		if err == nil && strings.HasPrefix(got, want) {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("still %q, %v; want %s", got, err, want)
		}
		<-time.After(10 * time.Millisecond)
	}
}

func TestPostgres_ReloadsLeaveNothingBehind(t *testing.T) {
	warm := newPostgresRig(t)
	warm.do(http.MethodGet, "/", nil)
	stopCaddy(t)
	warm.client.CloseIdleConnections()
	ignore := goleak.IgnoreCurrent()
	t.Run("reloads", func(t *testing.T) {
		r := newPostgresRig(t)
		for n := range 5 {
			if err := r.load(r.caddyfile(fmt.Sprintf("cache {\nentries %d\n}", 1000+n))); err != nil {
				t.Fatal(err)
			}
		}
		// A database that is down, and is given up before it comes.
		if err := caddy.Stop(); err != nil {
			t.Fatal(err)
		}
		t.Setenv(storeVariable, "postgres://127.0.0.1:1/nowhere?sslmode=disable")
		for range 2 {
			if err := r.load(r.caddyfile("")); err != nil {
				t.Fatal(err)
			}
		}
		stopCaddy(t)
	})
	goleak.VerifyNone(t, ignore, goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh"))
}

func TestPostgres_MetricsTellOfTheFeedAndTheConnections(t *testing.T) {
	newPostgresRig(t)
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		t.Fatal(err)
	}
	if got := app.(*App).core.stats(); got.Feed == nil || !got.Feed.Connected || got.Pool == nil || got.Pool.Max != 10 {
		t.Errorf("got %+v", got)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector{app.(*App).core})
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	told := make(map[string]bool)
	for _, family := range families {
		told[family.GetName()] = true
	}
	for _, name := range []string{
		"awxgate_feed_connected", "awxgate_feed_losses_total", "awxgate_feed_gap_seconds_total", "awxgate_feed_lag_seconds",
		"awxgate_database_connections", "awxgate_database_connections_max", "awxgate_database_connection_waits_total",
	} {
		if !told[name] {
			t.Errorf("there is no %s", name)
		}
	}
}
