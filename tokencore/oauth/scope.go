package oauth

import (
	"net/url"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// requestedScope reads the scope of a new grant. Words are separated by exactly one
// space; order and repetition are kept, as AWX's token endpoint does. An empty
// parameter is not the same as none.
func requestedScope(form url.Values) (string, error) {
	if !form.Has("scope") {
		return tokencore.DefaultGrantScope, nil
	}
	return wordsAmong(form.Get("scope"), []string{"read", "write"})
}

// narrowedScope reads the scope of a refresh: every word must be one of the old
// token's. AWX compares words, so "read" is not part of "write" here.
func narrowedScope(form url.Values, old string) (string, error) {
	if form.Get("scope") == "" {
		return old, nil
	}
	return wordsAmong(form.Get("scope"), strings.Fields(old))
}

func wordsAmong(scope string, allowed []string) (string, error) {
	scope = strings.TrimSpace(scope)
	for word := range strings.SplitSeq(scope, " ") {
		if !slices.Contains(allowed, word) {
			return "", errInvalidScope
		}
	}
	return scope, nil
}
