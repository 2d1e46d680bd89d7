package awxstub

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// noRolesHash is what DAB computes when it manages no roles itself.
const noRolesHash = "7187a6e9448189596eb4208744d80e066f71768501d83f072a4ecb91419796b0"

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// claims has pointers where a claim is required, so that an absent one is seen.
type claims struct {
	Version    *string          `json:"version"`
	Issuer     string           `json:"iss"`
	Audience   json.RawMessage  `json:"aud"`
	Subject    *string          `json:"sub"`
	Expires    *float64         `json:"exp"`
	IssuedAt   float64          `json:"iat"`
	NotBefore  float64          `json:"nbf"`
	User       *userClaims      `json:"user_data"`
	Objects    *map[string]any  `json:"objects"`
	Roles      *map[string]any  `json:"object_roles"`
	Global     *[]string        `json:"global_roles"`
	ClaimsHash *string          `json:"claims_hash"`
	ServiceID  *string          `json:"service_id"`
	Actions    *json.RawMessage `json:"resource_api_actions"`
}

type userClaims struct {
	Username    *string `json:"username"`
	FirstName   *string `json:"first_name"`
	LastName    *string `json:"last_name"`
	Email       *string `json:"email"`
	IsSuperuser *bool   `json:"is_superuser"`
}

// jwtOf returns the header as Python sees it: "_" is "-", and several are one.
func jwtOf(h http.Header) string {
	var values []string
	for name, lines := range h {
		if strings.EqualFold(strings.ReplaceAll(name, "_", "-"), "X-DAB-JW-TOKEN") {
			values = append(values, lines...)
		}
	}
	return strings.Join(values, ",")
}

// byJWT returns whom the token names. As in AWX, that user is created if need be, and
// takes over what the token says.
func (s *Stub) byJWT(token string) (*User, error) {
	c, err := s.verify(token)
	if err != nil {
		return nil, err
	}
	u := s.find(func(u *User) bool { return u.AnsibleID == *c.Subject })
	if u == nil {
		u = s.find(func(u *User) bool { return u.Username == *c.User.Username })
	}
	if u == nil {
		u = &User{ID: s.newID(), FromJWT: true}
		s.users = append(s.users, u)
	}
	u.AnsibleID, u.Username, u.FirstName, u.LastName = *c.Subject, *c.User.Username, *c.User.FirstName, *c.User.LastName
	u.Email, u.IsSuperuser = *c.User.Email, *c.User.IsSuperuser
	s.removeManagedRoles(u)
	return u, nil
}

// verify applies the rules of all generations of DAB at once.
func (s *Stub) verify(token string) (*claims, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("not a compact JWS")
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	if err := decodePart(parts[0], &header); err != nil {
		return nil, err
	}
	if header.Algorithm != "RS256" {
		return nil, fmt.Errorf("algorithm %q", header.Algorithm)
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(s.key, crypto.SHA256, digest[:], signature); err != nil {
		return nil, err
	}
	c := new(claims)
	if err := decodePart(parts[1], c); err != nil {
		return nil, err
	}
	return c, s.check(c)
}

func decodePart(part string, into any) error {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(decoded, into)
}

func (s *Stub) check(c *claims) error {
	now := float64(s.now().UnixNano()) / 1e9
	switch {
	case c.Version == nil || c.Subject == nil || c.Expires == nil || c.User == nil || c.Objects == nil || c.Roles == nil ||
		c.Global == nil || c.ClaimsHash == nil || c.ServiceID == nil:
		return errors.New("a required claim is missing")
	case c.User.Username == nil || c.User.FirstName == nil || c.User.LastName == nil || c.User.Email == nil || c.User.IsSuperuser == nil:
		return errors.New("user_data is incomplete")
	case c.Issuer != "ansible-issuer":
		return fmt.Errorf("issuer %q", c.Issuer)
	case !isAudience(c.Audience):
		return fmt.Errorf("audience %s", c.Audience)
	case *c.Expires <= now: // no leeway
		return errors.New("expired")
	case c.IssuedAt > now || c.NotBefore > now:
		return errors.New("from the future")
	case !uuidPattern.MatchString(*c.Subject) || !uuidPattern.MatchString(*c.ServiceID):
		return errors.New("sub or service_id is not a UUID")
	case *c.ClaimsHash != noRolesHash:
		return errors.New("claims_hash is not that of no roles")
	case c.Actions != nil:
		return errors.New("resource_api_actions opens more than a user may") // AWX obeys it; here it is a fault
	default:
		return nil
	}
}

func isAudience(raw json.RawMessage) bool {
	var one string
	var several []string
	return json.Unmarshal(raw, &one) == nil && one == "ansible-services" ||
		json.Unmarshal(raw, &several) == nil && slices.Contains(several, "ansible-services")
}

// parsePublicKey takes SPKI only, as DAB does.
func parsePublicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || !strings.HasPrefix(text, "-----BEGIN PUBLIC KEY-----") {
		return nil, errors.New("the key does not begin by BEGIN PUBLIC KEY")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	return key, nil
}
