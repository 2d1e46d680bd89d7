package local

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

// maxPassword bounds in bytes what is hashed at all: a login must not make the
// server digest megabytes.
const maxPassword = 4096

// What a new hash costs: the second of the equivalent choices in OWASP's password
// storage cheat sheet.
const (
	argonMemory  = 19 * 1024 // KiB
	argonTime    = 2
	argonThreads = 1
	saltLength   = 16
	keyLength    = 32
)

// decoy is checked where there is no hash to check. Its result does not count.
var decoy passwordHash = argonHash{
	memory: argonMemory, time: argonTime, threads: argonThreads,
	salt: make([]byte, saltLength), key: make([]byte, keyLength),
}

// HashPassword returns the argon2id hash of a password in PHC string format. An
// empty password, or one of more than 4096 bytes, is a *tokencore.InvalidError.
func HashPassword(password tokencore.Secret) (string, error) {
	if err := checkLength(password); err != nil {
		return "", err
	}
	h := argonHash{memory: argonMemory, time: argonTime, threads: argonThreads, salt: make([]byte, saltLength)}
	if _, err := rand.Read(h.salt); err != nil {
		return "", fmt.Errorf("drawing a salt: %w", err)
	}
	h.key = h.derive(password.Reveal(), keyLength)
	return h.String(), nil
}

// CheckPassword reports whether a password is the one that was hashed. Hashes are
// argon2id in PHC string format or Django's pbkdf2_sha256. An empty hash, one that
// begins with "!" (Django's mark of an unusable password) and one that cannot be
// read match no password.
func CheckPassword(hash string, password tokencore.Secret) bool {
	if checkLength(password) != nil {
		return false
	}
	h, usable := parseHash(hash)
	return usable && h.matches(password.Reveal())
}

func checkLength(password tokencore.Secret) error {
	switch n := len(password.Reveal()); {
	case n == 0:
		return &tokencore.InvalidError{Field: "password", Message: "This field may not be blank."}
	case n > maxPassword:
		return &tokencore.InvalidError{Field: "password", Message: fmt.Sprintf("A password has at most %d bytes.", maxPassword)}
	default:
		return nil
	}
}

func equal(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
