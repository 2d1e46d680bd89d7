package fleet_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

func TestClientsMeet503AtWorst_WhenTheDiskIsFull(t *testing.T) {
	cluster := pgtest.Start(t, pgtest.Options{})
	disk := smallDisk(t)
	space := filepath.Join(disk, "space")
	must(t, os.Mkdir(space, 0o700))
	must(t, chownLike(space, cluster.Directory()))
	_, err := cluster.SQL(t.Context(), "postgres", `CREATE TABLESPACE small LOCATION '`+space+`'`)
	must(t, err)
	_, err = cluster.SQL(t.Context(), "postgres", `CREATE DATABASE small TABLESPACE small`)
	must(t, err)
	f := started(t, cluster, fleet.Options{Database: "small"})
	ballast := filepath.Join(disk, "ballast")
	try(t, f, fault{
		cause: func(context.Context, *fleet.Fleet) error { return fill(ballast) },
		lasts: func(ctx context.Context, t *testing.T, f *fleet.Fleet) {
			t.Helper()
			for _, n := range f.Nodes { // what is left of the last pages is used up first
				await(t, func() bool {
					_, answer := n.Mint(ctx)
					return answer.Status == http.StatusServiceUnavailable
				})
			}
		},
		heal: func(context.Context, *fleet.Fleet) error { return os.Remove(ballast) },
	})
	if !strings.Contains(cluster.Log(), "No space left on device") {
		t.Error("the disk was not full")
	}
}

// smallDisk is a file system of a size that a test can fill.
func smallDisk(t *testing.T) string {
	t.Helper()
	const limit = 1 << 30
	var disk syscall.Statfs_t
	// In a container that may not mount, /dev/shm is small itself (Docker: 64 MB).
	if err := syscall.Statfs("/dev/shm", &disk); err == nil && disk.Blocks*uint64(disk.Bsize) < limit {
		directory, err := os.MkdirTemp("/dev/shm", "awxgate-disk-") //nolint:usetesting // on that disk
		must(t, err)
		must(t, os.Chmod(directory, 0o755))
		t.Cleanup(func() { must(t, os.RemoveAll(directory)) })
		return directory
	}
	directory, err := os.MkdirTemp("/tmp", "awxgate-disk-") //nolint:usetesting // root's directories are closed to PostgreSQL
	must(t, err)
	t.Cleanup(func() { must(t, os.RemoveAll(directory)) })
	asRoot(t, "mount", "-t", "tmpfs", "-o", "size=64m,mode=0777", "awxgate-test", directory)
	t.Cleanup(func() { asRoot(t, "umount", "--lazy", directory) })
	return directory
}

func asRoot(t *testing.T, command ...string) {
	t.Helper()
	if os.Geteuid() != 0 {
		command = append([]string{"sudo", "-n"}, command...)
	}
	// The test's context has ended when it cleans up.
	if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s\nA disk that can be filled needs the right to mount, or a /dev/shm of less than 1 GB.", command, err, out)
	}
}

// fill leaves no byte.
func fill(path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	for block := bytes.Repeat([]byte("x"), 1<<20); err == nil; {
		var n int
		if n, err = file.Write(block); err != nil && len(block) > 1 {
			block, err = block[:max(1, min(len(block)-n, len(block)/2))], nil
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return file.Close()
}
