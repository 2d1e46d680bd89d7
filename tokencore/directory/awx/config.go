package awx

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	defaultTTL        = 5 * time.Second
	defaultTimeout    = 10 * time.Second
	defaultMaxEntries = 10_000
)

// Config says where AWX is and how long its answers count. URL and Authorize are required.
type Config struct {
	// URL is AWX's base URL: http or https, a host, perhaps a path before /api/, and
	// nothing else. Credentials in it are refused. Passwords travel there: http is for a
	// network on which nobody listens.
	URL string
	// Client sends the requests; its Transport decides about TLS and proxies. It is
	// copied, without its cookies and redirect rule. Default: a client of its own with
	// http.DefaultTransport.
	Client *http.Client
	// Authorize adds the look-up account's credential to a request: see Basic, or set the
	// X-DAB-JW-TOKEN that AWX trusts, which spares AWX the hashing of a password for each
	// request. It may be called by many at a time, must not ask this Directory, and its
	// errors must be fit for a log.
	Authorize func(*http.Request) error
	// TTL is how long an answer counts, "no such user" included. Default: 5s.
	TTL time.Duration
	// Grace is for how much longer an answer counts while AWX cannot be asked. Default:
	// TTL. Negative: not at all.
	Grace time.Duration
	// Timeout bounds one look-up or login, which may take several requests. Default: 10s.
	Timeout time.Duration
	// MaxEntries bounds how many answers of each kind are remembered. Default: 10,000.
	MaxEntries int
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Logger gets a line when AWX cannot be asked, at most one a minute. Default: no
	// logging.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.TTL == 0 {
		c.TTL = defaultTTL
	}
	if c.Grace == 0 {
		c.Grace = c.TTL
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxEntries == 0 {
		c.MaxEntries = defaultMaxEntries
	}
	if c.Client == nil {
		c.Client = &http.Client{}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c Config) check() error {
	switch {
	case c.Authorize == nil:
		return errors.New("a look-up account is required")
	case c.TTL < 0:
		return fmt.Errorf("a TTL of %s is negative", c.TTL)
	case c.Timeout < 0:
		return fmt.Errorf("a timeout of %s is negative", c.Timeout)
	case c.MaxEntries < 0:
		return fmt.Errorf("a limit of %d entries is negative", c.MaxEntries)
	default:
		return nil
	}
}

// baseURL returns the URL without a slash at its end. No error repeats the URL: it may
// hold a password, which is one of the reasons to refuse it.
func baseURL(text string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return "", errors.New("AWX's URL must begin with http:// or https:// and a host")
	case u.User != nil:
		return "", errors.New("AWX's URL must not hold credentials")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("AWX's URL must end with its host or path")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// Basic authorizes look-ups by an AWX user's name and password.
func Basic(username string, password tokencore.Secret) func(*http.Request) error {
	return func(r *http.Request) error {
		r.SetBasicAuth(username, password.Reveal())
		return nil
	}
}
