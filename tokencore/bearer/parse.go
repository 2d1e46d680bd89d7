package bearer

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// Errors of Parse.
var (
	// ErrNone: the request carries no bearer token; it may carry other credentials.
	ErrNone = errors.New("no bearer token")
	// ErrMalformed: the request carries a bearer token in a form that must not be
	// guessed at. It matches tokencore.ErrInvalidToken.
	ErrMalformed = fmt.Errorf("malformed Authorization header: %w", tokencore.ErrInvalidToken)
)

// maxToken is the width of AWX's token column.
const maxToken = 255

const scheme = "bearer"

// Parse returns the bearer token of the Authorization header: ErrNone if there is
// none, ErrMalformed if it is not exactly one in the grammar of RFC 6750, 2.1.
//
// As in AWX the scheme may be of any case and any number of spaces may follow it.
// Unlike in AWX a tab may not, and two Authorization fields of which one is a bearer
// token are refused: which one counts would depend on who reads them.
func Parse(h http.Header) (tokencore.Secret, error) {
	values := h["Authorization"]
	if len(values) == 1 {
		if credentials, ok := cutScheme(values[0]); ok {
			token := strings.TrimLeft(credentials, " ")
			if len(token) == len(credentials) || !isToken(token) {
				return tokencore.Secret{}, ErrMalformed
			}
			return tokencore.NewSecret(token), nil
		}
	}
	if slices.ContainsFunc(values, mentionsBearer) {
		return tokencore.Secret{}, ErrMalformed
	}
	return tokencore.Secret{}, ErrNone
}

// cutScheme returns what follows a leading Bearer scheme.
func cutScheme(value string) (string, bool) {
	if len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
		return "", false
	}
	rest := value[len(scheme):]
	// "BearerToken x" is a scheme of its own, "Bearer,x" is not.
	return rest, rest == "" || !isNameByte(rest[0])
}

// mentionsBearer reports whether any element of a field value starts with the Bearer
// scheme. Elements are looked at because a proxy may join two fields by a comma
// (RFC 9110, 5.3). Bytes before the scheme that are in no scheme's name are skipped:
// Python, which AWX runs on, takes some of them (U+00A0) for white space.
func mentionsBearer(value string) bool {
	for more := true; more; {
		var element string
		element, value, more = strings.Cut(value, ",")
		for element != "" && !isNameByte(element[0]) {
			element = element[1:]
		}
		if _, ok := cutScheme(element); ok {
			return true
		}
	}
	return false
}

// isToken reports whether text is a b64token: 1*( ALPHA / DIGIT / "-" / "." / "_" /
// "~" / "+" / "/" ) *"=".
func isToken(text string) bool {
	if len(text) > maxToken {
		return false
	}
	body := strings.TrimRight(text, "=")
	for i := range len(body) {
		switch c := body[i]; {
		case isAlphanumeric(c), c == '-', c == '.', c == '_', c == '~', c == '+', c == '/':
		default:
			return false
		}
	}
	return body != ""
}

// isNameByte reports whether a byte may be in a scheme's or a field's name (RFC 9110, 5.6.2).
func isNameByte(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

func isAlphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
