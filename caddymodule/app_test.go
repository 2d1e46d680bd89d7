package caddymodule

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/prometheus/client_golang/prometheus"
)

func poolReferences(storeKey string) (store, core int) {
	storePool.RLock()
	defer storePool.RUnlock()
	store, _ = storePool.References(poolKeyOf(storeKey))
	core, _ = corePool.References(poolKeyOf(storeKey, "", CacheConfig{}))
	return store, core
}

func TestConfigurationsShareWhatIsTheSame(t *testing.T) {
	store := &SQLiteStore{path: "sharing test"}
	key := store.Key()
	first, releaseFirst, err := acquireCore(store, "", CacheConfig{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	second, releaseSecond, err := acquireCore(store, "", CacheConfig{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	other, releaseOther, err := acquireCore(store, "", CacheConfig{Entries: 5}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if first != second || first == other || first.shared != other.shared {
		t.Error("equal configurations are to share a core, and others the store")
	}
	releaseFirst()
	if stores, cores := poolReferences(key); stores != 2 || cores != 1 {
		t.Errorf("%d references to the store, %d to the core", stores, cores)
	}
	releaseSecond()
	releaseOther()
	if stores, cores := poolReferences(key); stores != 0 || cores != 0 {
		t.Errorf("%d references to the store, %d to the core are left", stores, cores)
	}
}

func TestCleanupGivesBackOnlyWhatWasTaken(t *testing.T) {
	running := newRig(t)
	before, _ := storePool.References(poolKeyOf("sqlite " + filepath.Join(running.data, defaultDatabaseFile)))
	never := new(App)
	for range 2 {
		if err := never.Cleanup(); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	defer cancel()
	failed := &App{IdentityRaw: []byte(`{"kind":"headers","set":{"user":"Host"}}`)}
	if err := failed.Provision(ctx); err == nil {
		t.Error("an identity in Host was accepted")
	}
	if err := failed.Cleanup(); err != nil {
		t.Fatal(err)
	}
	if after, _ := storePool.References(poolKeyOf("sqlite " + filepath.Join(running.data, defaultDatabaseFile))); after != before || before == 0 {
		t.Errorf("%d references before, %d after", before, after)
	}
}

func TestHandlersNeedTheApp(t *testing.T) {
	config, err := adapt("{\nadmin off\n}\nhttp://127.0.0.1:1 {\nawxgate\n}")
	if err != nil {
		t.Fatal(err)
	}
	parsed := new(caddy.Config)
	if err := caddy.StrictUnmarshalJSON(config, parsed); err != nil {
		t.Fatal(err)
	}
	if err := caddy.Validate(parsed); err == nil || !strings.Contains(err.Error(), `add the global option "awxgate"`) {
		t.Errorf("got %v", err)
	}
}

func TestStoreModuleTellsFirstStartFromMistake(t *testing.T) {
	provision := func(t *testing.T, s *SQLiteStore) *SQLiteStore {
		t.Helper()
		if err := s.Provision(caddy.Context{}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Run("no file in a given directory is a first start", func(t *testing.T) {
		s := provision(t, &SQLiteStore{Directory: t.TempDir()})
		if _, err := s.Open(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no given directory is a mistake", func(t *testing.T) {
		s := provision(t, &SQLiteStore{Directory: filepath.Join(t.TempDir(), "missing")})
		for name, open := range map[string]openFunc{"opening": s.Open, "creating": s.Create} {
			if _, err := open(t.Context()); err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "mkdir") {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
	t.Run("no default directory is a first start, which creates it", func(t *testing.T) {
		t.Chdir(t.TempDir())
		s := provision(t, new(SQLiteStore))
		if _, err := s.Open(t.Context()); !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("got %v", err)
		}
		store, err := s.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("a variable that is not set is a mistake", func(t *testing.T) {
		if err := (&SQLiteStore{Directory: "{env.AWXGATE_NOT_SET}"}).Provision(caddy.Context{}); err == nil {
			t.Error("accepted")
		}
	})
	t.Run("a file name with a directory is a mistake", func(t *testing.T) {
		if err := (&SQLiteStore{File: "../x.db"}).Provision(caddy.Context{}); err == nil {
			t.Error("accepted")
		}
	})
}

func TestAdminEndpointCountsAndPurges(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	r.do(http.MethodGet, "/", bearerHeader(token))
	r.do(http.MethodGet, "/", bearerHeader(token))
	admin := new(AdminAPI)
	if err := admin.Provision(caddy.ActiveContext()); err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string) (string, error) {
		for _, route := range admin.Routes() {
			if route.Pattern == path {
				w := httptest.NewRecorder()
				err := route.Handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
				return w.Body.String(), err
			}
		}
		t.Fatalf("no route %s", path)
		return "", nil
	}
	body, err := ask(http.MethodGet, adminStatsPath)
	if err != nil || !strings.Contains(body, `"ready":true`) || !strings.Contains(body, `"entries":1`) || strings.Contains(body, token) {
		t.Errorf("got %s, %v", body, err)
	}
	if _, err := ask(http.MethodPost, adminPurgePath); err != nil {
		t.Error(err)
	}
	if body, _ := ask(http.MethodGet, adminStatsPath); !strings.Contains(body, `"entries":0`) {
		t.Errorf("after the purge: %s", body)
	}
	if _, err := ask(http.MethodGet, adminPurgePath); err == nil {
		t.Error("GET purged")
	}
	admin = new(AdminAPI)
	if _, err := ask(http.MethodGet, adminStatsPath); err == nil {
		t.Error("there are counters of what is not configured")
	}
}

func TestMetricsAreOneCollectorWithoutSecrets(t *testing.T) {
	r := newRig(t)
	r.do(http.MethodGet, "/", bearerHeader(r.token("write").Access.Reveal()))
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(collector{app.(*App).core}); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil || len(families) != 12 {
		t.Fatalf("%d families: %v", len(families), err)
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() != "result" && label.GetName() != "reason" {
					t.Errorf("%s has the label %s", family.GetName(), label.GetName())
				}
			}
		}
	}
}
