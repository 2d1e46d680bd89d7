package caddymodule

import (
	"encoding/json"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// Each directive has an anchor of its own in Caddy's order: of two that shared one, the
// later registered would come first.
func init() {
	httpcaddyfile.RegisterHandlerDirective("awxgate_api", parseAPI)
	httpcaddyfile.RegisterDirectiveOrder("awxgate_api", httpcaddyfile.Before, "basic_auth")
	httpcaddyfile.RegisterHandlerDirective("awxgate_auth", parseAuth)
	httpcaddyfile.RegisterDirectiveOrder("awxgate_auth", httpcaddyfile.Before, "forward_auth")
	httpcaddyfile.RegisterDirective("awxgate", parseAll)
	httpcaddyfile.RegisterDirectiveOrder("awxgate", httpcaddyfile.After, "basic_auth")
}

// parseAPI reads the directive that serves the token API. Syntax:
//
//	awxgate_api [<matcher>]
func parseAPI(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	h.Next() // consume the directive's name
	if h.NextArg() {
		return nil, h.ArgErr()
	}
	if h.NextBlock(0) {
		return nil, h.Errf("unrecognized subdirective: %s", h.Val())
	}
	return new(APIHandler), nil
}

// parseAuth reads the directive that checks tokens. Syntax:
//
//	awxgate_auth [<matcher>] {
//	    require
//	    unknown_bearer  refuse|pass
//	    trial
//	    trusted_origins <origin...>
//	}
func parseAuth(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	return readAuth(h)
}

func readAuth(h httpcaddyfile.Helper) (*AuthHandler, error) {
	h.Next() // consume the directive's name
	if h.NextArg() {
		return nil, h.ArgErr()
	}
	auth := new(AuthHandler)
	for h.NextBlock(0) {
		if err := auth.unmarshalOption(h.Dispenser); err != nil {
			return nil, err
		}
	}
	return auth, nil
}

func (h *AuthHandler) unmarshalOption(d *caddyfile.Dispenser) error {
	switch option := d.Val(); option {
	case "require":
		return readFlag(d, &h.Require)
	case "trial":
		return readFlag(d, &h.Trial)
	case "unknown_bearer":
		return readOnce(d, &h.UnknownBearer)
	case "trusted_origins":
		origins := d.RemainingArgs()
		if len(origins) == 0 {
			return d.ArgErr()
		}
		h.TrustedOrigins = append(h.TrustedOrigins, origins...)
		return nil
	default:
		return d.Errf("unrecognized subdirective: %s", option)
	}
}

// readFlag reads a sub-directive without arguments that may be given once.
func readFlag(d *caddyfile.Dispenser, flag *bool) error {
	if *flag {
		return d.Errf("%s is given twice", d.Val())
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	*flag = true
	return nil
}

// parseAll reads the directive that is awxgate_api and awxgate_auth in this order, with
// the options of the latter. Syntax:
//
//	awxgate [<matcher>] {
//	    # whatever awxgate_auth takes
//	}
func parseAll(h httpcaddyfile.Helper) ([]httpcaddyfile.ConfigValue, error) {
	h.Next()
	matchers, err := h.ExtractMatcherSet()
	if err != nil {
		return nil, err
	}
	auth, err := readAuth(h)
	if err != nil {
		return nil, err
	}
	values := h.NewRoute(matchers, auth)
	for i := range values {
		route := values[i].Value.(caddyhttp.Route) // what NewRoute documents
		first := caddyconfig.JSONModuleObject(new(APIHandler), "handler", "awxgate_api", nil)
		route.HandlersRaw = append([]json.RawMessage{first}, route.HandlersRaw...)
		values[i].Value = route
	}
	return values, nil
}

// readOnce reads the single argument of a sub-directive that may be given once.
func readOnce(d *caddyfile.Dispenser, value *string) error {
	name := d.Val()
	if *value != "" {
		return d.Errf("%s is given twice", name)
	}
	if !d.AllArgs(value) {
		return d.ArgErr()
	}
	if *value == "" {
		return d.Errf("%s is empty", name)
	}
	return nil
}
