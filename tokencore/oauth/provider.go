package oauth

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/ory/fosite"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/session"
)

// Config tunes a Provider. The zero Config works.
type Config struct {
	// AllowPKCEOptional lets public clients do without PKCE, as AWX does. Whoever
	// steals a code on its way to such a client can redeem it. The method "plain"
	// is refused either way. Default: public clients must use S256.
	AllowPKCEOptional bool

	// Sessions knows who is signed in, for the authorization page. Default:
	// session.New(svc, session.Config{}).
	Sessions Sessions
}

// Sessions knows who is signed in with the browser that sent a request, and which forms
// are ours. *session.Sessions is one.
type Sessions interface {
	// Actor returns who is signed in; session.ErrNone: nobody.
	Actor(w http.ResponseWriter, r *http.Request) (tokencore.Actor, error)
	// FormToken returns what a form must send back in session.FormField.
	FormToken(w http.ResponseWriter, r *http.Request) (string, error)
	// CheckCSRF refuses the forms of other sites: *session.CSRFError.
	CheckCSRF(r *http.Request, formToken string) error
}

// Provider serves AWX's /api/o/ endpoints. It is safe for concurrent use and holds
// nothing that must be closed. Use New.
type Provider struct {
	svc    *tokencore.Service
	config Config
	fosite *fosite.Fosite
}

// New returns a Provider over a service.
func New(svc *tokencore.Service, config Config) (*Provider, error) {
	if svc == nil {
		return nil, errors.New("oauth needs a service")
	}
	if config.Sessions == nil {
		sessions, err := session.New(svc, session.Config{})
		if err != nil {
			return nil, fmt.Errorf("building sessions: %w", err)
		}
		config.Sessions = sessions
	}
	return &Provider{svc: svc, config: config, fosite: compose(svc, config)}, nil
}

var _ Sessions = (*session.Sessions)(nil)
