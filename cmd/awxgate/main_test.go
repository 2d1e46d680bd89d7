package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	password = "correct horse battery staple"
	patience = 30 * time.Second // for what should take milliseconds
)

// binary is the real program, built once.
var binary string

func TestMain(m *testing.M) {
	directory, err := os.MkdirTemp("", "awxgate-test-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(directory, "awxgate")
	build := exec.Command("go", "build", "-buildvcs=false", "-tags=nobadger,nomysql,nopgx", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(directory)
	os.Exit(code)
}

// world is a data directory, an address and the environment that names them.
type world struct {
	t       *testing.T
	data    string
	address string
	admin   string
	config  string
	extra   []string // further environment
}

func newWorld(t *testing.T) *world {
	t.Helper()
	example, err := filepath.Abs("../../Caddyfile.example")
	if err != nil {
		t.Fatal(err)
	}
	return &world{
		t: t, data: t.TempDir(), address: freeAddress(t), admin: freeAddress(t), config: example,
		extra: []string{"AWXGATE_ADMIN_PASSWORD=" + password},
	}
}

// debug switches the log level in a copy of Caddyfile.example.
func (w *world) debug() *world {
	w.t.Helper()
	content, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	changed := strings.Replace(string(content), "\n{\n", "\n{\n\tdebug\n", 1)
	changed = strings.Replace(changed, "\tawxgate\n", "\tlog\n\n\tawxgate\n", 1)
	w.config = filepath.Join(w.t.TempDir(), "Caddyfile")
	if err := os.WriteFile(w.config, []byte(changed), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return w
}

func (w *world) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, binary, args...)
	command.Dir = w.t.TempDir()
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + command.Dir, "AWXGATE_DATA=" + w.data,
		"AWXGATE_LISTEN=" + w.address, "AWXGATE_CADDY_ADMIN=" + w.admin,
	}, w.extra...)
	return command
}

// run runs a command to its end.
func (w *world) run(args ...string) (stdout, stderr string, status int) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	command := w.command(ctx, args...)
	var out, errOut bytes.Buffer
	command.Stdout, command.Stderr = &out, &errOut
	if err := command.Run(); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || ctx.Err() != nil {
			w.t.Fatalf("%v: %v\n%s", args, err, errOut.String())
		}
		status = exit.ExitCode()
	}
	return out.String(), errOut.String(), status
}

// create makes a token for admin on the command line.
func (w *world) create() string {
	w.t.Helper()
	out, errOut, status := w.run("create_oauth2_token", "--user", "admin", "--config", w.config)
	if status != 0 {
		w.t.Fatalf("status %d: %s", status, errOut)
	}
	return strings.TrimSuffix(out, "\n")
}

// server is a running awxgate.
type server struct {
	*world
	process *exec.Cmd
	log     *lockedBuffer
	ended   chan struct{}
}

// start starts the server and waits until it says that it is ready.
func (w *world) start() *server {
	w.t.Helper()
	s := &server{world: w, process: w.command(context.Background(), "run", "--config", w.config), log: new(lockedBuffer), ended: make(chan struct{})}
	s.process.Stdout, s.process.Stderr = s.log, s.log
	if err := s.process.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		_ = s.process.Wait()
		close(s.ended)
	}()
	w.t.Cleanup(s.kill)
	eventually(w.t, func() bool {
		select {
		case <-s.ended:
			w.t.Fatalf("the server ended:\n%s", s.log)
		default:
		}
		return strings.Contains(s.log.String(), "serving initial configuration")
	})
	return s
}

// kill ends the server as a power failure would.
func (s *server) kill() {
	_ = s.process.Process.Kill()
	<-s.ended
}

// stop ends the server as an operator would.
func (s *server) stop() {
	s.t.Helper()
	if err := s.process.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatalf("the server did not stop:\n%s", s.log)
	}
}

// try sends a request; credentials are the value of Authorization.
func (w *world) try(method, path, credentials, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+w.address+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if credentials != "" {
		request.Header.Set("Authorization", credentials)
	}
	request.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/api/o/") {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}

// ask is try for requests that must be answered.
func (w *world) ask(method, path, credentials, body string) (int, string) {
	w.t.Helper()
	status, answer, err := w.try(method, path, credentials, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return status, answer
}

// use sends a token through the gate and returns the status.
func (w *world) use(token string) int {
	w.t.Helper()
	status, _ := w.ask(http.MethodGet, "/api/v2/jobs/", "Bearer "+token, "")
	return status
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen in time")
		}
		<-time.After(5 * time.Millisecond)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// lockedBuffer may be written and read at the same time.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
