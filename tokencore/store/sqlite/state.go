package sqlite

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// State says what is found where a database is expected.
type State uint8

// The states.
const (
	// Current: a database of this version.
	Current State = iota + 1
	// Missing: there is no such file.
	Missing
	// Empty: the file has no content yet.
	Empty
	// Pending: a database of an older version.
	Pending
	// Newer: a database of a newer version of awxgate.
	Newer
	// Foreign: something that is not an awxgate database.
	Foreign
)

// StateError is why Open refuses a file. It matches os.ErrNotExist when the file
// or its directory is missing.
type StateError struct {
	Path  string
	State State
}

// Error says in one sentence what is wrong and what to do.
func (e *StateError) Error() string {
	switch e.State {
	case Missing:
		if _, err := os.Stat(filepath.Dir(e.Path)); errors.Is(err, os.ErrNotExist) {
			return fmt.Sprintf("the directory of the database %s does not exist: create it first", e.Path)
		}
		return fmt.Sprintf("the database %s does not exist: run awxgate migrate to create it", e.Path)
	case Empty:
		return fmt.Sprintf("the database %s is empty: run awxgate migrate to set it up", e.Path)
	case Pending:
		return fmt.Sprintf("the database %s is of an older version: run awxgate migrate", e.Path)
	case Newer:
		return fmt.Sprintf("the database %s is of a newer version of awxgate: use that version or a later one", e.Path)
	case Current:
		return fmt.Sprintf("the database %s is up to date", e.Path)
	default:
		return fmt.Sprintf("%s is not an awxgate database, and nothing was written to it: choose another file", e.Path)
	}
}

// Unwrap lets errors.Is find os.ErrNotExist.
func (e *StateError) Unwrap() error {
	if e.State == Missing {
		return os.ErrNotExist
	}
	return nil
}

// applicationID is in the header of every database of ours ("awxg").
const applicationID = 0x61777867

// A database file begins with a header of 100 bytes; see sqlite.org/fileformat.html.
const (
	headerSize          = 100
	applicationIDOffset = 68
)

var magic = []byte("SQLite format 3\x00")

// Check says what is at path, without writing anything. The header is read as
// plain bytes first, so that SQLite never opens a file that is not ours.
func Check(ctx context.Context, path string) (State, error) {
	state, err := checkHeader(path)
	if err != nil || state != Current {
		return state, err
	}
	version, err := schemaVersion(ctx, path)
	switch {
	case err != nil:
		return 0, fmt.Errorf("reading the version of %s: %w", path, err)
	case version < latestVersion:
		return Pending, nil
	case version > latestVersion:
		return Newer, nil
	default:
		return Current, nil
	}
}

// checkHeader returns Current for any database of ours.
func checkHeader(path string) (State, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return Missing, nil
	case err != nil:
		return 0, fmt.Errorf("looking at the database: %w", err)
	case !info.Mode().IsRegular():
		return Foreign, nil
	}
	file, err := os.Open(path) //nolint:gosec // the path comes from the administrator
	if err != nil {
		return 0, fmt.Errorf("reading the database: %w", err)
	}
	header := make([]byte, headerSize)
	n, err := io.ReadFull(file, header)
	_ = file.Close() // it was only read
	switch {
	case errors.Is(err, io.EOF):
		return Empty, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return Foreign, nil
	case err != nil:
		return 0, fmt.Errorf("reading %d bytes of the database: %w", n, err)
	case !bytes.HasPrefix(header, magic),
		binary.BigEndian.Uint32(header[applicationIDOffset:]) != applicationID:
		return Foreign, nil
	default:
		return Current, nil
	}
}
