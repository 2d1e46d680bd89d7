package caddymodule

import (
	"encoding/json"
	"strings"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
)

// idleUpstreamConnections is how many idle connections are kept to AWX. Caddy's 32
// make a gateway under load open, and close, most of its connections anew.
const idleUpstreamConnections = 512

func init() {
	httpcaddyfile.RegisterHandlerDirective("awxgate_upstream", parseUpstream)
	httpcaddyfile.RegisterDirectiveOrder("awxgate_upstream", httpcaddyfile.Before, "reverse_proxy")
}

// parseUpstream reads the directive that forwards to AWX, or, without an address, to
// the demo upstream. It is reverse_proxy with more idle connections, a transport that keeps
// the signed identity out of the log, and a tolerant eye for a slash after the address. As there, an http upstream gets the client's Host, which
// AWX needs for its CSRF check, and an https upstream its own name. Syntax:
//
//	awxgate_upstream [<matcher>] [<address...>] {
//	    # whatever reverse_proxy takes
//	}
func parseUpstream(h httpcaddyfile.Helper) (caddyhttp.MiddlewareHandler, error) {
	h.Next() // consume the directive's name
	tokens, addresses := upstreamTokens(h.NextSegment())
	d := caddyfile.NewDispenser(tokens)
	switch {
	case addresses == 0 && len(tokens) == 1:
		return new(DemoUpstream), nil
	case addresses == 0:
		d.Next()
		return nil, d.Err("options without an upstream; give its address first")
	}
	proxy := new(reverseproxy.Handler)
	if err := proxy.UnmarshalCaddyfile(d); err != nil {
		return nil, err
	}
	if err := proxy.FinalizeUnmarshalCaddyfile(h); err != nil {
		return nil, err
	}
	return proxy, adjustTransport(proxy)
}

// upstreamTokens drops empty addresses, which unset environment variables leave, and
// the slash that base URLs tend to end in.
func upstreamTokens(segment caddyfile.Segment) (tokens []caddyfile.Token, addresses int) {
	tokens = append(tokens, segment[0])
	for i, token := range segment[1:] {
		if token.Text == "{" {
			return append(tokens, segment[1+i:]...), addresses
		}
		if token.Text = strings.TrimSuffix(token.Text, "/"); token.Text != "" {
			tokens = append(tokens, token)
			addresses++
		}
	}
	return tokens, addresses
}

// adjustTransport makes the transport ours, and raises the number of idle connections,
// unless the user chose otherwise.
func adjustTransport(proxy *reverseproxy.Handler) error {
	transport := make(map[string]json.RawMessage)
	if proxy.TransportRaw == nil {
		transport["protocol"] = json.RawMessage(`"http"`)
	} else if err := json.Unmarshal(proxy.TransportRaw, &transport); err != nil {
		return err
	}
	if string(transport["protocol"]) != `"http"` {
		return nil
	}
	transport["protocol"] = caddyconfig.JSON(transportProtocol, nil)
	if _, chosen := transport["keep_alive"]; !chosen {
		transport["keep_alive"] = caddyconfig.JSON(reverseproxy.KeepAlive{MaxIdleConnsPerHost: idleUpstreamConnections}, nil)
	}
	proxy.TransportRaw = caddyconfig.JSON(transport, nil)
	return nil
}
