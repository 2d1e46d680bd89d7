// Package oauth serves the OAuth2 endpoints of AWX 24.6.1 on ory/fosite: the token
// endpoint with the password, authorization code and refresh token grants, RFC 7009
// revocation, and the authorization page. It is plain net/http and the only package
// that imports fosite. [New] makes a [Provider]; mount its three methods.
//
// # Guarantees
//
// Whatever a grant writes is one transaction of the store: either the client has
// both new tokens and the old ones are dead, or nothing has changed. Of any number
// of requests that redeem one code or one refresh token at the same time, exactly
// one succeeds.
//
// A code or refresh token that is presented again after it was redeemed ends the
// whole grant: every access and refresh token that grew from it (RFC 9700, 4.14).
// There is no grace period, so the losers of a race are replays too; a client that
// refreshes from several places must take turns. AWX only refused them.
//
// A store or directory that cannot answer is 503, never 400 or 401, and a
// revocation answers 200 only after the token is dead. Expiry settings are read at
// every issue. Credentials are stored as digests and appear in no error and no log.
//
// # Differences from AWX
//
// On the wire the answers are AWX's, except that PKCE with S256 is required of
// public clients ([Config] has the switch) and the method "plain" is refused; that a
// client may revoke only its own tokens; that the user of a refreshed or redeemed
// grant must still exist and be active; and that AWX's internal errors are proper ones.
//
// # What it does not do
//
// It signs nobody in: the authorization page sends whoever has no session to the login
// page and back ([Config] has the Sessions). It does not limit the rate of attempts. It
// does not check bearer tokens; that is tokencore/bearer.
package oauth
