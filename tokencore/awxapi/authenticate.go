package awxapi

import (
	"errors"
	"net/http"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
	"github.com/awxgate/awxgate/tokencore/session"
)

// authenticate finds out who asks. A bearer token decides alone: if it is bad, the
// request is refused whatever else it carries. Then comes the session, which must prove
// that no other site sends its cookie, and only then a password.
func (a *API) authenticate(w http.ResponseWriter, r *request) error {
	if r.route.access == unauthenticated {
		a.prolong(w, r.Request)
		return nil
	}
	err := a.byBearer(r)
	r.judged = err != nil
	if errors.Is(err, bearer.ErrNone) {
		err = a.bySession(w, r)
	}
	if errors.Is(err, session.ErrNone) {
		err = a.byPassword(r)
	}
	if err != nil && r.route.access == anonymous && isUnauthenticated(err) && !errors.Is(err, tokencore.ErrUnavailable) {
		return nil
	}
	return err
}

func (a *API) byBearer(r *request) error {
	token, err := bearer.Parse(r.Header)
	if err != nil {
		return err
	}
	p, err := a.config.Verifier.Verify(r.Context(), token.Digest(tokencore.KindAccess))
	if errors.Is(err, tokencore.ErrInvalidToken) {
		return tokencore.ErrInvalidToken
	}
	if err != nil {
		return tokencore.Unavailable("verifying token", err)
	}
	if a.config.Used != nil {
		a.config.Used(p, r.Request)
	}
	return a.actAs(r, p.User, p.Scope)
}

// bySession accepts the cookie of a login: our own, or that of a remote AWX.
func (a *API) bySession(w http.ResponseWriter, r *request) error {
	actor, err := a.config.Sessions.Actor(w, r.Request)
	if err != nil {
		return err
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
	default:
		if err := a.config.Sessions.CheckCSRF(r.Request, ""); err != nil {
			return err
		}
	}
	r.actor = actor
	return nil
}

// byPassword accepts HTTP Basic (RFC 7617) while the settings do.
func (a *API) byPassword(r *request) error {
	username, password, ok := r.BasicAuth()
	if !ok || username == "" || strings.ContainsRune(username, 0) {
		return bearer.ErrNone
	}
	settings, err := a.svc.Settings(r.Context())
	if err != nil {
		return err
	}
	if !settings.BasicAuth {
		return bearer.ErrNone
	}
	user, err := a.svc.Directory().Authenticate(r.Context(), username, tokencore.NewSecret(password))
	if err != nil {
		if errors.Is(err, tokencore.ErrNotFound) {
			return tokencore.ErrBadCredentials
		}
		return tokencore.Unavailable("checking password", err)
	}
	return a.actAs(r, user, tokencore.ScopeRead|tokencore.ScopeWrite)
}

func (a *API) actAs(r *request, user tokencore.User, scope tokencore.Scope) error {
	actor, err := a.svc.Actor(r.Context(), user, scope)
	if errors.Is(err, tokencore.ErrNotFound) {
		return tokencore.ErrBadCredentials // gone since a moment ago
	}
	if err != nil {
		return err
	}
	r.actor = actor
	return nil
}
