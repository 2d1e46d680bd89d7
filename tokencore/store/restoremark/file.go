package restoremark

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Store is a tokencore.Store that knows its history.
type Store interface {
	// HighWater returns where the store is now.
	HighWater(ctx context.Context) (Mark, error)
	// Relation compares the store with a mark.
	Relation(ctx context.Context, remembered Mark) (Relation, error)
}

// Load reads a mark that Save wrote. The error matches fs.ErrNotExist if there is none.
func Load(path string) (Mark, error) {
	content, err := os.ReadFile(path) //nolint:gosec // the path comes from the administrator
	if err != nil {
		return Mark{}, fmt.Errorf("reading the mark: %w", err)
	}
	var m Mark
	if err := json.Unmarshal(content, &m); err != nil || m.Installation == "" {
		return Mark{}, fmt.Errorf("the mark in %s is damaged; delete the file if you know that the store was not restored: %w",
			path, errors.Join(err, errDamaged))
	}
	return m, nil
}

var errDamaged = errors.New("no mark")

// Save replaces the mark at path. After a crash of the machine there is the old one or
// the new one.
func (m Mark) Save(path string) (err error) {
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("writing the mark: %w", err)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing the mark: %w", err)
	}
	_, err = file.Write(append(content, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the mark: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return syncDirectory(filepath.Dir(path))
}

// syncDirectory makes the new name durable.
func syncDirectory(path string) error {
	directory, err := os.Open(path) //nolint:gosec // the path comes from the administrator
	if err != nil {
		return fmt.Errorf("writing the mark: %w", err)
	}
	if err := errors.Join(directory.Sync(), directory.Close()); err != nil {
		return fmt.Errorf("writing the mark: %w", err)
	}
	return nil
}
