package dabjwt_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

func write(t *testing.T, path, content string, modified time.Time) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, modified, modified); err != nil {
		t.Fatal(err)
	}
}

// keysIn opens a directory under a clock that the test moves, and returns the log.
func keysIn(t *testing.T, path string) (keys *dabjwt.Keys, pass func(time.Duration), log *bytes.Buffer) {
	t.Helper()
	now := noon
	log = new(bytes.Buffer)
	keys, err := dabjwt.OpenKeys(path, dabjwt.KeysConfig{
		Now: func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys, func(d time.Duration) { now = now.Add(d) }, log
}

func current(t *testing.T, keys *dabjwt.Keys) string {
	t.Helper()
	key, err := keys.Current()
	if err != nil {
		t.Fatal(err)
	}
	return string(key.PublicPEM())
}

func newKeyText(t *testing.T) (private, public string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.pem")
	if created, err := dabjwt.Generate(path); err != nil || !created {
		t.Fatal(created, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := dabjwt.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), string(key.PublicPEM())
}

func TestParseKey_TakesBothForms(t *testing.T) {
	want := golden(t, "golden_public.pem") + "\n"
	for _, name := range []string{"golden_key.pem", "golden_key_pkcs1.pem"} {
		key, err := dabjwt.ParseKey([]byte("a comment\n" + want + golden(t, name)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(key.PublicPEM())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestParseKey_RefusesWhatAWXCannotUse(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curveDER, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "no private key"},
		{"a public key", golden(t, "golden_public.pem"), "no private key"},
		{"half a key", golden(t, "golden_key.pem")[:300], "no private key"},
		{"rubbish in a key's frame", block("PRIVATE KEY", []byte("rubbish")), "PKCS #8"},
		{"rubbish in the older frame", block("RSA PRIVATE KEY", []byte("rubbish")), "PKCS #1"},
		{"1024 bits", block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(small)), "1024 bits"},
		{"an elliptic curve", block("PRIVATE KEY", curveDER), "not an RSA key"},
		{"an encrypted key", block("ENCRYPTED PRIVATE KEY", []byte("x")), "openssl pkey"},
		{"an encrypted key in the older form", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\neA==\n-----END RSA PRIVATE KEY-----\n", "openssl pkey"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := dabjwt.ParseKey([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestKey_NeverPrints(t *testing.T) {
	key := goldenKey(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, key); got != "[redacted]" {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

func TestKeys_AFileForOthersToReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	write(t, path, golden(t, "golden_key.pem"), noon)
	for mode, allowed := range map[fs.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o660: false, 0o700: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := dabjwt.OpenKeys(path, dabjwt.KeysConfig{})
		if (err == nil) != allowed {
			t.Errorf("mode %04o: %v", mode, err)
		}
		if err != nil && !strings.Contains(err.Error(), "chmod 600 "+path) {
			t.Errorf("mode %04o: the error does not say what to do: %v", mode, err)
		}
	}
}

func TestOpenKeys_TellsNoFileFromABadFile(t *testing.T) {
	directory := t.TempDir()
	for _, path := range []string{directory, filepath.Join(directory, "missing"), filepath.Join(directory, "missing.pem")} {
		if _, err := dabjwt.OpenKeys(path, dabjwt.KeysConfig{}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	write(t, filepath.Join(directory, "bad.pem"), "rubbish", noon)
	if _, err := dabjwt.OpenKeys(directory, dabjwt.KeysConfig{}); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a bad file: %v", err)
	}
}

func TestKeys_ANewFileRotatesTheKeyWithoutARestart(t *testing.T) {
	directory := t.TempDir()
	write(t, filepath.Join(directory, "z.pem"), golden(t, "golden_key.pem"), noon)
	keys, pass, log := keysIn(t, directory)
	first := current(t, keys)
	private, public := newKeyText(t)
	write(t, filepath.Join(directory, "a.pem"), private, noon.Add(time.Minute))

	minter, err := dabjwt.New(keys, dabjwt.Config{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	token := mint(t, minter, alice())

	if current(t, keys) != first {
		t.Error("the files are read for every token")
	}
	pass(5 * time.Second)
	if current(t, keys) != public {
		t.Error("the new key is not used")
	}
	if mint(t, minter, alice()) == token {
		t.Error("a token of the old key is handed out")
	}
	if n := strings.Count(log.String(), "signing with another key"); n != 1 {
		t.Errorf("reported %d times:\n%s", n, log)
	}
	if strings.Contains(log.String(), private[40:80]) {
		t.Error("the key is in the log")
	}
}

func TestKeys_OfFilesOfTheSameTimeTheLastByNameWins(t *testing.T) {
	directory := t.TempDir()
	private, public := newKeyText(t)
	write(t, filepath.Join(directory, "2025.pem"), golden(t, "golden_key.pem"), noon)
	write(t, filepath.Join(directory, "2026.pem"), private, noon)
	write(t, filepath.Join(directory, ".2027.pem"), "hidden", noon)
	write(t, filepath.Join(directory, "2028.pem.bak"), "another suffix", noon)
	keys, _, _ := keysIn(t, directory)
	if current(t, keys) != public {
		t.Error("the other one won")
	}
}

func TestKeys_ABrokenNewFileKeepsTheKeyAndIsReportedOnce(t *testing.T) {
	directory := t.TempDir()
	broken := filepath.Join(directory, "new.pem")
	write(t, filepath.Join(directory, "old.pem"), golden(t, "golden_key.pem"), noon)
	keys, pass, log := keysIn(t, directory)
	first := current(t, keys)
	private, public := newKeyText(t)

	write(t, broken, private[:400], noon.Add(time.Minute))
	for range 5 {
		pass(5 * time.Second)
		if current(t, keys) != first {
			t.Fatal("the key changed")
		}
	}
	if n := strings.Count(log.String(), "passed over"); n != 1 || !strings.Contains(log.String(), broken) {
		t.Errorf("reported %d times:\n%s", n, log)
	}
	if again, _, _ := keysIn(t, directory); current(t, again) != first {
		t.Error("a restart does not find the old key")
	}
	write(t, broken, private, noon.Add(time.Minute)) // the rest of the file arrives
	pass(5 * time.Second)
	if current(t, keys) != public {
		t.Error("the completed file is not used")
	}
}

func TestKeys_AKeyStaysWhenItsFileIsGone(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "key.pem")
	write(t, path, golden(t, "golden_key.pem"), noon)
	keys, pass, log := keysIn(t, path)
	first := current(t, keys)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		pass(time.Minute)
		if current(t, keys) != first {
			t.Fatal("the key changed")
		}
	}
	if n := strings.Count(log.String(), "stays as it was"); n != 1 {
		t.Errorf("reported %d times:\n%s", n, log)
	}
}

func TestGenerate_MakesOneKeyHoweverManyStartAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	var created atomic.Int64
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			made, err := dabjwt.Generate(path)
			if err != nil {
				t.Error(err)
			}
			if made {
				created.Add(1)
			}
			if _, err := dabjwt.OpenKeys(path, dabjwt.KeysConfig{}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if created.Load() != 1 {
		t.Errorf("%d keys were made", created.Load())
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if made, err := dabjwt.Generate(path); made || err != nil {
		t.Errorf("a second time: %v, %v", made, err)
	}
	after, _ := os.ReadFile(path)
	entries, _ := os.ReadDir(filepath.Dir(path))
	info, _ := os.Stat(path)
	if !bytes.Equal(before, after) || len(entries) != 1 || info.Mode() != 0o600 {
		t.Errorf("the key was replaced, or files are left: %v, mode %v", entries, info.Mode())
	}
}

func TestGenerate_NeedsItsDirectory(t *testing.T) {
	if _, err := dabjwt.Generate(filepath.Join(t.TempDir(), "missing", "key.pem")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
