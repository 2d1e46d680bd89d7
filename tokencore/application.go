package tokencore

import "time"

// ClientType says whether an application can keep a secret (RFC 6749, 2.1).
type ClientType string

// The two client types, as AWX spells them.
const (
	Confidential ClientType = "confidential"
	Public       ClientType = "public"
)

// GrantType is the one grant that an application may use besides refresh.
type GrantType string

// The grants AWX 24.6.1 offers.
const (
	GrantAuthorizationCode GrantType = "authorization-code"
	GrantPassword          GrantType = "password"
)

// Application is an OAuth2 client.
type Application struct {
	ID                int64
	Name              string
	Description       string
	ClientID          string
	SecretDigest      Digest // of KindClient; public applications have one too, as in AWX
	ClientType        ClientType
	RedirectURIs      string // separated by white space, as the user wrote them
	GrantType         GrantType
	SkipAuthorization bool
	OrganizationID    int64 // 0: none (only imported applications)
	UserID            int64 // 0: none; imported applications may force the owner of their tokens
	Created           time.Time
	Modified          time.Time
}

// CheckSecret compares a presented client secret in constant time. Neither an
// empty secret nor an application without a digest ever matches.
func (a Application) CheckSecret(secret Secret) bool {
	if secret.IsZero() || a.SecretDigest.IsZero() {
		return false
	}
	return a.SecretDigest.Equal(secret.Digest(KindClient))
}
