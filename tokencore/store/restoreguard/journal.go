package restoreguard

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	journalAge   = 90 * 24 * time.Hour
	journalLimit = 20_000
	// accepted is the kind of an entry about an acceptance, instead of a change.
	accepted tokencore.ChangeKind = 0
)

// entry is a line of the journal: what was seen, and when.
type entry struct {
	at   time.Time
	kind tokencore.ChangeKind
	id   int64  // of what changed
	name string // of an acceptance
}

func (e entry) String() string {
	if e.kind == accepted {
		return fmt.Sprintf("%d accepted %s\n", e.at.UnixMilli(), e.name)
	}
	return fmt.Sprintf("%d %d %d\n", e.at.UnixMilli(), e.kind, e.id)
}

// parseEntry reports false for a line that a crash cut off.
func parseEntry(line string) (e entry, ok bool) {
	var milliseconds int64
	if _, err := fmt.Sscanf(line, "%d accepted %s", &milliseconds, &e.name); err != nil {
		e.name = ""
		if _, err := fmt.Sscanf(line, "%d %d %d", &milliseconds, &e.kind, &e.id); err != nil || e.kind == accepted {
			return entry{}, false
		}
	}
	e.at = time.UnixMilli(milliseconds)
	return e, true
}

// journal is the file in which entries are kept, and what is in it.
type journal struct {
	path    string
	entries []entry
}

// openJournal reads a journal. There need not be one yet.
func openJournal(path string) (*journal, error) {
	j := &journal{path: path}
	content, err := os.ReadFile(path) //nolint:gosec // the path comes from the administrator
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the journal of revocations: %w", err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		if e, ok := parseEntry(lines.Text()); ok {
			j.entries = append(j.entries, e)
		}
	}
	return j, nil
}

// add appends entries, durably.
func (j *journal) add(entries ...entry) error {
	if len(entries) == 0 {
		return nil
	}
	j.entries = append(j.entries, entries...)
	if len(j.entries) > 2*journalLimit {
		return j.rewrite(j.worthKeeping())
	}
	file, err := os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("writing the journal of revocations: %w", err)
	}
	return j.write(file, entries)
}

// rewrite replaces the journal.
func (j *journal) rewrite(entries []entry) error {
	j.entries = entries
	file, err := os.OpenFile(j.path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing the journal of revocations: %w", err)
	}
	if err := j.write(file, entries); err != nil {
		return err
	}
	if err := os.Rename(j.path+".new", j.path); err != nil {
		return fmt.Errorf("writing the journal of revocations: %w", err)
	}
	return nil
}

func (*journal) write(file *os.File, entries []entry) error {
	var text bytes.Buffer
	for _, e := range entries {
		text.WriteString(e.String())
	}
	_, err := file.Write(text.Bytes())
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing the journal of revocations: %w", err)
	}
	return nil
}

// worthKeeping are the acceptances, and the latest of the changes.
func (j *journal) worthKeeping() []entry {
	var kept []entry
	oldest := time.Now().Add(-journalAge)
	for i, e := range j.entries {
		if e.kind == accepted || i >= len(j.entries)-journalLimit && e.at.After(oldest) {
			kept = append(kept, e)
		}
	}
	return kept
}

// acceptances are the entries that a new history does not end.
func (j *journal) acceptances() []entry {
	var all []entry
	for _, e := range j.entries {
		if e.kind == accepted {
			all = append(all, e)
		}
	}
	return all
}

// knows reports whether an acceptance was seen before.
func (j *journal) knows(acceptance string) bool {
	for _, e := range j.entries {
		if e.kind == accepted && e.name == acceptance {
			return true
		}
	}
	return acceptance == ""
}
