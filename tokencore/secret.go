package tokencore

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Lengths of generated values in characters of [A-Za-z0-9], as AWX 24.6.1
// makes them. 30 characters carry 178 bits, so a plain digest is irreversible.
const (
	TokenLength        = 30
	ClientIDLength     = 40
	ClientSecretLength = 128
	hintLength         = 4
)

// redacted is what every formatting verb, logger and encoder shows of a Secret.
const redacted = "[redacted]"

// Secret holds a credential in clear: a token, an authorization code, a client
// secret or a password. It prints as "[redacted]" whatever verb, logger or
// encoder is used; only Reveal gives the value, and Reveal is for the response
// that hands a new credential to its owner.
type Secret struct{ value string }

// NewSecret wraps a credential that came from outside.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the credential in clear.
func (s Secret) Reveal() string { return s.value }

// IsZero reports whether there is no credential.
func (s Secret) IsZero() bool { return s.value == "" }

// Digest returns what a store may keep of the credential.
func (s Secret) Digest(kind Kind) Digest { return DigestOf(kind, s.value) }

// Hint returns the last four characters, which may be kept and shown so that a
// person can tell one token from another. Shorter values have no hint.
func (s Secret) Hint() string {
	if len(s.value) < TokenLength {
		return ""
	}
	return s.value[len(s.value)-hintLength:]
}

// String implements fmt.Stringer without the credential.
func (Secret) String() string { return redacted }

// Format implements fmt.Formatter, which also covers %#v and %x.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements slog.LogValuer without the credential.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler (and so JSON) without the credential.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Kind says what a credential is for. It is part of the digest, so that a value
// of one kind can never match a row of another: a refresh token is not a bearer
// token even if somebody moves its row.
type Kind byte

// The kinds of credential.
const (
	KindAccess  Kind = 'a'
	KindRefresh Kind = 'r'
	KindCode    Kind = 'c'
	KindClient  Kind = 's'
	KindSession Kind = 'k'
)

// Digest is the SHA-256 of one kind byte and a credential.
type Digest [sha256.Size]byte

// digestBuffer is long enough for every credential AWX makes; longer (imported)
// ones take the allocating path.
const digestBuffer = 1 + 255

// DigestOf returns the digest of a credential. It does not allocate for
// credentials of up to 255 bytes.
func DigestOf(kind Kind, credential string) Digest {
	if len(credential) < digestBuffer {
		var buf [digestBuffer]byte
		buf[0] = byte(kind)
		n := copy(buf[1:], credential)
		return sha256.Sum256(buf[:1+n])
	}
	return sha256.Sum256(append([]byte{byte(kind)}, credential...))
}

// Equal compares in constant time.
func (d Digest) Equal(other Digest) bool { return subtle.ConstantTimeCompare(d[:], other[:]) == 1 }

// IsZero reports whether no digest is set.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns the digest in lower-case hex.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest reads what String wrote.
func ParseDigest(text string) (Digest, error) {
	var d Digest
	if hex.DecodedLen(len(text)) != len(d) {
		return Digest{}, errors.New("a digest has 64 hexadecimal digits")
	}
	if _, err := hex.Decode(d[:], []byte(text)); err != nil {
		return Digest{}, fmt.Errorf("reading digest: %w", err)
	}
	return d, nil
}

// StandIn returns a stable, non-secret name for a token whose value is no longer
// known, in the 30 characters that a value would have had. The revoke command
// prints it where AWX, which kept tokens in clear, printed the token.
func (d Digest) StandIn() string {
	sum := sha256.Sum256(append([]byte("stand-in:"), d[:]...))
	return "sha256:" + base64.RawURLEncoding.EncodeToString(sum[:])[:TokenLength-len("sha256:")]
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// GenerateSecret returns n characters of [A-Za-z0-9], uniformly chosen from the
// random source; nil means crypto/rand.
func GenerateSecret(random io.Reader, n int) (Secret, error) {
	text, err := randomText(random, n)
	return Secret{text}, err
}

// randomText draws characters by rejection: bytes at or above the largest
// multiple of 62 would favour the first letters of the alphabet.
func randomText(random io.Reader, n int) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	const limit = 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	buf := make([]byte, n+n/4+8)
	for len(out) < n {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", fmt.Errorf("reading random bytes: %w", err)
		}
		for _, b := range buf {
			if int(b) < limit && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out), nil
}

// NewUUID returns a random UUID (RFC 9562, version 4) from the random source;
// nil means crypto/rand.
func NewUUID(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var b [16]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}
