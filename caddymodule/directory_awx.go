package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/awx"
)

func init() { caddy.RegisterModule(new(AWXDirectory)) }

const (
	defaultAWXURL = "{env.AWXGATE_UPSTREAM}"
	defaultAWXTTL = 5 * time.Second
)

// AWXDirectory makes AWX 24.6.0 or later the directory: its users are the users, and their
// passwords, browser sessions, organizations and roles count here as they do there. Nothing
// of it is kept for longer than seconds.
//
// Users are looked up with an account of the gateway's own, for which it signs with the key
// of the identity dab_jwt. AWX creates that account, a superuser without a password, when
// it sees the signature for the first time. Or name an account: see LookupBasic.
type AWXDirectory struct {
	// AWX's base URL. Passwords travel there: http is for a network on which nobody
	// listens. Default: {env.AWXGATE_UPSTREAM}.
	URL string `json:"url,omitempty"`

	// Look users up with the password of an AWX account, a System Auditor or a superuser,
	// instead of an account of the gateway's own. Default: none.
	LookupBasic *AWXCredentials `json:"lookup_basic,omitempty"`

	// The time after which every change that was made in AWX counts here: a user who was
	// disabled, deleted, renamed, promoted or demoted, a role, a new user. It caps both
	// times of the cache. Default: 5s.
	TTL caddy.Duration `json:"ttl,omitempty"`

	// For how much longer what was known of users counts while AWX does not answer.
	// Negative: not at all. Default: TTL.
	Grace caddy.Duration `json:"grace,omitempty"`

	// How long to wait for AWX. Default: 10s.
	Timeout caddy.Duration `json:"timeout,omitempty"`

	// A PEM file with the certificates of the authorities that may have signed AWX's.
	// Default: those of the system.
	TLSCA string `json:"tls_ca,omitempty"`

	config    awx.Config
	authority []byte // the content of TLSCA
	account   directoryAccount
	authorize func(*http.Request) error // of the account, once there is a store
	key       poolKey
	log       *slog.Logger
	release   func()
}

// CaddyModule returns the Caddy module information.
func (*AWXDirectory) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: directoryNamespace + ".awx", New: func() caddy.Module { return new(AWXDirectory) }}
}

// Provision resolves placeholders and checks what can be checked without AWX.
func (d *AWXDirectory) Provision(ctx caddy.Context) (err error) {
	d.log = ctx.Slogger()
	if d.TTL < 0 || d.Timeout < 0 {
		return errors.New("ttl and timeout are to be positive durations such as 5s")
	}
	ttl := time.Duration(d.TTL)
	if ttl == 0 {
		ttl = defaultAWXTTL
	}
	grace := time.Duration(d.Grace)
	if grace == 0 {
		grace = ttl
	}
	d.authorize = errNoAccount
	d.config = awx.Config{
		Authorize: errNoAccount, TTL: half(ttl), Grace: grace, Timeout: time.Duration(d.Timeout), Logger: processLog(),
	}
	if d.config.URL, err = d.resolvedURL(); err != nil {
		return err
	}
	if d.config.Client, d.authority, err = awxClient(d.TLSCA); err != nil {
		return err
	}
	if d.account, err = d.namedAccount(); err != nil {
		return err
	}
	_, err = awx.New(d.config)
	return err
}

// half shares a bound between the directory and the cache of verified tokens, which
// asks the directory: an answer can be as old as both together allow.
func half(ttl time.Duration) time.Duration { return max(ttl/2, 1) }

// cacheTTL implements remoteDirectory.
func (d *AWXDirectory) cacheTTL() time.Duration { return d.config.TTL }

func (d *AWXDirectory) resolvedURL() (string, error) {
	if d.URL != "" {
		url, err := caddy.NewReplacer().ReplaceOrErr(d.URL, true, true)
		if err != nil {
			return "", fmt.Errorf("url: %w", err)
		}
		return withScheme(url), nil
	}
	url := caddy.NewReplacer().ReplaceAll(defaultAWXURL, "")
	if url == "" {
		return "", errors.New("where is AWX? Set AWXGATE_UPSTREAM to its base URL, or write: directory awx <url>")
	}
	return withScheme(url), nil
}

// withScheme lets "awx:80" mean what it does to reverse_proxy.
func withScheme(url string) string {
	if strings.Contains(url, "://") {
		return url
	}
	return "http://" + url
}

// Directory implements DirectoryModule. Configurations that say the same share what is
// remembered: a reload while AWX is down must not forget whom it knew.
func (d *AWXDirectory) Directory(store tokencore.Store) (tokencore.Directory, error) {
	d.authorize = d.account.authorizer(store, d.config)
	pooled, _, err := directoryPool.LoadOrNew(d.key, func() (caddy.Destructor, error) {
		config := d.config
		config.Authorize = d.authorize
		directory, err := awx.New(config)
		if err != nil {
			return nil, err
		}
		return &sharedDirectory{directory, d.config.Client}, nil
	})
	if err != nil {
		return nil, err
	}
	if d.release != nil { // it was held already
		d.release()
	}
	d.release = func() { _, _ = directoryPool.Delete(d.key) } // Destruct returns no error
	return pooled.(*sharedDirectory).Directory, nil           // nothing else is in that pool
}

// AuthorizeLookUp makes a request one of the account that looks users up. Directory must
// have been called.
func (d *AWXDirectory) AuthorizeLookUp(r *http.Request) error { return d.authorize(r) }

// Bootstrap implements DirectoryModule. The accounts are AWX's.
func (d *AWXDirectory) Bootstrap(ctx context.Context, store tokencore.Store) (FirstAccounts, error) {
	return FirstAccounts{}, d.account.create(ctx, store)
}

// Cleanup gives back what Directory took.
func (d *AWXDirectory) Cleanup() error {
	if d.release != nil {
		d.release()
		d.release = nil
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*AWXDirectory)(nil)
	_ caddy.CleanerUpper    = (*AWXDirectory)(nil)
	_ caddyfile.Unmarshaler = (*AWXDirectory)(nil)
	_ DirectoryModule       = (*AWXDirectory)(nil)
	_ lookUpAccount         = (*AWXDirectory)(nil)
)
