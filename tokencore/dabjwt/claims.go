package dabjwt

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	issuer   = "ansible-issuer"   // fixed by DAB
	audience = "ansible-services" // fixed by DAB

	// noRolesHash is SHA-256 of {"global_roles":[],"object_roles":{}}. DAB from August
	// 2025 compares it with the roles that it manages itself, of which there are none
	// while ANSIBLE_BASE_JWT_MANAGED_ROLES is empty. Any other value makes it ask a
	// resource server for the user's roles, and refuse the token when it has none.
	noRolesHash = "7187a6e9448189596eb4208744d80e066f71768501d83f072a4ecb91419796b0"

	// defaultServiceID names this issuer. DAB wants some UUID when it has to create a
	// user, and does not compare it with anything.
	defaultServiceID = "a9c5a4f6-3f0e-4b8e-9d5e-6f1b7a2c8d90"
)

// claims is the payload. There is no iat and no nbf, because DAB refuses both when its
// clock is behind ours, and no jti, which it does not read.
type claims struct {
	Version     string              `json:"version"`
	Issuer      string              `json:"iss"`
	Audience    string              `json:"aud"`
	Subject     string              `json:"sub"`
	Expires     int64               `json:"exp"`
	ServiceID   string              `json:"service_id"`
	User        userData            `json:"user_data"`
	Objects     map[string]struct{} `json:"objects"`
	ObjectRoles map[string]struct{} `json:"object_roles"`
	GlobalRoles []string            `json:"global_roles"`
	ClaimsHash  string              `json:"claims_hash"`
}

// userData must have all of these, and none may be null.
type userData struct {
	Username    string `json:"username"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name"`
	Email       string `json:"email"`
	IsSuperuser bool   `json:"is_superuser"`
}

// subject is what a token says of a user, and nothing else; tokens of equal subjects
// are equal.
type subject struct {
	ansibleID string
	user      userData
}

// subjectOf refuses users for whom AWX would answer 500, or act as somebody else.
func subjectOf(u *tokencore.User) (subject, error) {
	switch {
	case !u.IsActive:
		return subject{}, errors.New("the user is disabled, which AWX does not check") // in no version of DAB
	case u.Username == "":
		return subject{}, errors.New("the user has no name")
	case !isUUID(u.AnsibleID):
		return subject{}, fmt.Errorf("the user's ansible_id %q is not a UUID", u.AnsibleID)
	case !isText(u.Username, u.FirstName, u.LastName, u.Email):
		// encoding/json would replace the bytes, so that two names became one.
		return subject{}, errors.New("the user's data is not UTF-8")
	default:
		return subject{ansibleID: u.AnsibleID, user: userData{
			Username: u.Username, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email, IsSuperuser: u.IsSuperuser,
		}}, nil
	}
}

// payload encodes the claims.
func (s subject) payload(serviceID string, expires int64) ([]byte, error) {
	payload, err := json.Marshal(claims{
		Version: "1", Issuer: issuer, Audience: audience, Subject: s.ansibleID, Expires: expires, ServiceID: serviceID,
		User: s.user, Objects: map[string]struct{}{}, ObjectRoles: map[string]struct{}{}, GlobalRoles: []string{},
		ClaimsHash: noRolesHash,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding claims: %w", err)
	}
	return payload, nil
}

func isText(values ...string) bool {
	for _, value := range values {
		if !utf8.ValidString(value) {
			return false
		}
	}
	return true
}

// isUUID reports whether the text is a UUID in its usual form (RFC 9562, 4).
func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		hex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen && c != '-' || !hyphen && !hex {
			return false
		}
	}
	return true
}
