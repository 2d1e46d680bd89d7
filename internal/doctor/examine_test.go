package doctor_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/awxstub"
	"github.com/awxgate/awxgate/internal/doctor"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

// clinic is a stand-in for AWX that is in order, and a gateway that fits it.
type clinic struct {
	awx     *awxstub.Stub
	server  *httptest.Server
	gateway doctor.Gateway
}

var (
	alice = awxstub.User{ID: 2, AnsibleID: "0a1b2c3d-0000-4000-8000-000000000002", Username: "alice"}
	scout = awxstub.User{ID: 3, AnsibleID: "0a1b2c3d-0000-4000-8000-000000000003", Username: "scout", Password: "scout's secret", IsSystemAuditor: true}
)

func newClinic(t *testing.T) *clinic {
	t.Helper()
	c := &clinic{awx: awxstub.New(nil, []awxstub.User{alice, scout}, []awxstub.Organization{
		{ID: 1, AnsibleID: "0a1b2c3d-0000-4000-8000-00000000000a", Name: "Default", Members: []int64{2}},
	})}
	c.server = httptest.NewServer(c.awx)
	t.Cleanup(c.server.Close)
	path := filepath.Join(t.TempDir(), "key.pem")
	if _, err := dabjwt.Generate(path); err != nil {
		t.Fatal(err)
	}
	keys, err := dabjwt.OpenKeys(path, dabjwt.KeysConfig{})
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Current()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.awx.SetJWTKey(string(key.PublicPEM())); err != nil {
		t.Fatal(err)
	}
	minter, err := dabjwt.New(keys, dabjwt.Config{})
	if err != nil {
		t.Fatal(err)
	}
	c.awx.Configure(awxstub.Peering{TrustedOrigins: []string{"https://awx.example.com"}})
	c.gateway = doctor.Gateway{
		URL: c.server.URL, Transport: http.DefaultTransport, Life: 2 * time.Minute,
		User: "alice", Origin: "https://awx.example.com", Direct: []string{"http://" + closedPort(t)},
		Identify: func(_ context.Context, r *http.Request, username string) error {
			if username != "alice" {
				return fmt.Errorf("no user %q", username)
			}
			token, err := minter.Mint(&tokencore.User{AnsibleID: alice.AnsibleID, Username: username, IsActive: true})
			if err != nil {
				return err
			}
			r.Header.Set(dabjwt.Header, token.Reveal())
			return nil
		},
		LookUp: func(r *http.Request) error {
			r.SetBasicAuth(scout.Username, scout.Password)
			return nil
		},
	}
	return c
}

func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func (c *clinic) examine(t *testing.T) map[string]doctor.Finding {
	t.Helper()
	found := make(map[string]doctor.Finding)
	doctor.Examine(t.Context(), c.gateway, func(f doctor.Finding) { found[f.Check] = f })
	return found
}

func TestEverythingIsFineWhereEverythingIs(t *testing.T) {
	findings := newClinic(t).examine(t)
	for _, check := range []string{"AWX answers", "clocks", "AWX knows the key", "roles", "disabled users", "forgeries", "forms", "detours"} {
		if f := findings[check]; f.Status != doctor.OK {
			t.Errorf("%s: %s %q", check, f.Status, f.Detail)
		}
	}
	if len(findings) != 8 {
		t.Errorf("got %d findings: %v", len(findings), findings)
	}
}

func TestEachFaultIsFound(t *testing.T) {
	for _, test := range []struct {
		name   string
		fault  func(t *testing.T, c *clinic)
		check  string
		status doctor.Status
		says   string // in the detail or the advice
	}{
		{"AWX is down", func(_ *testing.T, c *clinic) { c.server.Close() }, "AWX answers", doctor.Failed, "AWXGATE_UPSTREAM"},
		{"something else is there", func(_ *testing.T, c *clinic) { c.gateway.URL += "/elsewhere" }, "AWX answers", doctor.Failed, "not AWX's API"},
		{"AWX does not have the key", func(t *testing.T, c *clinic) {
			if err := c.awx.SetJWTKey(""); err != nil {
				t.Fatal(err)
			}
		}, "AWX knows the key", doctor.Failed, "awx-settings"},
		{"the user is not known", func(_ *testing.T, c *clinic) { c.gateway.User = "bob" }, "AWX knows the key", doctor.Failed, `no user "bob"`},
		{"nobody is named", func(_ *testing.T, c *clinic) { c.gateway.User = "" }, "identity", doctor.Unknown, "--user"},
		{"identities are not signed", func(_ *testing.T, c *clinic) { c.gateway.Identify = nil }, "identity", doctor.Unknown, "dab_jwt"},
		{
			"AWX takes roles away", func(_ *testing.T, c *clinic) { c.awx.Configure(awxstub.Peering{ManagedRoles: true}) },
			"roles", doctor.Failed, "ANSIBLE_BASE_JWT_MANAGED_ROLES",
		},
		{"nobody sees the roles", func(_ *testing.T, c *clinic) { c.gateway.LookUp = nil }, "roles", doctor.Unknown, "directory awx"},
		{
			"our clock is late", func(_ *testing.T, c *clinic) {
				c.gateway.Now = func() time.Time { return time.Now().Add(-10 * time.Minute) }
			},
			"clocks", doctor.Failed, "s ahead of ours",
		},
		{
			"our clock is a little early", func(_ *testing.T, c *clinic) {
				c.gateway.Now = func() time.Time { return time.Now().Add(20 * time.Second) }
			},
			"clocks", doctor.Warning, "behind ours",
		},
		{
			"forms are refused", func(_ *testing.T, c *clinic) { c.awx.Configure(awxstub.Peering{}) },
			"forms", doctor.Failed, `CSRF_TRUSTED_ORIGINS = ["https://awx.example.com"]`,
		},
		{"the origin is not known", func(_ *testing.T, c *clinic) { c.gateway.Origin = "" }, "forms", doctor.Unknown, "--origin"},
		{"AWX can be reached directly", func(_ *testing.T, c *clinic) { c.gateway.Direct = []string{c.server.URL} }, "detours", doctor.Failed, "NetworkPolicy"},
		{"AWX believes everybody", func(t *testing.T, c *clinic) {
			open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Header.Del(dabjwt.Header)
				r.SetBasicAuth(scout.Username, scout.Password)
				c.awx.ServeHTTP(w, r)
			}))
			t.Cleanup(open.Close)
			c.gateway.URL = open.URL
		}, "forgeries", doctor.Failed, "off the network"},
		{"an old AWX", func(t *testing.T, c *clinic) {
			old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"version":"23.9.0"}`)
			}))
			t.Cleanup(old.Close)
			c.gateway.URL = old.URL
		}, "AWX answers", doctor.Failed, "24.6.0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClinic(t)
			test.fault(t, c)
			f := c.examine(t)[test.check]
			if f.Status != test.status || !strings.Contains(f.Detail+": "+f.Advice, test.says) {
				t.Errorf("%s: got %s %q: %q, want %s and %q", test.check, f.Status, f.Detail, f.Advice, test.status, test.says)
			}
		})
	}
}

func ExampleFinding_Print() {
	var out strings.Builder
	_ = doctor.Finding{Status: doctor.OK, Check: "clocks", Detail: "no more than a few seconds apart"}.Print(&out)
	_ = doctor.Finding{Status: doctor.Failed, Check: "AWX answers", Detail: "no answer", Advice: "let this machine reach AWX"}.Print(&out)
	fmt.Print(out.String())
	// Output:
	// ok    clocks             no more than a few seconds apart
	// FAIL  AWX answers        no answer: let this machine reach AWX
}
