package awxapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
	"github.com/awxgate/awxgate/tokencore/session"
)

// The sentences that clients and people know from AWX, word for word.
const (
	textUnauthenticated = "Authentication credentials were not provided. To establish a login session, visit /api/login/."
	textForbidden       = "You do not have permission to perform this action."
	textUnavailable     = "The service is temporarily unavailable. Try again later."
	textInternal        = "A server error occurred."
	challenge           = "Bearer realm=api authorization_url=/api/o/authorize/"
	retryAfter          = "5" // seconds
)

// problem is an error that already is an answer.
type problem struct {
	status int
	body   any
}

func (p *problem) Error() string {
	return fmt.Sprintf("answering %d %s", p.status, http.StatusText(p.status))
}

// message is AWX's body of every error that is not about fields.
type message struct {
	Detail string `json:"detail"`
}

func detail(status int, text string) *problem { return &problem{status, message{text}} }

func badRequest(text string) *problem { return detail(http.StatusBadRequest, text) }

func forbidden() *problem { return detail(http.StatusForbidden, textForbidden) }

func notFound(text string) *problem { return detail(http.StatusNotFound, text) }

// noSuch is AWX's 404 for a row; model is AWX's name of its class.
func noSuch(model string) *problem { return notFound("No " + model + " matches the given query.") }

func methodNotAllowed(method string) *problem {
	return detail(http.StatusMethodNotAllowed, fmt.Sprintf("Method %q not allowed.", method))
}

// invalid is AWX's 400 about one field, or about the whole object if field is empty.
func invalid(field, text string) *problem {
	var errs fieldErrors
	errs.add(field, text)
	return &problem{http.StatusBadRequest, errs}
}

// answerTo turns any error into an answer. What is not known to be the client's
// fault is ours: unknown is not invalid.
func (a *API) answerTo(w http.ResponseWriter, r *request, err error) answer {
	p := problemOf(err)
	switch p.status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", challenge)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
		a.svc.Logger().Warn("token API unavailable", "method", r.Method, "path", r.route.path, "error", err)
	case http.StatusInternalServerError:
		a.svc.Logger().Error("token API failed", "method", r.Method, "path", r.route.path, "error", err)
	}
	return answer{status: p.status, body: p.body}
}

func problemOf(err error) *problem {
	var (
		p       *problem
		field   *tokencore.InvalidError
		refused *tokencore.AccessDeniedError
		foreign *session.CSRFError
	)
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &field):
		return invalid(field.Field, field.Message)
	case errors.As(err, &refused):
		return detail(http.StatusForbidden, refused.Error())
	case errors.As(err, &foreign):
		return detail(http.StatusForbidden, "CSRF Failed: "+foreign.Reason)
	case errors.Is(err, tokencore.ErrUnavailable):
		return detail(http.StatusServiceUnavailable, textUnavailable)
	case isUnauthenticated(err):
		return detail(http.StatusUnauthorized, textUnauthenticated)
	case errors.Is(err, tokencore.ErrScope):
		return forbidden()
	case errors.Is(err, tokencore.ErrNotFound):
		return notFound("Not found.")
	default:
		return detail(http.StatusInternalServerError, textInternal)
	}
}

func isUnauthenticated(err error) bool {
	return errors.Is(err, tokencore.ErrInvalidToken) || errors.Is(err, tokencore.ErrBadCredentials) ||
		errors.Is(err, bearer.ErrNone) || errors.Is(err, bearer.ErrMalformed)
}

// WriteAuthError answers a request whose credentials were not accepted, as AWX
// does: 401 for bad or missing ones, always with the same text; 403 for a token without
// the right; and 503 for everything else, because what could not be checked is not
// known to be wrong.
func WriteAuthError(w http.ResponseWriter, r *http.Request, err error) {
	p := detail(http.StatusServiceUnavailable, textUnavailable)
	switch {
	case errors.Is(err, tokencore.ErrUnavailable):
	case isUnauthenticated(err):
		p = detail(http.StatusUnauthorized, textUnauthenticated)
	case errors.Is(err, tokencore.ErrScope):
		p = forbidden()
	}
	h := w.Header()
	setCommonHeaders(h)
	h.Set("Vary", "Accept, Accept-Language, Origin, Cookie")
	h.Set("X-API-Product-Name", "AWX")
	switch p.status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", challenge)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", retryAfter)
	}
	writeBody(w, r, p.status, p.body)
}

// notFoundPage is what Django answers to a path that it does not know.
const notFoundPage = `
<!doctype html>
<html lang="en">
<head>
  <title>Not Found</title>
</head>
<body>
  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>
</body>
</html>
`

func writeNotFoundPage(w http.ResponseWriter) {
	h := w.Header()
	setCommonHeaders(h)
	h.Set("Vary", "Accept-Language, Origin")
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(notFoundPage))
}

var _ error = (*problem)(nil)
