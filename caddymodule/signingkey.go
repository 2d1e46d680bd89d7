package caddymodule

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

const (
	keyDirectory = "jwt-keys"    // in the data directory
	firstKeyFile = "awxgate.pem" // in the key directory

	// publicKeyPath is where DAB looks if ANSIBLE_BASE_JWT_KEY is a URL.
	publicKeyPath = "/api/gateway/v1/jwt_key/"
)

// signingIdentity is an identity with a key of its own. Like a store, the key is opened
// when a configuration is loaded and created when it starts.
type signingIdentity interface {
	Identity
	// openKey reads the key and writes nothing. It is no error that createKey has yet
	// to make it.
	openKey(dataDirectory string) error
	// createKey makes the key unless there is one. Shared: other gateways may use the same
	// store, and AWX believes one key.
	createKey(dataDirectory string, shared bool) error
	// publicKey returns the public half in PEM.
	publicKey() ([]byte, error)
	// life is how long a signed identity is good for.
	life() time.Duration
}

func (p parts) openKey() error {
	if identity, ok := p.identity.(signingIdentity); ok {
		return identity.openKey(dataDirectoryOf(p.store))
	}
	return nil
}

func (p parts) createKey() error {
	if identity, ok := p.identity.(signingIdentity); ok {
		return identity.createKey(dataDirectoryOf(p.store), p.isShared())
	}
	return nil
}

// signingKeys is what a Minter signs with: nothing, until the key exists.
type signingKeys struct{ opened atomic.Pointer[dabjwt.Keys] }

// Current returns the key, or ErrUnavailable.
func (k *signingKeys) Current() (*dabjwt.Key, error) {
	keys := k.opened.Load()
	if keys == nil {
		return nil, fmt.Errorf("the signing key is not there yet: %w", tokencore.ErrUnavailable)
	}
	return keys.Current()
}

func (i *DABJWTIdentity) openKey(dataDirectory string) error {
	path := i.path
	switch {
	case path != "":
	case dataDirectory == "":
		return errors.New("identity dab_jwt: this store has no directory for the signing key; name a PEM file: identity dab_jwt <file>")
	default:
		path = filepath.Join(dataDirectory, keyDirectory)
	}
	keys, err := dabjwt.OpenKeys(path, dabjwt.KeysConfig{Logger: i.log})
	switch {
	case err == nil:
		i.keys.opened.Store(keys)
		return nil
	case i.path == "" && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)):
		return nil // the first start; of what is wrong with the data directory the store tells
	default:
		return fmt.Errorf("identity dab_jwt: %w", err)
	}
}

func (i *DABJWTIdentity) createKey(dataDirectory string, shared bool) error {
	if i.keys.opened.Load() != nil {
		return nil
	}
	directory := filepath.Join(dataDirectory, keyDirectory)
	if err := os.Mkdir(directory, privateDirectory); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("creating the directory of the signing key: %w", err)
	}
	created, err := dabjwt.Generate(filepath.Join(directory, firstKeyFile))
	if err != nil {
		return err
	}
	if created {
		i.log.Info("created the signing key; awxgate awx-settings prints what AWX needs of it", "directory", directory)
	}
	if created && shared {
		i.log.Warn("AWX believes one signing key: before another gateway shares this database, give it a copy of this one, "+
			"or name one file for all in AWXGATE_JWT_KEY", "directory", directory)
	}
	return i.openKey(dataDirectory)
}

func (i *DABJWTIdentity) publicKey() ([]byte, error) {
	key, err := i.keys.Current()
	if err != nil {
		return nil, err
	}
	return key.PublicPEM(), nil
}

func (i *DABJWTIdentity) life() time.Duration { return i.minter.Life() }

// shown makes of what an identity sets what may be shown to anybody: what a signed one
// says, without the signature, gives no access.
func shown(identity Identity, value string) any {
	if _, signs := identity.(signingIdentity); !signs {
		return value
	}
	_, rest, _ := strings.Cut(value, ".")
	payload, _, _ := strings.Cut(rest, ".")
	claims, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil || !json.Valid(claims) {
		return "[unreadable]"
	}
	return json.RawMessage(claims)
}

// servePublicKey answers AWX, which asks without credentials. It reports whether the
// request was for the key.
func servePublicKey(w http.ResponseWriter, r *http.Request, identity Identity) bool {
	if r.URL.Path != publicKeyPath {
		return false
	}
	signing, ok := identity.(signingIdentity)
	if !ok {
		return false
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, fmt.Sprintf("Method %q not allowed.", r.Method))
		return true
	}
	key, err := signing.publicKey()
	if err != nil {
		w.Header().Set("Retry-After", "1")
		refuse(w, http.StatusServiceUnavailable, "There is no signing key yet.")
		return true
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // AWX asks again when a signature does not fit
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(key) // the client may be gone; net/http leaves the body out for HEAD
	return true
}

var _ signingIdentity = (*DABJWTIdentity)(nil)
