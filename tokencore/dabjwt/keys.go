package dabjwt

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	keySuffix = ".pem"

	// defaultReread is short enough for a person who waits and costs nothing.
	defaultReread = 5 * time.Second
)

// KeysConfig tunes Keys.
type KeysConfig struct {
	// How long a key is used before the files are looked at again. Default: 5s.
	Reread time.Duration
	// The clock. Default: time.Now.
	Now func() time.Time
	// Where a new key, and a file that is no key, is reported, once each.
	// Default: nowhere.
	Logger *slog.Logger
}

// Keys is the signing key of a file, or of a directory: there, the key of the file
// *.pem that was modified last; of several, the last by name. So adding a file rotates
// the key without a restart. A file that is no usable key is passed over, and when none
// is left, the key that was read before stays.
type Keys struct {
	path   string
	reread time.Duration
	now    func() time.Time
	log    *slog.Logger

	start time.Time
	next  atomic.Int64 // when to look again, as time since start: clocks are set back, durations are not
	held  atomic.Pointer[heldKey]

	mu     sync.Mutex // held while the files are looked at
	failed map[stamp]error
	lost   bool // the last look found no key
}

// stamp tells one content of a file from another.
type stamp struct {
	path     string
	modified int64
	size     int64
	mode     fs.FileMode
}

type heldKey struct {
	stamp stamp
	key   *Key
}

// OpenKeys reads the key. The error matches fs.ErrNotExist if there is no file at all.
func OpenKeys(path string, config KeysConfig) (*Keys, error) {
	k := &Keys{path: path, reread: config.Reread, now: config.Now, log: config.Logger, failed: make(map[stamp]error)}
	if k.reread == 0 {
		k.reread = defaultReread
	}
	if k.now == nil {
		k.now = time.Now
	}
	if k.log == nil {
		k.log = slog.New(slog.DiscardHandler)
	}
	k.start = k.now()
	k.next.Store(int64(k.reread))
	passedOver, err := k.look()
	if err != nil {
		return nil, err
	}
	k.report(passedOver)
	return k, nil
}

// Current returns the key to sign with.
func (k *Keys) Current() (*Key, error) {
	if passed := k.now().Sub(k.start); int64(passed) >= k.next.Load() && k.mu.TryLock() {
		k.next.Store(int64(passed + k.reread))
		passedOver, err := k.look()
		k.report(passedOver)
		if err != nil && !k.lost {
			k.log.Error("the signing key cannot be read again and stays as it was", "error", err)
		}
		k.lost = err != nil
		k.mu.Unlock()
	}
	return k.held.Load().key, nil // there was one when the keys were opened
}

func (k *Keys) report(passedOver []error) {
	for _, problem := range passedOver {
		k.log.Error("a signing key cannot be used and is passed over", "error", problem)
	}
}

// look takes the newest file that is a key. It returns what is wrong with files that it
// had to pass over and had not seen before. It is called by one goroutine at a time.
func (k *Keys) look() (passedOver []error, err error) {
	stamps, err := keyFiles(k.path)
	if err != nil {
		return nil, fmt.Errorf("looking for a signing key: %w", err)
	}
	problems := []error{fmt.Errorf("no usable signing key in %s", k.path)}
	failed := make(map[stamp]error)
	defer func() { k.failed = failed }()
	held := k.held.Load()
	for _, s := range stamps {
		if held != nil && held.stamp == s {
			return passedOver, nil
		}
		problem, known := k.failed[s]
		if !known {
			var key *Key
			if key, problem = readKey(s.path); problem == nil {
				k.held.Store(&heldKey{s, key})
				if held != nil {
					k.log.Info("signing with another key from now on; AWX needs its public half", "file", s.path)
				}
				return passedOver, nil
			}
			passedOver = append(passedOver, problem)
		}
		failed[s] = problem
		problems = append(problems, problem)
	}
	return passedOver, errors.Join(problems...)
}

// keyFiles lists the files that may be keys, the newest first.
func keyFiles(path string) ([]stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []stamp{stampOf(path, info)}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var stamps []stamp
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, keySuffix) {
			continue // also what editors and Generate leave for a moment
		}
		file := filepath.Join(path, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() { // not entry.Info: Kubernetes mounts links
			stamps = append(stamps, stampOf(file, info))
		}
	}
	if len(stamps) == 0 {
		return nil, fmt.Errorf("no file *%s in %s: %w", keySuffix, path, fs.ErrNotExist)
	}
	slices.SortFunc(stamps, func(a, b stamp) int {
		if a.modified != b.modified {
			return int(max(-1, min(1, b.modified-a.modified)))
		}
		return strings.Compare(b.path, a.path)
	})
	return stamps, nil
}

func stampOf(path string, info fs.FileInfo) stamp {
	return stamp{path: path, modified: info.ModTime().UnixNano(), size: info.Size(), mode: info.Mode()}
}

var _ keySource = (*Keys)(nil)
