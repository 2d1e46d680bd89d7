package awxapi

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/oauth"
)

// OAuth serves the endpoints under /api/o/, which speak RFC 6749 instead of AWX's
// JSON. *oauth.Provider is one.
type OAuth interface {
	ServeToken(w http.ResponseWriter, r *http.Request)
	ServeRevoke(w http.ResponseWriter, r *http.Request)
	ServeAuthorize(w http.ResponseWriter, r *http.Request)
}

// Accounts makes the passwords of users whom this API creates. *local.Directory is one.
type Accounts interface {
	HashPassword(password tokencore.Secret) (string, error)
}

// Config tunes an API. The zero Config works.
type Config struct {
	// Verifier checks bearer tokens. Default: the Service, which asks the store
	// every time.
	Verifier tokencore.Verifier
	// OAuth serves /api/o/. Default: oauth.New(svc, oauth.Config{}).
	OAuth OAuth
	// Accounts makes users and organizations part of the API. Nil: they live in a
	// remote directory, and their paths are not ours.
	Accounts Accounts
	// Used is told of every token that was accepted, in the request path; it must
	// return at once. Nil: nobody is told.
	Used func(p *tokencore.Principal, r *http.Request)
	// Node is the X-API-Node of every answer. Default: "awxgate".
	Node string
	// Version is the AWX version that clients are told; the Ansible collection
	// warns about a major version other than its own. Default: "24.6.1".
	Version string
	// InstallUUID identifies the installation in /api/v2/ping/. Default: random.
	InstallUUID string
}

func (c Config) withDefaults(svc *tokencore.Service) (Config, error) {
	if c.Verifier == nil {
		c.Verifier = svc
	}
	if c.OAuth == nil {
		provider, err := oauth.New(svc, oauth.Config{})
		if err != nil {
			return Config{}, fmt.Errorf("building the OAuth2 endpoints: %w", err)
		}
		c.OAuth = provider
	}
	if c.Node == "" {
		c.Node = "awxgate"
	}
	if c.Version == "" {
		c.Version = "24.6.1"
	}
	if c.InstallUUID == "" {
		id, err := tokencore.NewUUID(rand.Reader)
		if err != nil {
			return Config{}, fmt.Errorf("naming the installation: %w", err)
		}
		c.InstallUUID = id
	}
	return c, nil
}

// API serves AWX 24.6.1's token API. It is safe for concurrent use.
type API struct {
	svc    *tokencore.Service
	config Config
	routes []route
	owned  []prefix
}

// New returns the API over a service.
func New(svc *tokencore.Service, config Config) (*API, error) {
	if svc == nil {
		return nil, errors.New("awxapi needs a service")
	}
	config, err := config.withDefaults(svc)
	if err != nil {
		return nil, err
	}
	a := &API{svc: svc, config: config}
	a.routes = slices.Concat(
		a.rootRoutes(), a.oauthRoutes(),
		a.applicationRoutes(), a.tokenRoutes(),
		a.userRoutes(), a.organizationRoutes(), a.settingRoutes(),
	)
	for i := range a.routes {
		a.routes[i].compile()
	}
	a.owned = ownedPrefixes(config.Accounts != nil)
	return a, nil
}

var (
	_ http.Handler = (*API)(nil)
	_ OAuth        = (*oauth.Provider)(nil)
)
