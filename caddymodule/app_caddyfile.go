package caddymodule

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	"github.com/caddyserver/caddy/v2/caddyconfig/httpcaddyfile"
)

func init() { httpcaddyfile.RegisterGlobalOption(appName, parseApp) }

// parseApp reads the global option. Syntax:
//
//	awxgate {
//	    store     <driver> [...]
//	    directory <kind>   [...]
//	    identity  <kind>   [...]
//	    cache {
//	        entries      <number>
//	        ttl          <duration>
//	        negative_ttl <duration>
//	    }
//	    strip_headers  <name...>
//	    session_cookie <name>
//	    ambiguous_paths refuse|pass
//	    linger         <duration>
//	}
func parseApp(d *caddyfile.Dispenser, existing any) (any, error) {
	d.Next() // consume the option's name
	if existing != nil {
		return nil, d.Err("the awxgate option is given twice; join the two blocks")
	}
	if d.NextArg() {
		return nil, d.ArgErr()
	}
	app := new(App)
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		if err := app.unmarshalOption(d); err != nil {
			return nil, err
		}
	}
	return httpcaddyfile.App{Name: appName, Value: caddyconfig.JSON(app, nil)}, nil
}

func (a *App) unmarshalOption(d *caddyfile.Dispenser) error {
	switch d.Val() {
	case "store":
		return unmarshalGuest(d, storeNamespace, "driver", &a.StoreRaw)
	case "directory":
		return unmarshalGuest(d, directoryNamespace, "kind", &a.DirectoryRaw)
	case "identity":
		return unmarshalGuest(d, identityNamespace, "kind", &a.IdentityRaw)
	case "cache":
		return a.Cache.unmarshal(d)
	case "strip_headers":
		names := d.RemainingArgs()
		if len(names) == 0 {
			return d.ArgErr()
		}
		a.StripHeaders = append(a.StripHeaders, names...)
		return nil
	case "session_cookie":
		return readOnce(d, &a.SessionCookie)
	case "ambiguous_paths":
		return readOnce(d, &a.AmbiguousPaths)
	case "linger":
		var text string
		if err := readOnce(d, &text); err != nil {
			return err
		}
		return readDuration(d, "linger", text, &a.Linger)
	default:
		return d.Errf("unrecognized subdirective: %s", d.Val())
	}
}

// unmarshalGuest reads a sub-directive whose first argument names a guest module.
func unmarshalGuest(d *caddyfile.Dispenser, namespace, inlineKey string, raw *json.RawMessage) error {
	option := d.Val()
	if *raw != nil {
		return d.Errf("%s is given twice", option)
	}
	if !d.NextArg() {
		return d.ArgErr()
	}
	name := d.Val()
	if namespace == storeNamespace && isDatabaseURL(name) {
		name = postgresDriver // which finds the address by itself
	}
	known := guestNames(namespace)
	if !slices.Contains(known, name) {
		if strings.ContainsAny(name, ":=@") { // not repeated: addresses contain passwords
			return d.Errf("%s is neither a postgres:// address nor one of: %s", option, strings.Join(known, ", "))
		}
		return d.Errf("unknown %s: %s (this build has: %s)", option, name, strings.Join(known, ", "))
	}
	module, err := caddyfile.UnmarshalModule(d, namespace+"."+name)
	if err != nil {
		return err
	}
	*raw = caddyconfig.JSONModuleObject(module, inlineKey, name, nil)
	return nil
}

// guestNames lists the guest modules of a namespace that are part of the binary.
func guestNames(namespace string) []string {
	modules := caddy.GetModules(namespace)
	names := make([]string, len(modules))
	for i, module := range modules {
		names[i] = module.ID.Name()
	}
	return names
}

func (c *CacheConfig) unmarshal(d *caddyfile.Dispenser) error {
	if *c != (CacheConfig{}) {
		return d.Err("cache is given twice")
	}
	if d.NextArg() {
		return d.ArgErr()
	}
	for nesting := d.Nesting(); d.NextBlock(nesting); {
		var text string
		option := d.Val()
		if err := readOnce(d, &text); err != nil {
			return err
		}
		if err := c.set(d, option, text); err != nil {
			return err
		}
	}
	return nil
}

func (c *CacheConfig) set(d *caddyfile.Dispenser, option, text string) error {
	switch option {
	case "entries":
		entries, err := strconv.ParseInt(text, 10, 64)
		if err != nil || entries <= 0 {
			return d.Errf("cache entries are to be a positive number, not %s", text)
		}
		if c.Entries != 0 {
			return d.Errf("%s is given twice", option)
		}
		c.Entries = entries
		return nil
	case "ttl":
		return readDuration(d, option, text, &c.TTL)
	case "negative_ttl":
		return readDuration(d, option, text, &c.NegativeTTL)
	default:
		return d.Errf("unrecognized subdirective: %s", option)
	}
}

func readDuration(d *caddyfile.Dispenser, option, text string, value *caddy.Duration) error {
	duration, err := caddy.ParseDuration(text)
	if err != nil || duration <= 0 {
		return d.Errf("%s is to be a positive duration such as 30s, not %s", option, text)
	}
	if *value != 0 {
		return d.Errf("%s is given twice", option)
	}
	*value = caddy.Duration(duration)
	return nil
}
