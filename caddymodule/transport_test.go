package caddymodule

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

func TestNoCredentialIsInTheDebugLog(t *testing.T) {
	const cookie = "keepmesecret"
	r := newAWXRig(t)
	file := filepath.Join(t.TempDir(), "log")
	config := strings.Replace(r.caddyfile("identity dab_jwt"), "output discard", "output file "+file+"\nlevel DEBUG", 1)
	config = strings.Replace(config, "awxgate_upstream", "log\nawxgate_upstream", 1)
	if err := r.load(config); err != nil {
		t.Fatal(err)
	}
	token := r.token("write").Access.Reveal()
	header := bearerHeader(token)
	header.Set("Cookie", "csrftoken="+cookie+"; awx_sessionid="+cookie)
	connection, _ := r.dial(webSocketPath, header)
	r.receive(connection)
	if status, _, _ := r.do(http.MethodGet, "/api/v2/jobs/", header); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	r.do(http.MethodGet, "/api/v2/jobs/", http.Header{"Cookie": header["Cookie"], dabjwt.Header: {"claimed"}})
	_ = connection.Close()
	r.wantOpen(0)

	log, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(log), `"upstream roundtrip"`); n != 3 || !strings.Contains(string(log), `"X-Dab-Jw-Token":["REDACTED"]`) {
		t.Fatalf("%d round trips are logged, or the identity is not mentioned", n)
	}
	if strings.Contains(string(log), token) || strings.Contains(string(log), cookie) {
		t.Error("the token or a cookie is in the log")
	}
	for _, received := range r.awx.Take()[:2] {
		jwt := received.Header.Get(dabjwt.Header)
		if strings.Count(jwt, ".") != 2 {
			t.Fatalf("AWX got the identity %q", jwt)
		}
		if _, signature, _ := strings.Cut(jwt, "."); strings.Contains(string(log), jwt) || strings.Contains(string(log), signature) {
			t.Error("the signed identity is in the log")
		}
	}
}

func TestSignedIdentitySurvivesARetry(t *testing.T) {
	for name, options := range map[string]string{"same header": "", "header copied": "header_up X-Other yes"} {
		t.Run(name, func(t *testing.T) {
			r := newAWXRig(t)
			config := strings.Replace(r.caddyfile("identity dab_jwt"), "awxgate_upstream "+r.upstream.URL,
				"awxgate_upstream http://"+freeAddress(t)+" "+r.upstream.URL+" {\nlb_policy first\nlb_try_duration 10s\nfail_duration 30s\n"+options+"\n}", 1)
			if err := r.load(config); err != nil {
				t.Fatal(err)
			}
			status, _, body := r.do(http.MethodGet, "/api/v2/jobs/", bearerHeader(r.token("write").Access.Reveal()))
			if status != http.StatusOK || !strings.Contains(body, `"username":"admin"`) {
				t.Errorf("status %d, %s", status, body)
			}
		})
	}
}

// A proxy of one's own, with Caddy's transport, works; it only logs more.
func TestPlainReverseProxyCarriesTheIdentity(t *testing.T) {
	r := newAWXRig(t)
	for _, proxy := range []string{"reverse_proxy %", "reverse_proxy % {\ntransport awxgate\n}"} {
		proxy = strings.Replace(proxy, "%", r.upstream.URL, 1)
		if err := r.load(strings.Replace(r.caddyfile("identity dab_jwt"), "awxgate_upstream "+r.upstream.URL, proxy, 1)); err != nil {
			t.Fatal(err)
		}
		status, _, body := r.do(http.MethodGet, "/api/v2/jobs/", bearerHeader(r.token("write").Access.Reveal()))
		if status != http.StatusOK || !strings.Contains(body, `"username":"admin"`) {
			t.Errorf("%s: status %d, %s", proxy, status, body)
		}
	}
}

func TestHiddenIdentityIsNotTakenFromAClient(t *testing.T) {
	ctx := context.WithValue(t.Context(), caddyhttp.VarsCtxKey, map[string]any{})
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
	r.Header[dabjwt.Header] = []string{hiddenIdentity}
	if sent := hideIdentity(r); sent.Header[dabjwt.Header] != nil {
		t.Errorf("sent %v", sent.Header)
	}
}
