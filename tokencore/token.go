package tokencore

import "time"

// Token is an access token: a personal one (ApplicationID 0) or one that belongs
// to an application. Its value is nowhere; only the digest is kept.
type Token struct {
	ID            int64
	Digest        Digest // of KindAccess
	Hint          string // last characters of the value, for people
	UserID        int64
	UserAnsibleID string // the user's, when the token was made; see Service.Verify
	ApplicationID int64  // 0: personal token
	SourceID      int64  // the refresh token it was obtained with; 0: none, or gone
	GrantID       string // carried through every refresh: the family of tokens that one grant began
	Description   string
	Scope         string // as stored, word order and spacing kept
	Created       time.Time
	Modified      time.Time
	Expires       time.Time
	LastUsed      time.Time // zero: never; written behind, at most once a minute
	LastUsedFrom  string    // client address at LastUsed
	Refreshable   bool      // read only: a refresh token points to this token
}

// Personal reports whether the token belongs to no application.
func (t Token) Personal() bool { return t.ApplicationID == 0 }

// RefreshToken renews an access token once. A used one stays as a tombstone
// until it is cleaned up, so that a replay is recognised.
type RefreshToken struct {
	ID            int64
	Digest        Digest // of KindRefresh
	Hint          string
	UserID        int64
	UserAnsibleID string
	ApplicationID int64
	TokenID       int64 // the access token it belongs to; 0 once that is deleted
	GrantID       string
	Scope         string // of the grant; AWX narrows it on refresh and keeps it narrowed
	Created       time.Time
	Revoked       time.Time // zero: live
}

// Live reports whether the refresh token has not been used or revoked.
func (r RefreshToken) Live() bool { return r.Revoked.IsZero() }

// AuthorizationCode is an RFC 6749 section 4.1 code. It is redeemed once; a used one
// stays until it expires, so that a second redemption revokes the tokens of the first.
type AuthorizationCode struct {
	ID              int64
	Digest          Digest // of KindCode
	UserID          int64
	UserAnsibleID   string
	ApplicationID   int64
	GrantID         string
	RedirectURI     string
	Scope           string
	Challenge       string // RFC 7636; empty: none
	ChallengeMethod string // "S256" or empty
	Created         time.Time
	Expires         time.Time
	Used            time.Time // zero: not redeemed
}

// Principal is what a verified token says: who acts, through what, and how far.
// It is immutable and shared between requests.
type Principal struct {
	TokenID       int64
	ApplicationID int64 // 0: personal token
	GrantID       string
	Scope         Scope
	Expires       time.Time
	User          User
}

// LatestExpiry is the last moment an expiry can be. It lies below the year 9999
// so that clients of any time zone can still print it.
var LatestExpiry = time.Date(9998, time.December, 31, 23, 59, 59, 0, time.UTC)

// ExpiryAfter returns now plus a number of seconds, at most LatestExpiry. AWX's
// default of 1000 years overflows time.Duration, hence no Duration here.
func ExpiryAfter(now time.Time, seconds int64) time.Time {
	now = now.UTC().Truncate(time.Microsecond)
	if seconds >= LatestExpiry.Unix()-now.Unix() {
		return LatestExpiry
	}
	return time.Unix(now.Unix()+seconds, int64(now.Nanosecond())).UTC()
}
