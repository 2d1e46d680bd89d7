package dabjwt

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// minKeyBits is what RFC 7518, 3.3 demands of RS256.
const minKeyBits = 2048

// joseHeader is {"alg":"RS256","typ":"JWT"}: DAB accepts no other algorithm and reads
// no kid.
var joseHeader = base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "."

// Key is an RSA key that signs tokens. It prints as "[redacted]".
type Key struct {
	private *rsa.PrivateKey
	public  []byte // SPKI, PEM
}

// ParseKey reads the first private key of a PEM text, in PKCS #1 or PKCS #8.
func ParseKey(text []byte) (*Key, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("there is no private key in PEM form")
		}
		switch block.Type {
		case "RSA PRIVATE KEY":
			if block.Headers["DEK-Info"] != "" { // RFC 1421
				return nil, errEncrypted
			}
			private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("reading a PKCS #1 key: %w", err)
			}
			return newKey(private)
		case "PRIVATE KEY":
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("reading a PKCS #8 key: %w", err)
			}
			private, ok := parsed.(*rsa.PrivateKey)
			if !ok {
				return nil, errors.New("the key is not an RSA key, and AWX accepts no other")
			}
			return newKey(private)
		case "ENCRYPTED PRIVATE KEY":
			return nil, errEncrypted
		}
	}
}

var errEncrypted = errors.New("the key is encrypted; decrypt it with openssl pkey")

func newKey(private *rsa.PrivateKey) (*Key, error) {
	if bits := private.N.BitLen(); bits < minKeyBits {
		return nil, fmt.Errorf("the key has %d bits; at least %d are needed", bits, minKeyBits)
	}
	// DAB reads a key that begins by BEGIN PUBLIC KEY, and nothing else.
	der, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encoding public key: %w", err)
	}
	return &Key{private: private, public: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})}, nil
}

// PublicPEM returns the public half as AWX's ANSIBLE_BASE_JWT_KEY takes it.
func (k *Key) PublicPEM() []byte { return bytes.Clone(k.public) }

// Current makes a key that never changes a source for New.
func (k *Key) Current() (*Key, error) { return k, nil }

// Format implements fmt.Formatter without the key.
func (*Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// sign returns the compact serialisation (RFC 7515, 7.1) of a payload.
func (k *Key) sign(payload []byte) (string, error) {
	encoding := base64.RawURLEncoding
	token := make([]byte, 0, len(joseHeader)+encoding.EncodedLen(len(payload))+1+encoding.EncodedLen(k.private.Size()))
	token = append(token, joseHeader...)
	token = encoding.AppendEncode(token, payload)
	digest := sha256.Sum256(token)
	signature, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return string(encoding.AppendEncode(append(token, '.'), signature)), nil
}

var (
	_ fmt.Formatter = (*Key)(nil)
	_ keySource     = (*Key)(nil)
)
