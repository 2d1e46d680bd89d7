package tokencore

import (
	"net/http"
	"strings"
)

// Scope is a set of rights that a token carries.
type Scope uint8

// The two rights AWX knows. Write implies read (AWX lets a "write" token read).
const (
	ScopeRead Scope = 1 << iota
	ScopeWrite
)

// Default scopes: AWX's REST API gives "write", its token endpoint "read write".
const (
	DefaultScope      = "write"
	DefaultGrantScope = "read write"
)

// errScopeText is AWX's message, word for word.
const errScopeText = "Must be a simple space-separated string with allowed scopes ['read', 'write']."

// ParseScope reads a scope as AWX's REST API accepts it: words separated by
// white space, each "read" or "write", none twice.
func ParseScope(text string) (Scope, error) {
	var scope Scope
	for word := range strings.FieldsSeq(text) {
		right := scopeWord(word)
		if right == 0 || scope&right != 0 {
			return 0, &InvalidError{Field: "scope", Message: errScopeText}
		}
		scope |= right
	}
	if scope == 0 {
		return 0, &InvalidError{Field: "scope", Message: errScopeText}
	}
	return scope, nil
}

// ScopeOf reads a stored scope. Words that mean nothing here give no right, and
// repetitions (which the token endpoint accepts, as AWX's does) do no harm.
func ScopeOf(text string) Scope {
	var scope Scope
	for word := range strings.FieldsSeq(text) {
		scope |= scopeWord(word)
	}
	return scope
}

func scopeWord(word string) Scope {
	switch word {
	case "read":
		return ScopeRead
	case "write":
		return ScopeWrite
	default:
		return 0
	}
}

// Allows reports whether the scope permits an HTTP method. Reading is GET, HEAD
// and OPTIONS in exactly that spelling; everything else, known or not, needs write.
func (s Scope) Allows(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return s&(ScopeRead|ScopeWrite) != 0
	default:
		return s&ScopeWrite != 0
	}
}

// Includes reports whether every right of other is in s. Write includes read.
func (s Scope) Includes(other Scope) bool {
	if s&ScopeWrite != 0 {
		s |= ScopeRead
	}
	return s&other == other
}

// String returns the words in AWX's order.
func (s Scope) String() string {
	switch s & (ScopeRead | ScopeWrite) {
	case ScopeRead:
		return "read"
	case ScopeWrite:
		return "write"
	case ScopeRead | ScopeWrite:
		return "read write"
	default:
		return ""
	}
}
