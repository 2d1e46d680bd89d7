//go:build nobadger && nomysql && nopgx

// Without these tags Caddy does not build beside fosite; make bench sets them.

package bench_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/awxgate/awxgate/caddymodule"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

const benchConfig = `{
	admin off
	persist_config off
	auto_https off
	storage file_system %[1]q
	log {
		output discard
	}
	awxgate {
		store sqlite %[1]q
		linger 10ms
	}
}
http://:%[2]d {
	bind 127.0.0.1
	reverse_proxy %[4]s
}
http://:%[3]d {
	bind 127.0.0.1
	awxgate
	awxgate_upstream %[4]s
}`

// BenchmarkCaddy sends requests through a real Caddy over loopback, keep-alive, to an
// upstream that answers 300 bytes: stock means reverse_proxy and nothing else, gate our
// directives in front of it. Both are sites of one server, so that one run compares them.
func BenchmarkCaddy(b *testing.B) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 300))
	}))
	b.Cleanup(upstream.Close)

	directory := b.TempDir()
	one, many := seed(b, directory)
	stock, gate := freePort(b), freePort(b)
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(fmt.Appendf(nil, benchConfig, directory, stock, gate, upstream.URL), nil)
	must(b, err)
	must(b, caddy.Load(config, true))
	b.Cleanup(func() { must(b, caddy.Stop()) })

	for _, bm := range []struct {
		name   string
		port   int
		tokens []string
		want   int
	}{
		{"stock", stock, one, http.StatusOK},
		{"gate", gate, one, http.StatusOK},
		{"gate-10k", gate, many, http.StatusOK},
		{"gate-without-token", gate, []string{""}, http.StatusOK},
		{"gate-refused", gate, []string{"Bearer T66PGVTXQ83Paw0aO1YPddPmAeQM2y"}, http.StatusUnauthorized},
	} {
		b.Run(bm.name, func(b *testing.B) { hammer(b, bm.port, bm.tokens, bm.want) })
	}
}

// seed makes a store with one user and 10,000 tokens, and returns the header values of
// one and of all of them.
func seed(b *testing.B, directory string) (one, many []string) {
	b.Helper()
	store, err := sqlite.Open(b.Context(), filepath.Join(directory, "awxgate.db"), sqlite.Options{Migrate: true})
	must(b, err)
	g := newGateway(b, store)
	many = g.authorizations(b, 10_000)
	return many[:1], many
}

func hammer(b *testing.B, port int, tokens []string, want int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	defer client.CloseIdleConnections()
	url := fmt.Sprintf("http://127.0.0.1:%d/api/v2/job_templates/7/", port)
	for _, token := range tokens { // the first use of a token reads the store
		must(b, get(b, client, url, token, want))
	}
	var turn atomic.Uint64
	b.SetParallelism(32) // 64 connections on two processors
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := get(b, client, url, tokens[turn.Add(1)%uint64(len(tokens))], want); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func get(b *testing.B, client *http.Client, url, authorization string, want int) error {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != want {
		return fmt.Errorf("status %d, want %d", response.StatusCode, want)
	}
	return nil
}

func freePort(b *testing.B) int {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
