package caddymodule

import (
	"net/http"
	"strings"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore"
)

const placeholderPrefix = "http.auth.user."

// setPlaceholders makes {http.auth.user.*} known for the rest of the request. All of
// them are always known, because Caddy passes on an unknown placeholder as written;
// without a token they are empty. {http.auth.user.id} is the name, as Caddy's own
// providers have it, and what access logs show as user_id.
//
// They are computed when somebody asks: a request that is only proxied asks for none.
func setPlaceholders(r *http.Request, p *tokencore.Principal) {
	repl, ok := r.Context().Value(caddy.ReplacerCtxKey).(*caddy.Replacer)
	if !ok {
		return
	}
	if p != nil {
		repl.DeleteByPrefix(placeholderPrefix) // what an earlier handler said about somebody else
	}
	repl.Map(func(key string) (any, bool) {
		attribute, ours := strings.CutPrefix(key, placeholderPrefix)
		if !ours {
			return nil, false
		}
		if attribute == "id" {
			attribute = "user"
		}
		value, known := principalAttributes[attribute]
		switch {
		case !known:
			return nil, false
		case p == nil:
			return "", true
		default:
			return value(p), true
		}
	})
}
