package caddymodule

import (
	"errors"
	"time"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore/tokencache"
)

// CacheConfig tunes how verified tokens are remembered. Revocations do not wait for
// any of these times.
type CacheConfig struct {
	// How many tokens are remembered. Default: 100000.
	Entries int64 `json:"entries,omitempty"`

	// How long a token is trusted without looking it up again. A remote directory may
	// shorten this and NegativeTTL. Default: 30s.
	TTL caddy.Duration `json:"ttl,omitempty"`

	// How long an unknown token is refused without looking it up again. Default: 10s.
	NegativeTTL caddy.Duration `json:"negative_ttl,omitempty"`
}

func (c CacheConfig) validate() error {
	if c.Entries < 0 || c.TTL < 0 || c.NegativeTTL < 0 {
		return errors.New("cache: entries, ttl and negative_ttl are to be positive")
	}
	return nil
}

// within caps both times by what a remote directory allows.
func (c CacheConfig) within(directory DirectoryModule) CacheConfig {
	remote, ok := directory.(remoteDirectory)
	if !ok {
		return c
	}
	most := caddy.Duration(remote.cacheTTL())
	for _, ttl := range []*caddy.Duration{&c.TTL, &c.NegativeTTL} {
		if *ttl == 0 || *ttl > most {
			*ttl = most
		}
	}
	return c
}

// settings leaves the defaults to the cache.
func (c CacheConfig) settings() tokencache.Config {
	return tokencache.Config{Entries: c.Entries, TTL: time.Duration(c.TTL), NegativeTTL: time.Duration(c.NegativeTTL)}
}
