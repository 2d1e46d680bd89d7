package caddymodule

import (
	"strconv"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// principalAttributes are the things that can be said about who acts.
var principalAttributes = map[string]func(*tokencore.Principal) string{
	"user":              func(p *tokencore.Principal) string { return encodeName(p.User.Username) },
	"user_id":           func(p *tokencore.Principal) string { return strconv.FormatInt(p.User.ID, 10) },
	"email":             func(p *tokencore.Principal) string { return encodeName(p.User.Email) },
	"is_superuser":      func(p *tokencore.Principal) string { return strconv.FormatBool(p.User.IsSuperuser) },
	"is_system_auditor": func(p *tokencore.Principal) string { return strconv.FormatBool(p.User.IsSystemAuditor) },
	"scope":             func(p *tokencore.Principal) string { return p.Scope.String() },
	"token_id":          func(p *tokencore.Principal) string { return strconv.FormatInt(p.TokenID, 10) },
	"application_id": func(p *tokencore.Principal) string {
		if p.ApplicationID == 0 {
			return ""
		}
		return strconv.FormatInt(p.ApplicationID, 10)
	},
}

// encodeName percent-encodes a name that people chose, so that it can neither end a
// header line nor be expanded by Caddy as a placeholder. Two names never encode alike.
func encodeName(name string) string {
	const hex = "0123456789ABCDEF"
	plain := true
	for n := range len(name) {
		plain = plain && isPlain(name[n])
	}
	if plain {
		return name
	}
	var b strings.Builder
	for n := range len(name) {
		if c := name[n]; isPlain(c) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func isPlain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~@+", c) >= 0
}
