package caddymodule

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
)

// errPasswordShown is for an address whose password would be part of the configuration,
// which adapt prints and the admin endpoint shows.
var errPasswordShown = errors.New("the address of the database contains its password: write {env.NAME} or {file.PATH} for the address or for the password, not {$NAME}")

// isDatabaseURL reports whether a text is the URL of a PostgreSQL database.
func isDatabaseURL(text string) bool {
	scheme, _, found := strings.Cut(text, "://")
	return found && (scheme == "postgres" || scheme == "postgresql")
}

// asPlaceholder returns the placeholder of the environment variable that an address came
// from. A Caddyfile's {$NAME} is replaced before anybody can see it, and what it stands for
// must not become part of the configuration.
func asPlaceholder(address string) string {
	if address == "" {
		return ""
	}
	if os.Getenv(storeVariable) == address {
		return "{env." + storeVariable + "}"
	}
	variables := os.Environ()
	slices.Sort(variables) // of several, always the same
	for _, variable := range variables {
		if name, value, _ := strings.Cut(variable, "="); value == address {
			return "{env." + name + "}"
		}
	}
	return address
}

var (
	anyPlaceholder  = regexp.MustCompile(`\{[^{}]*\}`)
	passwordKeyword = regexp.MustCompile(`(?i)password\s*=\s*'?[^\s&'{]`)
)

// showsPassword reports whether there is, or may be, a password in an address, other than
// a placeholder.
func showsPassword(address string) bool {
	address = anyPlaceholder.ReplaceAllString(address, "{}")
	if passwordKeyword.MatchString(address) {
		return true
	}
	_, rest, _ := strings.Cut(address, "://")
	end := strings.LastIndexByte(rest, '@') // passwords with an "@" that is not escaped are passwords, too
	if end < 0 {
		return false
	}
	_, password, _ := strings.Cut(rest[:end], ":")
	return strings.ReplaceAll(password, "{}", "") != ""
}
