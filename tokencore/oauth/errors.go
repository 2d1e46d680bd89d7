package oauth

import (
	"errors"
	"net/http"

	"github.com/ory/fosite"

	"github.com/awxgate/awxgate/tokencore"
)

// wireError is a refusal as the client sees it. The texts are AWX's; fosite's own
// descriptions carry hints about scopes, redirect URIs and the database.
type wireError struct {
	status      int
	code        string // RFC 6749's error; empty: the answer is text, not JSON
	description string // error_description, or the text
	// session is set where AWX had looked at the user's session by then, which
	// shows in the Vary header.
	session bool
}

func (e *wireError) Error() string {
	if e.code == "" {
		return e.description
	}
	return e.code
}

func refusal(code, description string) *wireError {
	return &wireError{status: http.StatusBadRequest, code: code, description: description}
}

func missing(what string) *wireError {
	return refusal("invalid_request", "Missing "+what+" parameter.")
}

var (
	errQuery        = refusal("invalid_request", "URL query parameters are not allowed")
	errBody         = refusal("invalid_request", "The request body cannot be read.")
	errBodyTooLarge = &wireError{status: http.StatusRequestEntityTooLarge, code: "invalid_request", description: "The request body is too large."}

	errInvalidClient      = &wireError{status: http.StatusUnauthorized, code: "invalid_client"}
	errInvalidGrant       = refusal("invalid_grant", "")
	errWrongPassword      = refusal("invalid_grant", "Invalid credentials given.")
	errInvalidScope       = refusal("invalid_scope", "")
	errUnauthorizedClient = refusal("unauthorized_client", "")
	errUnsupportedGrant   = refusal("unsupported_grant_type", "")
	errRefreshExpired     = &wireError{status: http.StatusForbidden, description: "The refresh token has expired."}

	errNoUsername         = refusal("invalid_request", "Request is missing username parameter.")
	errNoPassword         = refusal("invalid_request", "Request is missing password parameter.")
	errNoVerifier         = refusal("invalid_request", "Code verifier required.")
	errNoRedirectURI      = refusal("invalid_request", "Missing redirect URI.")
	errInvalidRedirectURI = refusal("invalid_request", "Invalid redirect URI.")
	errRedirectURI        = refusal("invalid_request", "Mismatching redirect URI.")

	errUnknownClient       = refusal("invalid_request", "Invalid client_id parameter value.")
	errUnsupportedResponse = refusal("unsupported_response_type", "")
	errNoChallenge         = refusal("invalid_request", "Code challenge required.")
	errChallenge           = refusal("invalid_request", "Invalid code challenge.")
	errTransform           = refusal("invalid_request", "Transform algorithm not supported.")
	errAccessDenied        = refusal("access_denied", "")
)

// wireErrorOf finds the refusal in an error that may have gone through fosite, or
// returns nil: a technical failure, which is nobody's fault but ours.
func wireErrorOf(err error) *wireError {
	var known *wireError
	switch {
	case errors.Is(err, tokencore.ErrUnavailable):
		return nil
	case errors.As(err, &known):
		return known
	case errors.Is(err, fosite.ErrInvalidGrant):
		return errInvalidGrant
	case errors.Is(err, fosite.ErrUnauthorizedClient):
		return errUnauthorizedClient
	case errors.Is(err, fosite.ErrInvalidRequest):
		return refusal("invalid_request", "")
	default:
		return nil
	}
}

// cause takes fosite's wrapping off, which prints as "server_error" and nothing else.
func cause(err error) error {
	var wrapped *fosite.RFC6749Error
	for errors.As(err, &wrapped) && wrapped.Unwrap() != nil {
		err = wrapped.Unwrap()
	}
	return err
}
