package caddymodule

import (
	"maps"
	"net/http"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

func init() { caddy.RegisterModule(Transport{}) }

const (
	transportProtocol = "awxgate"
	// signedIdentityVar holds what is sent for the rest of the request, as a Secret,
	// because {http.vars.*} shows what is there.
	signedIdentityVar = "awxgate_signed_identity"
	// hiddenIdentity is what Caddy writes in place of credentials, too.
	hiddenIdentity = "REDACTED"
)

// Transport is reverse_proxy's transport "http" that keeps the signed identity of dab_jwt
// out of Caddy's log. At level debug, reverse_proxy logs the headers that it has sent;
// Caddy knows Authorization and Cookie for secrets, but not X-DAB-JW-TOKEN. So the request
// that reverse_proxy holds shows REDACTED there, and the one on the wire has the identity.
//
// awxgate_upstream uses it. For a reverse_proxy of one's own: "transport awxgate", with the
// options of "transport http".
type Transport struct {
	reverseproxy.HTTPTransport
}

// CaddyModule returns the Caddy module information.
func (Transport) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: "http.reverse_proxy.transport." + transportProtocol, New: func() caddy.Module { return new(Transport) }}
}

// RoundTrip implements http.RoundTripper.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.HTTPTransport.RoundTrip(hideIdentity(r))
}

// hideIdentity returns the request to send, and leaves the given one without the signed
// identity. It may get the same request again, when the proxy tries another upstream.
func hideIdentity(r *http.Request) *http.Request {
	shown, present := r.Header[dabjwt.Header]
	if !present {
		return r
	}
	sent := r.WithContext(r.Context())
	sent.Header = maps.Clone(r.Header)
	if len(shown) == 1 && shown[0] != hiddenIdentity {
		caddyhttp.SetVar(r.Context(), signedIdentityVar, tokencore.NewSecret(shown[0]))
		r.Header[dabjwt.Header] = []string{hiddenIdentity}
	} else if kept, ok := caddyhttp.GetVar(r.Context(), signedIdentityVar).(tokencore.Secret); ok {
		sent.Header[dabjwt.Header] = []string{kept.Reveal()}
	} else {
		delete(sent.Header, dabjwt.Header) // nobody of ours wrote that
	}
	return sent
}

var (
	_ caddy.Provisioner                   = (*Transport)(nil)
	_ caddy.CleanerUpper                  = (*Transport)(nil)
	_ caddyfile.Unmarshaler               = (*Transport)(nil)
	_ http.RoundTripper                   = (*Transport)(nil)
	_ reverseproxy.TLSTransport           = (*Transport)(nil)
	_ reverseproxy.H2CTransport           = (*Transport)(nil)
	_ reverseproxy.ProxyProtocolTransport = (*Transport)(nil)
)
