package caddymodule

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

func TestAWXActsAsTheUserOfTheToken(t *testing.T) {
	r := newAWXRig(t)
	application, clientID := r.newAlice()
	for _, username := range []string{"alice", "admin"} {
		for kind, token := range r.tokensOf(username, application, clientID) {
			for _, path := range []string{"/api/v2/me/", "/api/v2/jobs/"} { // ours, and AWX's
				status, _, body := r.do(http.MethodGet, path, bearerHeader(token))
				if status != http.StatusOK || !strings.Contains(body, `"username":"`+username+`"`) {
					t.Errorf("%s of %s: %s is %d %s", kind, username, path, status, body)
				}
			}
			received := r.awx.Take()
			if len(received) != 1 || received[0].Username != username {
				t.Fatalf("%s of %s: AWX saw %+v", kind, username, received)
			}
			if received[0].Header.Get("Authorization") != "" || strings.Contains(fmt.Sprint(received[0].Header), token) {
				t.Errorf("%s of %s: the token reached AWX", kind, username)
			}
		}
	}
	alice, err := r.service(nil).Directory().UserByName(t.Context(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := r.awx.User("alice")
	if got.AnsibleID != alice.AnsibleID || got.FirstName != "Ålice" || got.Email != "alice@example.org" || got.IsSuperuser {
		t.Errorf("AWX got %+v", got)
	}
	if admin, _ := r.awx.User("admin"); !admin.IsSuperuser {
		t.Errorf("AWX got %+v", admin)
	}
}

// Expired and foreign tokens are refused by AWX itself; see the tests of awxstub.
func TestClientsCannotBringAJWTOfTheirOwn(t *testing.T) {
	r := newAWXRig(t)
	application, clientID := r.newAlice()
	alice := r.tokensOf("alice", application, clientID)["personal"]
	r.do(http.MethodGet, "/api/v2/jobs/", bearerHeader(r.token("write").Access.Reveal()))
	genuine := r.awx.Take()[0].Header.Get(dabjwt.Header)
	if strings.Count(genuine, ".") != 2 {
		t.Fatalf("AWX got %q", genuine)
	}
	parts := strings.Split(genuine, ".")
	for claim, jwt := range map[string]string{
		"a genuine one of admin":     genuine,
		"one with another signature": parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])),
		"one without a signature":    "eyJhbGciOiJub25lIn0." + parts[1] + ".",
		"rubbish":                    "rubbish",
	} {
		for _, name := range []string{"X-DAB-JW-TOKEN", "x-dab-jw-token", "X_DAB_JW_TOKEN", "X.DAB.JW.TOKEN", "X-Dab_Jw-Token"} {
			r.raw("GET /api/v2/jobs/ HTTP/1.1", "Host: "+r.address, "Connection: close", name+": "+jwt)
			r.raw("GET /api/v2/jobs/ HTTP/1.1", "Host: "+r.address, "Connection: close, "+name, name+": "+jwt, "Authorization: Bearer "+alice)
			received := r.awx.Take()
			if len(received) != 2 {
				t.Fatalf("%s as %s: AWX saw %d requests", claim, name, len(received))
			}
			if got := received[0]; got.Username != "" || got.Status != http.StatusUnauthorized || strings.Contains(fmt.Sprint(got.Header), jwt) {
				t.Errorf("%s as %s, alone: AWX acted as %q, %d", claim, name, got.Username, got.Status)
			}
			if got := received[1]; got.Username != "alice" || strings.Contains(fmt.Sprint(got.Header), jwt) {
				t.Errorf("%s as %s, with a token: AWX acted as %q", claim, name, got.Username)
			}
		}
	}
}

func TestPublicKeyIsServedForAWX(t *testing.T) {
	r := newAWXRig(t)
	status, header, body := r.do(http.MethodGet, publicKeyPath, http.Header{"Authorization": {"Bearer nonsense"}})
	if status != http.StatusOK || !strings.HasPrefix(body, "-----BEGIN PUBLIC KEY-----\n") || header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("got %d %v %s", status, header, body)
	}
	if status, _, body := r.do(http.MethodHead, publicKeyPath, nil); status != http.StatusOK || body != "" {
		t.Errorf("HEAD: %d %s", status, body)
	}
	if status, header, _ := r.do(http.MethodPost, publicKeyPath, nil); status != http.StatusMethodNotAllowed || header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d %v", status, header)
	}
	if n := len(r.awx.Take()); n != 0 {
		t.Errorf("AWX saw %d requests", n)
	}
}

func TestWithoutASigningKeyThePublicKeyIsNotOurs(t *testing.T) {
	r := newRig(t)
	if status, _, _ := r.do(http.MethodGet, publicKeyPath, nil); status != http.StatusOK || len(r.upstream.take()) != 1 {
		t.Errorf("the upstream was not asked; status %d", status)
	}
}

func TestSigningKeySurvivesAReload(t *testing.T) {
	r := newAWXRig(t)
	if err := r.load(r.caddyfile("identity dab_jwt {\nlife 1m\n}")); err != nil {
		t.Fatal(err)
	}
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		t.Fatal(err)
	}
	if key, err := app.(*App).identity.(signingIdentity).publicKey(); err != nil || string(key) != r.key {
		t.Errorf("there is another key: %s, %v", key, err)
	}
	for path, want := range map[string]fs.FileMode{"": fs.ModeDir | 0o700, firstKeyFile: 0o600} {
		info, err := os.Stat(filepath.Join(r.data, keyDirectory, path))
		if err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
}

func TestDemoShowsNoSignedIdentity(t *testing.T) {
	r := newAWXRig(t)
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		t.Fatal(err)
	}
	r.do(http.MethodGet, "/api/v2/jobs/", bearerHeader(r.token("write").Access.Reveal()))
	genuine := r.awx.Take()[0].Header.Get(dabjwt.Header)
	signature := genuine[strings.LastIndex(genuine, ".")+1:]
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	request.Header.Set(dabjwt.Header, genuine)
	w := httptest.NewRecorder()
	if err := (&DemoUpstream{app: app.(*App)}).ServeHTTP(w, request, nil); err != nil {
		t.Fatal(err)
	}
	if body := w.Body.String(); !strings.Contains(body, `"username": "admin"`) || strings.Contains(body, signature) {
		t.Errorf("got %s", body)
	}
}

// loadedIdentity provisions an app that never starts.
func loadedIdentity(t *testing.T, data, identity string) (Identity, error) {
	t.Helper()
	ctx, cancel := caddy.NewContext(caddy.Context{Context: t.Context()})
	t.Cleanup(cancel)
	app := &App{StoreRaw: fmt.Appendf(nil, `{"driver":"sqlite","directory":%q}`, data), IdentityRaw: []byte(identity)}
	err := app.Provision(ctx)
	t.Cleanup(func() { _ = app.Cleanup() })
	return app.identity, err
}

func TestLoadingAConfigurationMakesNoKey(t *testing.T) {
	data := t.TempDir()
	identity, err := loadedIdentity(t, data, `{"kind":"dab_jwt"}`)
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(data); err != nil || len(entries) != 0 {
		t.Errorf("it wrote %v, %v", entries, err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v2/jobs/", nil)
	user := tokencore.User{Username: "alice", AnsibleID: "0f3a9f5e-8a52-4c1c-9f5e-2d6b8f6d1a11", IsActive: true}
	if err := identity.Apply(r, &tokencore.Principal{User: user}); !errors.Is(err, tokencore.ErrUnavailable) || r.Header.Get(dabjwt.Header) != "" {
		t.Errorf("without a key: %v", err)
	}
	w := httptest.NewRecorder()
	r.URL.Path = publicKeyPath
	if !servePublicKey(w, r, identity) || w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("without a key: %d %v", w.Code, w.Header())
	}
}

func TestKeysThatCannotBeUsedStopTheConfiguration(t *testing.T) {
	directory := t.TempDir()
	open := filepath.Join(directory, "open.pem")
	if _, err := dabjwt.Generate(open); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, identity, want string }{
		{"a key that others can read", fmt.Sprintf(`{"kind":"dab_jwt","key":%q}`, open), "chmod 600 " + open},
		{"a configured key that is missing", fmt.Sprintf(`{"kind":"dab_jwt","key":%q}`, directory+"/missing.pem"), "missing.pem"},
		{"a variable that is not set", `{"kind":"dab_jwt","key":"{env.AWXGATE_NOT_SET}"}`, "key: "},
		{"a life too short to reach AWX", `{"kind":"dab_jwt","life":1000000000}`, "choose whole seconds from 10s to 1h0m0s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := loadedIdentity(t, t.TempDir(), test.identity); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if err := new(DABJWTIdentity).openKey(""); err == nil || !strings.Contains(err.Error(), "name a PEM file") {
		t.Errorf("a store without a directory: %v", err)
	}
}
