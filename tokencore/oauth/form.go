package oauth

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/awxgate/awxgate/tokencore/internal/webform"
	"github.com/awxgate/awxgate/tokencore/session"
)

// parameters are all that these endpoints read. Others, such as "request_uri" or
// "audience", mean something to fosite but nothing to AWX, and are not kept.
var parameters = []string{
	"grant_type", "client_id", "client_secret", "username", "password", "scope",
	"code", "redirect_uri", "code_verifier", "refresh_token", "token",
	"response_type", "state", "code_challenge", "code_challenge_method",
	"approval_prompt", "allow", session.FormField,
}

// readBody reads the parameters of a POST.
func readBody(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	form, err := webform.Read(w, r, parameters)
	switch {
	case errors.Is(err, webform.ErrTooLarge):
		return nil, errBodyTooLarge
	case err != nil:
		return nil, errBody
	default:
		return form, nil
	}
}
