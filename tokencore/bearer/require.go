package bearer

import (
	"errors"
	"net/http"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	defaultRealm = "api"
	// retryAfter is when a client may ask again, in seconds: soon, because an outage of
	// the store ends at once for everybody, yet not in a tight loop.
	retryAfter = "5"
	// allowed are the methods that MethodAllowed lets pass, for the Allow field that
	// RFC 9110, 15.5.6 demands.
	allowed = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"
)

// ErrorWriter answers a request that was refused; Status says with which code. The
// WWW-Authenticate, Retry-After or Allow field is set already where one is due.
type ErrorWriter func(w http.ResponseWriter, r *http.Request, err error)

// Option changes what Require does.
type Option func(*guard)

// WithRealm sets the realm of the challenge. Default: "api".
func WithRealm(realm string) Option { return func(g *guard) { g.realm = realm } }

// WithScope requires these rights for every method. Default: what the method needs,
// read for GET, HEAD and OPTIONS, write for everything else.
func WithScope(scope tokencore.Scope) Option { return func(g *guard) { g.scope = scope } }

// WithErrorWriter replaces the plain text answers.
func WithErrorWriter(write ErrorWriter) Option { return func(g *guard) { g.write = write } }

// WithHygiene makes Require fit in front of a proxy: what h does not admit is refused,
// the handler gets requests that are clean and without credentials, and answers are
// cleaned. Wrap what needs no token in Hygiene.Handler.
func WithHygiene(h *Hygiene) Option { return func(g *guard) { g.hygiene = h } }

type guard struct {
	verifier tokencore.Verifier
	hygiene  *Hygiene // nil: none
	realm    string
	scope    tokencore.Scope
	write    ErrorWriter
}

// Require returns middleware that lets a request pass only with a live token of
// sufficient scope; handlers find the principal by FromContext. Everything else is
// refused as RFC 6750, 3 says: 401, 403 or 503, and 405 for TRACE and CONNECT.
//
// It does not touch the request. If the handler forwards it, give it WithHygiene.
func Require(v tokencore.Verifier, options ...Option) func(http.Handler) http.Handler {
	g := &guard{verifier: v, realm: defaultRealm, write: writeText}
	for _, option := range options {
		option(g)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p, err := g.check(r)
			if err != nil {
				g.refuse(w, r, err)
				return
			}
			r = r.WithContext(NewContext(r.Context(), p))
			if g.hygiene == nil {
				next.ServeHTTP(w, r)
				return
			}
			g.hygiene.Clean(r)
			g.hygiene.DropCredentials(r)
			g.hygiene.forward(w, r, next, true)
		})
	}
}

// Handler wraps a handler that forwards requests which need no token: it refuses what h
// does not admit, and cleans requests and answers. Credentials stay.
func (h *Hygiene) Handler(next http.Handler) http.Handler {
	g := &guard{realm: defaultRealm, write: writeText}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h.Admit(r); err != nil {
			g.refuse(w, r, err)
			return
		}
		h.Clean(r)
		h.forward(w, r, next, false)
	})
}

func (h *Hygiene) forward(w http.ResponseWriter, r *http.Request, next http.Handler, acted bool) {
	answer := h.Answer(w, acted)
	next.ServeHTTP(answer, r)
	answer.Finish()
}

func (g *guard) check(r *http.Request) (*tokencore.Principal, error) {
	if g.hygiene != nil {
		if err := g.hygiene.Admit(r); err != nil {
			return nil, err
		}
	} else if !MethodAllowed(r.Method) {
		return nil, ErrMethod
	}
	return check(r, g.verifier, g.scope)
}

func (g *guard) refuse(w http.ResponseWriter, r *http.Request, err error) {
	switch Status(err) {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", allowed)
	case http.StatusUnauthorized, http.StatusForbidden:
		required := g.scope
		if required == 0 {
			required = neededFor(r.Method)
		}
		w.Header().Set("WWW-Authenticate", Challenge(g.realm, required, err))
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	}
	g.write(w, r, err)
}

// Challenge returns the WWW-Authenticate value for an error of Check. A request without
// a token learns nothing but the realm (RFC 6750, 3.1); the required scope is named
// only to a token that lacks it.
func Challenge(realm string, required tokencore.Scope, err error) string {
	challenge := `Bearer realm="` + quotedPairs.Replace(realm) + `"`
	switch {
	case errors.Is(err, tokencore.ErrScope):
		return challenge + `, error="insufficient_scope", scope="` + required.String() + `"`
	case errors.Is(err, tokencore.ErrInvalidToken):
		return challenge + `, error="invalid_token"`
	default:
		return challenge
	}
}

// quotedPairs escapes for a quoted-string (RFC 9110, 5.6.4).
var quotedPairs = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// neededFor names the right whose lack made Allows refuse a method.
func neededFor(method string) tokencore.Scope {
	if tokencore.ScopeRead.Allows(method) {
		return tokencore.ScopeRead
	}
	return tokencore.ScopeWrite
}

func writeText(w http.ResponseWriter, _ *http.Request, err error) {
	status := Status(err)
	http.Error(w, http.StatusText(status), status)
}
