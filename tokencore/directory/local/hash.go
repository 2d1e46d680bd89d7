package local

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Bounds on what a stored hash may ask for. Rows can be imported, and a hash must
// not be able to stop the server.
const (
	maxMemory     = 256 * 1024 // KiB
	maxTime       = 64
	maxThreads    = 64
	minKey        = 16
	maxKey        = 64
	maxSalt       = 128
	maxIterations = 10_000_000
)

// passwordHash is a stored password.
type passwordHash interface {
	matches(password string) bool
	// current reports whether a new hash would have the same strength.
	current() bool
}

// parseHash reads a stored password. It is false for one that no password matches.
func parseHash(text string) (passwordHash, bool) {
	if rest, ok := strings.CutPrefix(text, "$argon2id$"); ok {
		return parseArgon(rest)
	}
	if rest, ok := strings.CutPrefix(text, "pbkdf2_sha256$"); ok {
		return parsePBKDF2(rest)
	}
	return nil, false
}

// argonHash is argon2id (RFC 9106) in PHC string format.
type argonHash struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
}

func parseArgon(text string) (passwordHash, bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 4 || parts[0] != "v="+strconv.Itoa(argon2.Version) {
		return nil, false
	}
	costs := strings.Split(parts[1], ",")
	if len(costs) != 3 {
		return nil, false
	}
	memory, memoryOK := parseCost(costs[0], "m=", maxMemory)
	time, timeOK := parseCost(costs[1], "t=", maxTime)
	threads, threadsOK := parseCost(costs[2], "p=", maxThreads)
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(parts[2])
	key, keyErr := base64.RawStdEncoding.Strict().DecodeString(parts[3])
	if !memoryOK || !timeOK || !threadsOK || saltErr != nil || keyErr != nil ||
		len(salt) == 0 || len(salt) > maxSalt || len(key) < minKey || len(key) > maxKey {
		return nil, false
	}
	return argonHash{memory: memory, time: time, threads: uint8(threads), salt: salt, key: key}, true //nolint:gosec // at most maxThreads
}

func parseCost(text, name string, most uint32) (uint32, bool) {
	digits, ok := strings.CutPrefix(text, name)
	n, err := parseNumber(digits, int(most))
	return uint32(n), ok && err == nil //nolint:gosec // at most the bound
}

// parseNumber reads a positive decimal number in its only spelling.
func parseNumber(digits string, most int) (int, error) {
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > most || strconv.Itoa(n) != digits {
		return 0, strconv.ErrSyntax
	}
	return n, nil
}

func (h argonHash) derive(password string, length uint32) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, length)
}

func (h argonHash) matches(password string) bool {
	return equal(h.derive(password, uint32(len(h.key))), h.key) //nolint:gosec // at most maxKey
}

func (h argonHash) current() bool {
	return h.memory == argonMemory && h.time == argonTime && h.threads == argonThreads && len(h.key) == keyLength
}

// String returns the PHC string. It is for the store and for nothing else.
func (h argonHash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.time, h.threads,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.key))
}

// djangoHash is Django's pbkdf2_sha256: the salt is text and used as it is written.
type djangoHash struct {
	iterations int
	salt       string
	key        []byte
}

func parsePBKDF2(text string) (passwordHash, bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 3 {
		return nil, false
	}
	iterations, iterationsErr := parseNumber(parts[0], maxIterations)
	key, keyErr := base64.StdEncoding.Strict().DecodeString(parts[2])
	if iterationsErr != nil || keyErr != nil || parts[1] == "" || len(parts[1]) > maxSalt || len(key) != sha256.Size {
		return nil, false
	}
	return djangoHash{iterations: iterations, salt: parts[1], key: key}, true
}

func (h djangoHash) matches(password string) bool {
	key, err := pbkdf2.Key(sha256.New, password, []byte(h.salt), h.iterations, len(h.key))
	return err == nil && equal(key, h.key)
}

func (djangoHash) current() bool { return false }

var (
	_ passwordHash = argonHash{}
	_ passwordHash = djangoHash{}
)
