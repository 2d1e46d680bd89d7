package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Stop ends the server as an administrator does: sessions are cut off, nothing is lost.
func (c *Cluster) Stop() error { return c.end(syscall.SIGINT) }

// Kill ends the server at once (kill -9), as a crash does. It returns when the
// processes of its sessions have ended, too.
func (c *Cluster) Kill() error {
	sessions := c.children()
	if err := c.Thaw(); err != nil {
		return err
	}
	if err := c.end(syscall.SIGKILL); err != nil {
		return err
	}
	for _, pid := range sessions {
		// They notice by themselves, unless they are busy.
		if err := signal(pid, syscall.SIGKILL); err != nil {
			return err
		}
	}
	return nil
}

// Restart stops and starts the server.
func (c *Cluster) Restart(ctx context.Context) error {
	if err := c.Stop(); err != nil {
		return err
	}
	return c.Start(ctx)
}

// Freeze halts every process of the server (SIGSTOP): connections stay open, and
// nothing answers on them, as behind a link that drops packets.
func (c *Cluster) Freeze() error { return c.all(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (c *Cluster) Thaw() error { return c.all(syscall.SIGCONT) }

// FreezeSession halts the process of one session, by the pid that pg_backend_pid gives.
func (c *Cluster) FreezeSession(pid int) error { return signal(pid, syscall.SIGSTOP) }

// ThawSession lets it go on.
func (c *Cluster) ThawSession(pid int) error { return signal(pid, syscall.SIGCONT) }

func (c *Cluster) end(by syscall.Signal) error {
	server, ended := c.process()
	if server == nil {
		return nil
	}
	if err := signal(server.Process.Pid, by); err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("PostgreSQL does not end:\n%s", c.Log())
	}
}

func (c *Cluster) all(s syscall.Signal) error {
	server, _ := c.process()
	if server == nil {
		return nil
	}
	// The parent first, so that it makes no more children.
	errs := []error{signal(server.Process.Pid, s)}
	for _, pid := range c.children() {
		errs = append(errs, signal(pid, s))
	}
	return errors.Join(errs...)
}

// children are the pids of the processes that the server has made.
func (c *Cluster) children() []int {
	server, _ := c.process()
	if server == nil {
		return nil
	}
	parent := strconv.Itoa(server.Process.Pid)
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	var pids []int
	for _, path := range all {
		content, err := os.ReadFile(path) //nolint:gosec // of /proc
		if err != nil {
			continue // it has ended
		}
		// "pid (name) state ppid ...", and a name may hold anything.
		fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
		if len(fields) > 1 && fields[1] == parent {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// signal does not mind that the process has ended.
func signal(pid int, s syscall.Signal) error {
	if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signalling process %d: %w", pid, err)
	}
	return nil
}
