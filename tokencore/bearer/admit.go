package bearer

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// Errors of Hygiene.Admit.
var (
	// ErrMethod says that the method is refused whatever the token; see MethodAllowed.
	ErrMethod = errors.New("method not allowed")
	// ErrHost says that the host is none; see HostAllowed.
	ErrHost = errors.New("malformed host")
	// ErrAmbiguousPath says that the path has two readings; see AmbiguousPath.
	ErrAmbiguousPath = errors.New("ambiguous path")
	// ErrEarlyData says that the request may be a replay; see EarlyData.
	ErrEarlyData = errors.New("too early")
	// ErrTokenInQuery says that there is a token in the URL; see TokenInQuery. It matches
	// tokencore.ErrInvalidToken.
	ErrTokenInQuery = fmt.Errorf("token in the query: %w", tokencore.ErrInvalidToken)
)

// Admit returns why a request must not go on whoever sends it, or nil: ErrMethod,
// ErrHost, ErrAmbiguousPath, ErrEarlyData or ErrTokenInQuery.
func (h *Hygiene) Admit(r *http.Request) error {
	switch {
	case !MethodAllowed(r.Method):
		return ErrMethod
	case !HostAllowed(r.Host):
		return ErrHost
	case !h.passAmbiguous && AmbiguousPath(r):
		return ErrAmbiguousPath
	case EarlyData(r):
		return ErrEarlyData
	case TokenInQuery(r):
		return ErrTokenInQuery
	default:
		return nil
	}
}

// MethodAllowed reports whether a method may pass at all. TRACE would echo the
// identity that a gateway added, CONNECT would open a tunnel past it. Any case counts,
// because servers behind may fold it, as Django does. What is no method in HTTP
// (RFC 9110, 9.1) can arrive by HTTP/2, where no line breaks by it.
func MethodAllowed(method string) bool {
	for i := range len(method) {
		if !isNameByte(method[i]) {
			return false
		}
	}
	return method != "" && !strings.EqualFold(method, http.MethodTrace) && !strings.EqualFold(method, http.MethodConnect)
}

// HostAllowed reports whether a host is a name or an address, with or without a port, or
// missing. net/http takes anything for the host that arrives by HTTP/2, and proxies pass
// it on in X-Forwarded-Host.
func HostAllowed(host string) bool {
	for i := range len(host) {
		switch c := host[i]; {
		case isAlphanumeric(c), c == '-', c == '.', c == '_', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return true
}

// EarlyData reports whether a request could be a replay that does harm: it arrived
// before the TLS handshake was complete, here or at a proxy in front (RFC 8470, 5.1), and
// its method is not safe. The client repeats it after a 425.
func EarlyData(r *http.Request) bool {
	if tokencore.ScopeRead.Allows(r.Method) {
		return false
	}
	_, forwarded := r.Header["Early-Data"]
	return forwarded || r.TLS != nil && !r.TLS.HandshakeComplete
}

// TokenInQuery reports whether the URL has a parameter access_token, by which AWX up to
// 24.6.1 takes tokens, too, even one that has been revoked here. URLs end up in logs
// (RFC 9700, 4.3.2).
func TokenInQuery(r *http.Request) bool {
	for query := r.URL.RawQuery; query != ""; {
		// Some servers end a parameter at a semicolon, as HTML 4 had it.
		end := strings.IndexAny(query, "&;")
		parameter := query
		if end >= 0 {
			parameter, query = query[:end], query[end+1:]
		} else {
			query = ""
		}
		if isAccessToken(parameter) {
			return true
		}
	}
	return false
}

// isAccessToken decodes the name of a parameter as it goes.
func isAccessToken(parameter string) bool {
	const name = "access_token"
	for i := range len(name) {
		if parameter == "" {
			return false
		}
		c, width := parameter[0], 1
		if isEscape(parameter) {
			c, width = unhex(parameter[1])<<4|unhex(parameter[2]), len("%xx")
		}
		if c != name[i] {
			return false
		}
		parameter = parameter[width:]
	}
	return parameter == "" || parameter[0] == '='
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	default:
		return c - 'A' + 10
	}
}
