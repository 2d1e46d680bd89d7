package fleet

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
)

// binaryVariable names a program that was built already.
const binaryVariable = "AWXGATE_BINARY"

// built is the program of this process, and the directory that RemoveBinary deletes.
var built struct {
	sync.Mutex
	path, directory string
}

// Binary returns the program, built once per process unless the environment variable
// AWXGATE_BINARY names one, from the repository's directory on. It has no race detector: the tests of its packages have.
func Binary(ctx context.Context) (string, error) {
	if path := os.Getenv(binaryVariable); path != "" {
		if !filepath.IsAbs(path) {
			path = filepath.Join(root(), path)
		}
		return path, nil
	}
	built.Lock()
	defer built.Unlock()
	if built.path != "" {
		return built.path, nil
	}
	directory, err := os.MkdirTemp("", "awxgate-fleet-")
	if err != nil {
		return "", fmt.Errorf("making a directory for the program: %w", err)
	}
	path := filepath.Join(directory, "awxgate")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags=nobadger,nomysql,nopgx", "-o", path, "./cmd/awxgate") //nolint:gosec // ours
	build.Dir = root()
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building awxgate: %w\n%s", err, out)
	}
	built.path, built.directory = path, directory
	return path, nil
}

// RemoveBinary deletes what Binary has built.
func RemoveBinary() error {
	built.Lock()
	defer built.Unlock()
	directory := built.directory
	built.path, built.directory = "", ""
	if directory == "" {
		return nil
	}
	return os.RemoveAll(directory)
}

// root is the repository's directory: with -trimpath the source does not know its path,
// so the working directory is asked.
func root() string {
	directory, err := os.Getwd()
	if err != nil {
		return "."
	}
	for directory != filepath.Dir(directory) {
		if _, err := os.Stat(filepath.Join(directory, "Caddyfile.example")); err == nil {
			return directory
		}
		directory = filepath.Dir(directory)
	}
	return "."
}
