package fleet

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"
)

// Node is one gateway: its directory, its address, and the process while it runs.
type Node struct {
	fleet     *Fleet
	binary    string
	directory string
	listen    string
	store     string // the address of the database
	client    *http.Client

	process *exec.Cmd
	ended   chan struct{}             // closed when the process has ended
	serves  atomic.Pointer[time.Time] // since when; nil while it does not
}

func newNode(ctx context.Context, f *Fleet, binary, directory, store string) (*Node, error) {
	if err := os.MkdirAll(filepath.Join(directory, "data"), 0o700); err != nil {
		return nil, fmt.Errorf("making the directory of a node: %w", err)
	}
	// Given back at once: another program may take it, but hardly so soon.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("looking for a free port: %w", err)
	}
	listen := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, fmt.Errorf("giving back the port: %w", err)
	}
	return &Node{
		fleet: f, binary: binary, directory: directory, listen: listen, store: store,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, Timeout: Patience},
	}, nil
}

// Start starts the process and returns when it serves and has its database.
func (n *Node) Start(ctx context.Context) error {
	log, err := os.OpenFile(n.LogFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log of a node: %w", err)
	}
	defer log.Close()
	// Its life is not that of a context.
	process := n.command(context.WithoutCancel(ctx), "run", "--adapter", "caddyfile")
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		return fmt.Errorf("starting a node: %w", err)
	}
	ended := make(chan struct{})
	n.process, n.ended = process, ended
	go func() {
		_ = process.Wait() // how it ended does not matter
		close(ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	for {
		if answer := n.call(ctx, http.MethodGet, "/api/v2/ping/", "", "", ""); answer.Status == http.StatusOK {
			n.serves.Store(&answer.Ended)
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the node ended:\n%s", n.Log())
		case <-ctx.Done():
			return fmt.Errorf("the node does not serve: %w:\n%s", ctx.Err(), n.Log())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// command is the binary in the node's environment, with the shipped configuration.
func (n *Node) command(ctx context.Context, args ...string) *exec.Cmd {
	args = append(args, "--config", filepath.Join(root(), "Caddyfile.example"))
	process := exec.CommandContext(ctx, n.binary, args...) //nolint:gosec // ours
	process.Dir = n.directory
	process.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + n.directory, "AWXGATE_DATA=" + filepath.Join(n.directory, "data"), "AWXGATE_STORE=" + n.store,
		"AWXGATE_LISTEN=" + n.listen, "AWXGATE_CADDY_ADMIN=off", "AWXGATE_IDENTITY=headers", "AWXGATE_ADMIN_PASSWORD=" + adminPassword,
	}
	return process
}

// Run runs a command beside the node, as an administrator would, and returns what it
// printed.
func (n *Node) Run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	out, err := n.command(ctx, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("running %s: %w: %s", args[0], err, out)
	}
	return string(out), nil
}

// Kill ends the process as a power failure would (kill -9). It may have ended already.
func (n *Node) Kill() {
	if n.process == nil {
		return
	}
	n.serves.Store(nil)
	_ = n.process.Process.Kill()
	<-n.ended
}

// ServedSince reports whether the node has served from that time until now.
func (n *Node) ServedSince(then time.Time) bool {
	since := n.serves.Load()
	return since != nil && since.Before(then)
}

// LogFile is where the node's processes write, one after the other.
func (n *Node) LogFile() string { return filepath.Join(n.directory, "log") }

// Log is what they have written.
func (n *Node) Log() string {
	content, err := os.ReadFile(n.LogFile())
	if err != nil {
		return err.Error()
	}
	return string(content)
}
