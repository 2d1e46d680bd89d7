package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Superuser is the one account of a cluster. It needs no password on loopback.
const Superuser = "postgres"

// patience bounds how long anything may take.
const patience = time.Minute

// Options change how a cluster is made. The zero value is a server as an administrator
// would run it.
type Options struct {
	// Do not wait for the disk. Faster, and an acknowledged commit may be lost in a
	// crash of the machine (not of the server).
	NoSync bool
	// More settings of postgresql.conf, as "name=value".
	Settings []string
}

// Cluster is a running PostgreSQL server with its data.
type Cluster struct {
	bin       string
	directory string
	port      int
	as        *syscall.Credential
	options   Options
	databases atomic.Int64

	mu     sync.Mutex
	server *exec.Cmd     // nil while stopped
	ended  chan struct{} // closed when server has ended
	log    *bytes.Buffer // of all servers, one after the other
}

// New makes and starts a cluster. Close it.
func New(ctx context.Context, options Options) (_ *Cluster, err error) {
	c := &Cluster{options: options, log: new(bytes.Buffer)}
	if c.bin, err = Bin(); err != nil {
		return nil, err
	}
	if c.as, err = identity(); err != nil {
		return nil, err
	}
	// Not the temporary directory of a test: root's are closed to other users.
	if c.directory, err = os.MkdirTemp("/tmp", "awxgate-pg-"); err != nil {
		return nil, fmt.Errorf("making the directory of a cluster: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if c.as != nil {
		if err := os.Chown(c.directory, int(c.as.Uid), int(c.as.Gid)); err != nil {
			return nil, fmt.Errorf("giving the directory to PostgreSQL: %w", err)
		}
	}
	initdb := c.command(ctx, "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
		"--username="+Superuser, "--pgdata="+c.data())
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, out)
	}
	if c.port, err = freePort(ctx); err != nil {
		return nil, err
	}
	return c, c.Start(ctx)
}

// Start starts a server that was stopped or killed, at the same address.
func (c *Cluster) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if err := c.launch(); err != nil {
			return err
		}
		ready, err := c.await(ctx)
		if ready || err != nil {
			return err
		}
		// What is left of a killed server still holds the shared memory: try again.
		select {
		case <-ctx.Done():
			return fmt.Errorf("starting PostgreSQL: %w:\n%s", ctx.Err(), c.Log())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// launch starts the server process.
func (c *Cluster) launch() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		return errors.New("PostgreSQL runs already")
	}
	arguments := []string{
		"-D", c.data(), "-k", c.directory, "-p", strconv.Itoa(c.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "logging_collector=off",
	}
	if c.options.NoSync {
		arguments = append(arguments, "-c", "fsync=off")
	}
	for _, setting := range c.options.Settings {
		arguments = append(arguments, "-c", setting)
	}
	// Its life is that of the cluster, not of a context.
	server := c.command(context.Background(), "postgres", arguments...)
	server.Stdout, server.Stderr = (*logWriter)(c), (*logWriter)(c)
	if err := server.Start(); err != nil {
		return fmt.Errorf("starting PostgreSQL: %w", err)
	}
	ended := make(chan struct{})
	c.server, c.ended = server, ended
	go func() {
		_ = server.Wait() // how it ended does not matter
		c.mu.Lock()
		defer c.mu.Unlock()
		c.server = nil
		close(ended)
	}()
	return nil
}

// await reports whether the server came to answer, or else that it ended.
func (c *Cluster) await(ctx context.Context) (ready bool, err error) {
	_, ended := c.process()
	for {
		isReady := c.command(ctx, "pg_isready", "-q", "-h", "127.0.0.1", "-p", strconv.Itoa(c.port))
		if isReady.Run() == nil {
			return true, nil
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("waiting for PostgreSQL: %w:\n%s", ctx.Err(), c.Log())
		case <-ended:
			return false, nil
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Close stops the server and deletes everything.
func (c *Cluster) Close() error {
	err := c.Kill()
	if removal := os.RemoveAll(c.directory); removal != nil {
		return fmt.Errorf("removing the cluster: %w", removal)
	}
	return err
}

// Log is what the servers have written.
func (c *Cluster) Log() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.log.String()
}

// DSN is the address of a database for the superuser, as a URL.
func (c *Cluster) DSN(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(Superuser), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Port is the server's port on 127.0.0.1.
func (c *Cluster) Port() int { return c.port }

// Directory holds the data and the Unix socket.
func (c *Cluster) Directory() string { return c.directory }

// SQL runs statements in a database as the superuser and returns psql's unadorned output.
func (c *Cluster) SQL(ctx context.Context, database, statements string) (string, error) {
	psql := c.command(ctx, "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", c.DSN(database), "-f", "-")
	psql.Stdin = bytes.NewBufferString(statements)
	var failure bytes.Buffer
	psql.Stderr = &failure
	out, err := psql.Output()
	if err != nil {
		return "", fmt.Errorf("psql: %w: %s", err, failure.Bytes())
	}
	return string(bytes.TrimSuffix(out, []byte("\n"))), nil
}

// NewDatabase creates an empty database and returns its name.
func (c *Cluster) NewDatabase(ctx context.Context) (string, error) {
	name := fmt.Sprintf("test_%d", c.databases.Add(1))
	_, err := c.SQL(ctx, "postgres", "CREATE DATABASE "+name)
	return name, err
}

func (c *Cluster) data() string { return filepath.Join(c.directory, "data") }

// command prepares one of PostgreSQL's programs, for the user it runs as.
func (c *Cluster) command(ctx context.Context, program string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(c.bin, program), arguments...) //nolint:gosec // ours
	command.Dir = c.directory
	command.Env = []string{"PATH=" + c.bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + c.directory}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: c.as, Setpgid: true}
	return command
}

func (c *Cluster) process() (*exec.Cmd, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.server, c.ended
}

type logWriter Cluster

func (w *logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if err := listener.Close(); err != nil || !ok {
		return 0, fmt.Errorf("giving back the port: %w", err)
	}
	return address.Port, nil
}
