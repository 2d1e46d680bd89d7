package dabjwt

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	// generatedBits: a signature with 3072 bits takes three times as long.
	generatedBits = 2048

	ownerOnly fs.FileMode = 0o600

	// maxKeyFile is more than a key with comments and chain takes.
	maxKeyFile = 64 << 10
)

// readKey reads one file. Who can read it can act as every user of AWX, so it must be
// the owner's alone.
func readKey(path string) (*Key, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("opening signing key: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()            // of what was opened, not of what has the name by now
	if err != nil {
		return nil, fmt.Errorf("opening signing key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the signing key %s is not a file", path)
	}
	if mode := info.Mode().Perm(); mode&^ownerOnly != 0 {
		return nil, fmt.Errorf("the signing key %s has mode %04o, so that others may use it: chmod 600 %[1]s", path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("reading signing key: %w", err)
	}
	key, err := ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("reading signing key %s: %w", path, err)
	}
	return key, nil
}

// Generate makes a new key in a file of mode 0600, unless the file exists. The file
// appears with all of its content, and of several processes that start at once, one
// makes it.
func Generate(path string) (created bool, err error) {
	if _, err := os.Lstat(path); err == nil {
		return false, nil
	}
	private, err := rsa.GenerateKey(rand.Reader, generatedBits)
	if err != nil {
		return false, fmt.Errorf("generating signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return false, fmt.Errorf("encoding signing key: %w", err)
	}
	written, err := writeTemporary(filepath.Dir(path), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		return false, fmt.Errorf("writing signing key: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(written)) }()
	// A link, unlike a rename, does not replace the key of a process that was faster.
	if err := os.Link(written, path); errors.Is(err, fs.ErrExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("writing signing key: %w", err)
	}
	return true, syncDirectory(filepath.Dir(path))
}

// writeTemporary writes a file that nobody takes for a key.
func writeTemporary(directory string, content []byte) (string, error) {
	file, err := os.CreateTemp(directory, ".new-key-*") // of mode 0600
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncDirectory makes the new name survive a power failure.
func syncDirectory(path string) error {
	directory, err := os.Open(path) //nolint:gosec // the directory of the key
	if err != nil {
		return fmt.Errorf("opening the key's directory: %w", err)
	}
	if err := errors.Join(directory.Sync(), directory.Close()); err != nil {
		return fmt.Errorf("writing the key's directory: %w", err)
	}
	return nil
}
