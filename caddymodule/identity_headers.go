package caddymodule

import (
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"

	"github.com/awxgate/awxgate/tokencore"
)

func init() { caddy.RegisterModule(HeadersIdentity{}) }

// HeadersIdentity tells the upstream who acts by plain request headers, for upstreams
// that trust this gateway and can be reached in no other way.
//
// User names and e-mail addresses are percent-encoded as UTF-8 where they contain
// anything but letters, digits and "-._~@+".
type HeadersIdentity struct {
	// Which attribute goes into which header. The attributes are user (the name),
	// user_id, email, is_superuser and is_system_auditor ("true" or "false"), scope,
	// token_id, and application_id, which is left out for a personal token. Header
	// names consist of letters, digits and hyphens.
	//
	// Default: user in X-Awxgate-User, user_id in X-Awxgate-User-Id, is_superuser in
	// X-Awxgate-Superuser, scope in X-Awxgate-Scope, token_id in X-Awxgate-Token-Id,
	// application_id in X-Awxgate-Application-Id.
	Set map[string]string `json:"set,omitempty"`

	fields []identityField
}

type identityField struct {
	header string
	value  func(*tokencore.Principal) string
}

var defaultIdentityHeaders = map[string]string{
	"user":           "X-Awxgate-User",
	"user_id":        "X-Awxgate-User-Id",
	"is_superuser":   "X-Awxgate-Superuser",
	"scope":          "X-Awxgate-Scope",
	"token_id":       "X-Awxgate-Token-Id",
	"application_id": "X-Awxgate-Application-Id",
}

// CaddyModule returns the Caddy module information.
func (HeadersIdentity) CaddyModule() caddy.ModuleInfo {
	return caddy.ModuleInfo{ID: identityNamespace + ".headers", New: func() caddy.Module { return new(HeadersIdentity) }}
}

// Provision prepares the headers.
func (i *HeadersIdentity) Provision(caddy.Context) error {
	headers := i.Set
	if len(headers) == 0 {
		headers = defaultIdentityHeaders
	}
	for _, attribute := range slices.Sorted(maps.Keys(headers)) {
		value, known := principalAttributes[attribute]
		if !known {
			return fmt.Errorf("unknown attribute %q of a user; known are %s",
				attribute, strings.Join(slices.Sorted(maps.Keys(principalAttributes)), ", "))
		}
		name := textproto.CanonicalMIMEHeaderKey(headers[attribute])
		if err := checkIdentityHeader(name); err != nil {
			return err
		}
		if slices.ContainsFunc(i.fields, func(f identityField) bool { return f.header == name }) {
			return fmt.Errorf("header %s is to carry two attributes; give each its own", name)
		}
		i.fields = append(i.fields, identityField{header: name, value: value})
	}
	return nil
}

// ownedByHTTP are the fields that HTTP itself, the proxy or AWX's sessions use.
var ownedByHTTP = []string{
	"Host", "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Expect",
	"Authorization", "Proxy-Authorization", "Cookie", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
}

// checkIdentityHeader allows hyphens only: upstreams fold "_" and "." into "-", and
// Caddy drops such fields.
func checkIdentityHeader(name string) error {
	letters := strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-")
	if name == "" || letters != "" || strings.HasPrefix(name, "Content-") || slices.Contains(ownedByHTTP, name) {
		return fmt.Errorf("header %q cannot carry an identity; use a name of letters, digits and hyphens such as X-Awxgate-User", name)
	}
	return nil
}

// Headers implements Identity.
func (i *HeadersIdentity) Headers() []string {
	names := make([]string, len(i.fields))
	for n, f := range i.fields {
		names[n] = f.header
	}
	return names
}

// Apply implements Identity.
func (i *HeadersIdentity) Apply(r *http.Request, p *tokencore.Principal) error {
	for _, f := range i.fields {
		if value := f.value(p); value != "" {
			r.Header[f.header] = []string{value}
		}
	}
	return nil
}

// UnmarshalCaddyfile reads the module. Syntax:
//
//	headers {
//	    <attribute> <header>
//	}
func (i *HeadersIdentity) UnmarshalCaddyfile(d *caddyfile.Dispenser) error {
	d.Next() // consume the module's name
	if d.NextArg() {
		return d.ArgErr()
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		attribute := d.Val()
		if _, known := principalAttributes[attribute]; !known {
			return d.Errf("unrecognized attribute: %s", attribute)
		}
		if _, repeated := i.Set[attribute]; repeated {
			return d.Errf("attribute %s is given twice", attribute)
		}
		args := d.RemainingArgs()
		if len(args) != 1 {
			return d.ArgErr()
		}
		if i.Set == nil {
			i.Set = make(map[string]string)
		}
		i.Set[attribute] = args[0]
	}
	return nil
}

var (
	_ caddy.Provisioner     = (*HeadersIdentity)(nil)
	_ caddyfile.Unmarshaler = (*HeadersIdentity)(nil)
	_ Identity              = (*HeadersIdentity)(nil)
)
