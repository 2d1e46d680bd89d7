package main_test

import (
	"bufio"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The example is built and run as its reader would do it.
func TestEmbed_GuardsItsHandler(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "embed")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	url, token := start(t, binary)

	tests := []struct {
		name, method, authorization string
		status                      int
		body                        string
	}{
		{"without a token", http.MethodGet, "", http.StatusUnauthorized, "Unauthorized\n"},
		{"with another token", http.MethodGet, "Bearer " + token + "x", http.StatusUnauthorized, "Unauthorized\n"},
		{"with the token", http.MethodGet, "Bearer " + token, http.StatusOK, "hello, alice\n"},
		{"writing with a read token", http.MethodPost, "Bearer " + token, http.StatusForbidden, "Forbidden\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), tt.method, url, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", tt.authorization)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.status || string(body) != tt.body {
				t.Errorf("%d %q, want %d %q", response.StatusCode, body, tt.status, tt.body)
			}
		})
	}
}

// start runs the program until the test ends and reads what it prints.
func start(t *testing.T, binary string) (url, token string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), binary, "-listen", "127.0.0.1:0")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for _, value := range []struct {
		prefix string
		into   *string
	}{{"listening on ", &url}, {"alice's token: ", &token}} {
		if !lines.Scan() {
			t.Fatalf("the program ended early: %v", lines.Err())
		}
		rest, found := strings.CutPrefix(lines.Text(), value.prefix)
		if !found {
			t.Fatalf("unexpected line; want one that begins %q", value.prefix)
		}
		*value.into = rest
	}
	return url, token
}
