package bearer

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// errBroken is a Verifier that keeps no promise; nothing is known about the token then.
var errBroken = errors.New("the verifier gave no definite answer")

// Check finds the token of a request, verifies it and compares its scope with the
// method. The error matches ErrNone, tokencore.ErrInvalidToken (and ErrMalformed, where
// that is why), tokencore.ErrScope or tokencore.ErrUnavailable, and nothing else.
//
// What nobody may send is not its concern: ask Hygiene.Admit, or MethodAllowed, first.
func Check(r *http.Request, v tokencore.Verifier) (*tokencore.Principal, error) {
	return check(r, v, 0)
}

// check requires the given rights, or, if there are none, what the method needs.
func check(r *http.Request, v tokencore.Verifier, required tokencore.Scope) (*tokencore.Principal, error) {
	secret, err := Parse(r.Header)
	if err != nil {
		return nil, err
	}
	p, err := v.Verify(r.Context(), secret.Digest(tokencore.KindAccess))
	switch {
	case err == nil && p == nil:
		return nil, fmt.Errorf("verifying token: %w: %w", tokencore.ErrUnavailable, errBroken)
	case err == nil:
	case errors.Is(err, tokencore.ErrUnavailable), errors.Is(err, tokencore.ErrInvalidToken):
		return nil, err
	default:
		return nil, fmt.Errorf("verifying token: %w: %w", tokencore.ErrUnavailable, err)
	}
	allowed := p.Scope.Allows(r.Method)
	if required != 0 {
		allowed = p.Scope.Includes(required)
	}
	if !allowed {
		return nil, tokencore.ErrScope
	}
	return p, nil
}

// Status returns the HTTP status that an error of this package means. Whatever is not
// a known decision is 503: unknown is not invalid, and not allowed either.
func Status(err error) int {
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, ErrMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, ErrAmbiguousPath), errors.Is(err, ErrHost):
		return http.StatusBadRequest
	case errors.Is(err, ErrEarlyData):
		return http.StatusTooEarly
	case errors.Is(err, tokencore.ErrUnavailable):
		return http.StatusServiceUnavailable
	case errors.Is(err, ErrNone), errors.Is(err, tokencore.ErrInvalidToken):
		return http.StatusUnauthorized
	case errors.Is(err, tokencore.ErrScope):
		return http.StatusForbidden
	default:
		return http.StatusServiceUnavailable
	}
}
