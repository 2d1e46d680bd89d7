package caddymodule

import (
	"runtime/debug"
	"strings"

	"github.com/caddyserver/caddy/v2"
)

// Brand makes Caddy's command line speak of awxgate. It is for the awxgate binary, to
// be called before Caddy's Main.
func Brand() {
	caddy.CustomBinaryName = "awxgate"
	caddy.CustomLongDescription = longDescription
	if caddy.CustomVersion != "" { // set by the linker
		return
	}
	version := "devel"
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		version = info.Main.Version
	}
	caddy.CustomVersion = "awxgate-" + version
}

const longDescription = `awxgate gives AWX its OAuth2 tokens back, at the edge.

It is Caddy with modules that serve AWX's token API, check the bearer token of every
request, and forward to AWX as the token's user. Every command of Caddy is there; where
its help says caddy, type awxgate.

Start it:

	$ awxgate run --config Caddyfile.example

Make a token and use it:

	$ awxgate create_oauth2_token --user admin
	$ curl -H "Authorization: Bearer TOKEN" http://localhost:8052/api/v2/me/

Take tokens back, also while the server runs:

	$ awxgate revoke_oauth2_tokens --user admin
	$ awxgate revoke_oauth2_tokens --all

Delete what expired (from cron, say), and bring the store up to date after an upgrade:

	$ awxgate cleanup_tokens
	$ awxgate migrate

Caddyfile.example is driven by the environment; each of these may be unset:

	AWXGATE_LISTEN          address to listen on, such as 127.0.0.1:8052 (:8052)
	AWXGATE_DATA            existing directory of the database (./data, created)
	AWXGATE_STORE           postgres:// address, for several gateways (SQLite in AWXGATE_DATA)
	AWXGATE_UPSTREAM        AWX's address, such as http://awx:8013 (a demo that echoes)
	AWXGATE_DIRECTORY       whose users: local, its own, or awx (local)
	AWXGATE_IDENTITY        how AWX learns who acts: dab_jwt, or headers (dab_jwt)
	AWXGATE_JWT_KEY         key file of dab_jwt, one for all gateways (generated)
	AWXGATE_ADMIN_PASSWORD  password of admin at the first start (generated, printed once)
	AWXGATE_CADDY_ADMIN     address of Caddy's admin endpoint, or off (localhost:2019)
`
