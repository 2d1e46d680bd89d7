package caddymodule

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy"
)

// siteConfig is what a person wants to know of a configuration besides our app.
type siteConfig struct {
	Admin struct {
		Disabled bool   `json:"disabled"`
		Listen   string `json:"listen"`
	} `json:"admin"`
	Apps struct {
		HTTP struct {
			Servers map[string]siteServer `json:"servers"`
		} `json:"http"`
	} `json:"apps"`
}

type siteServer struct {
	Listen      []string          `json:"listen"`
	Routes      any               `json:"routes"`
	TLSPolicies []json.RawMessage `json:"tls_connection_policies"`
	AutoHTTPS   struct {
		Disabled bool `json:"disable"`
	} `json:"automatic_https"`
}

// site decodes the parts around our app.
func (c fileConfig) site() (s siteConfig, err error) {
	if err := json.Unmarshal(c.json, &s); err != nil {
		return s, fmt.Errorf("reading configuration %s: %w", c.file, err)
	}
	return s, nil
}

// isPlain reports whether the server takes plain HTTP from other machines.
func (s siteServer) isPlain() bool {
	if len(s.TLSPolicies) > 0 {
		return false
	}
	return slices.ContainsFunc(s.Listen, func(address string) bool {
		parsed, err := caddy.ParseNetworkAddress(address)
		if err != nil || parsed.IsUnixNetwork() || isLoopback(parsed.Host) {
			return false
		}
		// Caddy gives the port of HTTPS certificates by itself unless that is off.
		return s.AutoHTTPS.Disabled || parsed.StartPort != 443
	})
}

// upstream is a reverse_proxy to somewhere.
type upstream struct {
	url       string
	transport http.RoundTripper
	tls       *reverseproxy.TLSConfig // nil: plain HTTP
}

// upstreams finds every address that a reverse_proxy of the configuration forwards to.
func (s siteConfig) upstreams(ctx caddy.Context) ([]upstream, error) {
	var found []upstream
	for _, server := range s.Apps.HTTP.Servers {
		for _, raw := range proxiesIn(server.Routes) {
			some, err := upstreamsOf(ctx, raw)
			if err != nil {
				return nil, err
			}
			for _, u := range some {
				if !slices.ContainsFunc(found, func(known upstream) bool { return known.url == u.url }) {
					found = append(found, u)
				}
			}
		}
	}
	return found, nil
}

// proxiesIn walks through routes, sub-routes and whatever else holds handlers.
func proxiesIn(value any) (found []map[string]any) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			found = append(found, proxiesIn(item)...)
		}
	case map[string]any:
		if value["handler"] == "reverse_proxy" {
			return []map[string]any{value}
		}
		for _, item := range value {
			found = append(found, proxiesIn(item)...)
		}
	}
	return found
}

func upstreamsOf(ctx caddy.Context, proxy map[string]any) ([]upstream, error) {
	raw, err := json.Marshal(proxy)
	if err != nil {
		return nil, fmt.Errorf("reading a reverse_proxy: %w", err)
	}
	var handler struct {
		Transport struct {
			Protocol string                  `json:"protocol"`
			TLS      *reverseproxy.TLSConfig `json:"tls"`
		} `json:"transport"`
		TransportRaw json.RawMessage `json:"-"`
		Upstreams    []struct {
			Dial string `json:"dial"`
		} `json:"upstreams"`
	}
	if err := json.Unmarshal(raw, &handler); err != nil {
		return nil, fmt.Errorf("reading a reverse_proxy: %w", err)
	}
	transport, err := transportOf(ctx, proxy["transport"])
	if err != nil {
		return nil, err
	}
	scheme := "http://"
	if handler.Transport.TLS != nil {
		scheme = "https://"
	}
	var found []upstream
	for _, u := range handler.Upstreams {
		dial, err := caddy.NewReplacer().ReplaceOrErr(u.Dial, true, true)
		if err != nil {
			return nil, fmt.Errorf("reading the address of a reverse_proxy: %w", err)
		}
		if strings.Contains(dial, "/") { // a socket on this machine, which no URL names
			continue
		}
		found = append(found, upstream{url: scheme + dial, transport: transport, tls: handler.Transport.TLS})
	}
	return found, nil
}

// transportOf makes the transport that the proxy would use, with its certificates.
func transportOf(ctx caddy.Context, config any) (http.RoundTripper, error) {
	fields, _ := config.(map[string]any)
	protocol, named := fields["protocol"].(string)
	if !named {
		protocol, fields = "http", map[string]any{}
	}
	options := make(map[string]any, len(fields))
	for name, value := range fields {
		if name != "protocol" {
			options[name] = value
		}
	}
	raw, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("reading a transport: %w", err)
	}
	module, err := ctx.LoadModuleByID("http.reverse_proxy.transport."+protocol, raw)
	if err != nil {
		return nil, fmt.Errorf("making the transport to AWX: %w", err)
	}
	transport, ok := module.(http.RoundTripper)
	if !ok {
		return nil, fmt.Errorf("the transport %q does not send requests", protocol)
	}
	return transport, nil
}
