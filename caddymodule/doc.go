// Package caddymodule puts awxgate into Caddy: it translates configuration into the
// packages of tokencore, and Caddy's life cycle into theirs. No rule about tokens lives
// here.
//
// Importing it registers:
//
//   - the app awxgate (a global option of the Caddyfile), with the guest modules
//     awxgate.stores.sqlite, awxgate.stores.postgres, awxgate.directories.local,
//     awxgate.identities.dab_jwt and awxgate.identities.headers
//   - http.handlers.awxgate_api and http.handlers.awxgate_auth, with directives of the
//     same names, and the directive awxgate for both in this order
//   - the directive awxgate_upstream, which is reverse_proxy with defaults for AWX, and
//     http.handlers.awxgate_demo, which it is while it has no address
//   - http.authentication.providers.awxgate, for Caddy's own authentication handler
//   - admin.api.awxgate: counters and a purge at Caddy's admin endpoint
//   - http.reverse_proxy.transport.awxgate, which keeps the signed identity out of the log
//   - the commands create_oauth2_token, revoke_oauth2_tokens, cleanup_tokens, migrate,
//     copy, accept-restore and awx-settings
//
// The smallest Caddyfile:
//
//	{
//		awxgate {
//			store sqlite /var/lib/awxgate
//		}
//	}
//
//	awx.example.com {
//		awxgate
//		awxgate_upstream http://awx:8013
//	}
//
// What it guarantees:
//
//   - The identity that reaches the upstream is that of the checked token, whatever
//     headers, trailers, cookies or Connection options the client sent.
//   - A WebSocket ends with the token that opened it.
//   - A reload neither closes the store nor empties the cache while they are needed,
//     and a configuration that is refused leaves the running one as it was.
//   - Loading or validating a configuration writes nothing; starting it does.
//   - An outage is 503. Neither tokens nor passwords are in logs, metrics, placeholders,
//     errors or at the admin endpoint.
//
// What it does not do: it does not protect an upstream that can be reached in another
// way, and requests without a token are the upstream's to judge unless "require" is set.
package caddymodule
