package caddymodule

import (
	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
)

// UnmarshalCaddyfile reads the module. An empty URL, which an unset environment variable
// leaves, means the default. Syntax:
//
//	awx [<url>] {
//	    url          <url>
//	    lookup_basic <username> <password>
//	    ttl          <duration>
//	    grace        <duration>|off
//	    timeout      <duration>
//	    tls_ca       <file>
//	}
func (d *AWXDirectory) UnmarshalCaddyfile(c *caddyfile.Dispenser) error {
	c.Next() // consume the module's name
	if c.NextArg() {
		d.URL = c.Val()
	}
	if c.NextArg() {
		return c.ArgErr()
	}
	for nesting := c.Nesting(); c.NextBlock(nesting); {
		if err := d.unmarshalOption(c); err != nil {
			return err
		}
	}
	return nil
}

func (d *AWXDirectory) unmarshalOption(c *caddyfile.Dispenser) error {
	switch option := c.Val(); option {
	case "url":
		return readOnce(c, &d.URL)
	case "tls_ca":
		return readOnce(c, &d.TLSCA)
	case "lookup_basic":
		if d.LookupBasic != nil {
			return c.Errf("%s is given twice", option)
		}
		d.LookupBasic = new(AWXCredentials)
		if !c.AllArgs(&d.LookupBasic.Username, &d.LookupBasic.Password) {
			return c.ArgErr()
		}
		return nil
	case "ttl":
		return readDurationOption(c, &d.TTL)
	case "timeout":
		return readDurationOption(c, &d.Timeout)
	case "grace":
		if c.CountRemainingArgs() == 1 && c.NextArg() {
			if c.Val() != "off" {
				return readDuration(c, option, c.Val(), &d.Grace)
			}
			if d.Grace != 0 {
				return c.Errf("%s is given twice", option)
			}
			d.Grace = -1
			return nil
		}
		return c.ArgErr()
	default:
		return c.Errf("unrecognized subdirective: %s", option)
	}
}

// readDurationOption reads a sub-directive that is one duration.
func readDurationOption(d *caddyfile.Dispenser, value *caddy.Duration) error {
	option, text := d.Val(), ""
	if err := readOnce(d, &text); err != nil {
		return err
	}
	return readDuration(d, option, text, value)
}
