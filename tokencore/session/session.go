package session

import (
	"errors"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// ErrNone means that no live session is behind the request. A definite answer.
var ErrNone = errors.New("no session")

// Config tunes Sessions. The zero Config works.
type Config struct {
	// Secure reports whether the browser's connection is encrypted. If so, cookies
	// never travel in clear, and forms must come from an encrypted page. Behind a
	// proxy that ends TLS only the application can know. Default: whether the request
	// itself came over TLS.
	Secure func(r *http.Request) bool
}

// Sessions signs people in and out. It is safe for concurrent use and holds nothing
// that must be closed; any number of them over one store are as good as one. Use New.
type Sessions struct {
	svc    *tokencore.Service
	config Config
}

// New returns the sessions of a service's users.
func New(svc *tokencore.Service, config Config) (*Sessions, error) {
	if svc == nil {
		return nil, errors.New("session needs a service")
	}
	if config.Secure == nil {
		config.Secure = func(r *http.Request) bool { return r.TLS != nil }
	}
	return &Sessions{svc: svc, config: config}, nil
}
