package oauth

import (
	"github.com/ory/fosite"

	"github.com/awxgate/awxgate/tokencore"
)

// The grants of the token endpoint, in RFC 6749's words.
const (
	grantPassword = "password"
	grantCode     = "authorization_code"
	grantRefresh  = "refresh_token"
	grantClient   = "client_credentials" // known, and allowed to nobody
)

// client shows fosite an application. It is no OpenIDConnectClient, so that fosite
// neither accepts client assertions nor fetches anything on a client's behalf.
type client struct {
	app tokencore.Application
	// redirectURI is the one that an authorization request was matched to, by AWX's
	// rule; fosite would compare strings.
	redirectURI string
}

func (c *client) GetID() string { return c.app.ClientID }

// GetHashedSecret returns nothing: Provider.authenticate checks secrets.
func (c *client) GetHashedSecret() []byte       { return nil }
func (c *client) GetRedirectURIs() []string     { return []string{c.redirectURI} }
func (c *client) GetScopes() fosite.Arguments   { return fosite.Arguments{"read", "write"} }
func (c *client) GetAudience() fosite.Arguments { return nil }
func (c *client) IsPublic() bool                { return c.app.ClientType != tokencore.Confidential }

// GetGrantTypes returns the application's one grant, and refresh: AWX renews tokens
// of either kind, also those that its REST API made.
func (c *client) GetGrantTypes() fosite.Arguments {
	switch c.app.GrantType {
	case tokencore.GrantPassword:
		return fosite.Arguments{grantPassword, grantRefresh}
	case tokencore.GrantAuthorizationCode:
		return fosite.Arguments{grantCode, grantRefresh}
	default:
		return nil
	}
}

func (c *client) GetResponseTypes() fosite.Arguments {
	if c.app.GrantType == tokencore.GrantAuthorizationCode {
		return fosite.Arguments{"code"}
	}
	return nil
}

var _ fosite.Client = (*client)(nil)
