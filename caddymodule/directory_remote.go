package caddymodule

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/directory/awx"
)

// remoteDirectory is a directory whose changes nobody tells us of.
type remoteDirectory interface {
	// cacheTTL is for how long a verified token may be remembered.
	cacheTTL() time.Duration
}

// boundDirectory is a directory that works with the other parts of the app. It is bound
// when they are provisioned, and before it is used.
type boundDirectory interface {
	bind(p parts) error
}

// bind implements boundDirectory.
func (d *AWXDirectory) bind(p parts) error {
	var credential []any
	switch named := d.account.(type) {
	case passwordAccount:
		credential = []any{named.username, named.password.Reveal()}
	default:
		identity, ok := p.identity.(*DABJWTIdentity)
		if !ok {
			return errors.New("awx looks users up with what the identity dab_jwt signs; configure that, or an account of AWX: lookup_basic <username> <password>")
		}
		credential = []any{identity.path, identity.Life}
		d.account = &ownAccount{minter: identity.minter, log: d.log}
	}
	d.key = poolKeyOf(p.store.Key(), d.config.URL, d.config.TTL, d.config.Grace, d.config.Timeout, d.authority, credential)
	return nil
}

// directoryPool keeps what directories remember across reloads.
var directoryPool = caddy.NewUsagePool() // *sharedDirectory

// sharedDirectory is the directory of several configurations.
type sharedDirectory struct {
	*awx.Directory
	client *http.Client
}

// Destruct closes connections. Requests that are still being served may open new ones.
func (s *sharedDirectory) Destruct() error {
	s.client.CloseIdleConnections()
	return nil
}

// sessionsOf returns who knows which browsers are signed in; nil: the default, which are
// sessions of our own.
func sessionsOf(directory tokencore.Directory, service *tokencore.Service, cookie string) (awxapi.Sessions, error) {
	if remote, ok := directory.(*awx.Directory); ok {
		return awx.NewSessions(service, remote, cookie)
	}
	return nil, nil
}

// awxClient returns a client that trusts the system's authorities, or those of a file,
// whose content it returns, too.
func awxClient(caFile string) (client *http.Client, authorities []byte, err error) {
	transport := http.DefaultTransport.(*http.Transport).Clone() // what net/http documents
	transport.MaxIdleConnsPerHost = idleUpstreamConnections
	client = &http.Client{Transport: transport}
	if caFile == "" {
		return client, nil, nil
	}
	path, err := caddy.NewReplacer().ReplaceOrErr(caFile, true, true)
	if err != nil {
		return nil, nil, fmt.Errorf("tls_ca: %w", err)
	}
	if authorities, err = os.ReadFile(path); err != nil { //nolint:gosec // the operator names the file
		return nil, nil, fmt.Errorf("tls_ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authorities) {
		return nil, nil, fmt.Errorf("tls_ca: there is no certificate in PEM form in %s", path)
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return client, authorities, nil
}

var (
	_ boundDirectory   = (*AWXDirectory)(nil)
	_ remoteDirectory  = (*AWXDirectory)(nil)
	_ caddy.Destructor = (*sharedDirectory)(nil)
)
