package session

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// FormField is the field in which a form sends its token back.
const FormField = "csrfmiddlewaretoken"

// maskedLength is the length of a token as it stands in a form: a random mask and the
// secret under it, so that no two pages are alike (the BREACH attack on compression).
const maskedLength = 2 * keyLength

// CSRFError says why a request is taken for one that another site had made, in Django's words.
type CSRFError struct{ Reason string }

func (e *CSRFError) Error() string { return e.Reason }

// FormToken makes sure that the browser has a csrftoken cookie, and returns the token
// that a form must send back in FormField. API clients send the cookie's value in
// X-CSRFToken.
func (s *Sessions) FormToken(w http.ResponseWriter, r *http.Request) (string, error) {
	secret, err := csrfSecret(r)
	if err != nil {
		if secret, err = s.newKey(); err != nil {
			return "", err
		}
	}
	s.setCSRFCookie(w, r, secret)
	mask, err := s.newKey()
	if err != nil {
		return "", err
	}
	return mask.Reveal() + shift(secret.Reveal(), mask.Reveal(), 1), nil
}

// CheckCSRF refuses a request that changes something unless it proves that its sender
// can read our cookies: by the token in the form (formToken, as found in FormField;
// empty if there was none) or in X-CSRFToken, and by where the browser says that it comes
// from. *CSRFError, or tokencore.ErrUnavailable.
func (s *Sessions) CheckCSRF(r *http.Request, formToken string) error {
	if err := s.checkOrigin(r); err != nil {
		return err
	}
	secret, err := csrfSecret(r)
	if err != nil {
		return err
	}
	token, source := formToken, "POST"
	if token == "" {
		if len(r.Header.Values("X-Csrftoken")) == 0 {
			return &CSRFError{"CSRF token missing."}
		}
		token, source = r.Header.Get("X-Csrftoken"), "the 'X-Csrftoken' HTTP header"
	}
	if flaw := formatFlaw(token); flaw != "" {
		return &CSRFError{fmt.Sprintf("CSRF token from %s %s.", source, flaw)}
	}
	if subtle.ConstantTimeCompare([]byte(unmask(token)), []byte(secret.Reveal())) != 1 {
		return &CSRFError{fmt.Sprintf("CSRF token from %s incorrect.", source)}
	}
	return nil
}

// csrfSecret reads the cookie. Old versions of Django masked it too.
func csrfSecret(r *http.Request) (tokencore.Secret, error) {
	cookie, err := r.Cookie(csrfCookie)
	if errors.Is(err, http.ErrNoCookie) {
		return tokencore.Secret{}, &CSRFError{"CSRF cookie not set."}
	}
	if flaw := formatFlaw(cookie.Value); flaw != "" {
		return tokencore.Secret{}, &CSRFError{"CSRF cookie " + flaw + "."}
	}
	return tokencore.NewSecret(unmask(cookie.Value)), nil
}

func formatFlaw(token string) string {
	if len(token) != keyLength && len(token) != maskedLength {
		return "has incorrect length"
	}
	for i := range len(token) {
		if !isAlphanumeric(token[i]) {
			return "has invalid characters"
		}
	}
	return ""
}

// unmask returns the secret of a well-formed token, masked or not.
func unmask(token string) string {
	if len(token) != maskedLength {
		return token
	}
	return shift(token[keyLength:], token[:keyLength], -1)
}

// maskAlphabet is in Django's order, so that forms work which another node, or AWX
// before us, had made.
const maskAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// shift moves each character along the alphabet, by the position of the mask's
// character there, forwards (1) or back (-1).
func shift(text, mask string, direction int) string {
	shifted := make([]byte, len(text))
	for i := range len(text) {
		to := strings.IndexByte(maskAlphabet, text[i]) + direction*strings.IndexByte(maskAlphabet, mask[i])
		shifted[i] = maskAlphabet[(to+len(maskAlphabet))%len(maskAlphabet)]
	}
	return string(shifted)
}

var _ error = (*CSRFError)(nil)
