package awxapi

import (
	"errors"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

// authenticate finds out who asks. A bearer token decides alone: if it is bad, the
// request is refused whatever else it carries. Only then come other credentials.
func (a *API) authenticate(r *request) error {
	if r.route.access == unauthenticated {
		return nil
	}
	err := a.byBearer(r)
	if errors.Is(err, bearer.ErrNone) {
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
