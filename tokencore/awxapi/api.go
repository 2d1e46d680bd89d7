package awxapi

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/session"
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

// Sessions knows who is signed in with the browser that sent a request, and which
// requests are not made by other sites. *session.Sessions is one, for accounts of our own;
// a remote directory has its own.
type Sessions = oauth.Sessions

// logins also begins and ends sessions.
type logins interface {
	Sessions
	SignIn(w http.ResponseWriter, r *http.Request, username string, password tokencore.Secret) (tokencore.User, error)
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// Config tunes an API. The zero Config works.
type Config struct {
	// Verifier checks bearer tokens. Default: the Service, which asks the store
	// every time.
	Verifier tokencore.Verifier
	// Sessions knows who is signed in. It must be the same, or configured in the same way,
	// as what OAuth has. With Accounts it must be a *session.Sessions, which signs people
	// in by /api/login/. Default: session.New(svc, session.Config{}).
	Sessions Sessions
	// OAuth serves /api/o/. Default: oauth.New(svc, oauth.Config{Sessions: Sessions}).
	OAuth OAuth
	// Accounts makes users, organizations, the login and the whole activity stream part of
	// the API. Nil: users and organizations live in a remote directory, an AWX, and so
	// do their paths; its activity stream is merged with ours.
	Accounts Accounts
	// Used is told of every token that was accepted, in the request path; it must
	// return at once. Nil: nobody is told.
	Used func(p *tokencore.Principal, r *http.Request)
	// Node is the X-API-Node of every answer. Default: the Service's.
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
	if c.Sessions == nil {
		sessions, err := session.New(svc, session.Config{})
		if err != nil {
			return Config{}, fmt.Errorf("building the sessions: %w", err)
		}
		c.Sessions = sessions
	}
	if c.OAuth == nil {
		provider, err := oauth.New(svc, oauth.Config{Sessions: c.Sessions})
		if err != nil {
			return Config{}, fmt.Errorf("building the OAuth2 endpoints: %w", err)
		}
		c.OAuth = provider
	}
	if c.Node == "" {
		c.Node = svc.Node()
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
	logins logins // nil without Accounts: users of a remote AWX sign in there
	routes []route
	absent []route // stand-ins, which are not ours
	shared []shared
	owned  []prefix

	// describe makes the OpenAPI description, once it is asked for.
	describe func() (description, error)
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
	if config.Accounts != nil {
		var ok bool
		if a.logins, ok = config.Sessions.(logins); !ok {
			return nil, errors.New("awxapi with accounts needs sessions that sign people in")
		}
	}
	a.routes = slices.Concat(
		a.rootRoutes(), a.loginRoutes(), a.oauthRoutes(),
		a.applicationRoutes(), a.tokenRoutes(),
		a.userRoutes(), a.organizationRoutes(), a.settingRoutes(), a.activityRoutes(), a.schemaRoutes(),
	)
	for i := range a.routes {
		a.routes[i].compile()
	}
	a.absent = a.standInRoutes()
	for i := range a.absent {
		a.absent[i].compile()
	}
	a.shared = a.sharedRoutes()
	for i := range a.shared {
		a.shared[i].compile()
	}
	a.owned = ownedPrefixes(config.Accounts != nil)
	a.describe = sync.OnceValues(a.newDescription)
	return a, nil
}

var (
	_ http.Handler = (*API)(nil)
	_ OAuth        = (*oauth.Provider)(nil)
	_ logins       = (*session.Sessions)(nil)
)
