package oauth

import (
	"errors"
	"net/http"

	"github.com/ory/fosite"

	"github.com/awxgate/awxgate/tokencore"
)

// Config tunes a Provider. The zero Config works.
type Config struct {
	// AllowPKCEOptional lets public clients do without PKCE, as AWX does. Whoever
	// steals a code on its way to such a client can redeem it. The method "plain"
	// is refused either way. Default: public clients must use S256.
	AllowPKCEOptional bool

	// ResourceOwner returns the user who is signed in, so that the authorization
	// page need not ask for a password. Forms posted from other sites are refused
	// before it decides about anything. Default: nobody is signed in.
	ResourceOwner func(r *http.Request) (tokencore.User, bool)
}

// Provider serves AWX's /api/o/ endpoints. It is safe for concurrent use and holds
// nothing that must be closed. Use New.
type Provider struct {
	svc         *tokencore.Service
	config      Config
	fosite      *fosite.Fosite
	crossOrigin *http.CrossOriginProtection
}

// New returns a Provider over a service.
func New(svc *tokencore.Service, config Config) (*Provider, error) {
	if svc == nil {
		return nil, errors.New("oauth needs a service")
	}
	return &Provider{
		svc:         svc,
		config:      config,
		fosite:      compose(svc, config),
		crossOrigin: http.NewCrossOriginProtection(),
	}, nil
}

// resourceOwner returns the active user who is signed in.
func (p *Provider) resourceOwner(r *http.Request) (tokencore.User, bool) {
	if p.config.ResourceOwner == nil {
		return tokencore.User{}, false
	}
	user, ok := p.config.ResourceOwner(r)
	return user, ok && user.IsActive
}
