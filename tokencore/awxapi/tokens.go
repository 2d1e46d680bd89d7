package awxapi

import "github.com/awxgate/awxgate/tokencore"

func (a *API) tokenRoutes() []route {
	return []route{
		{
			path: "/api/v2/tokens/", name: "OAuth2 Tokens", about: "Access tokens that you may see.",
			get: a.listTokens, post: a.createToken,
		},
		{
			path: "/api/v2/tokens/{id}/", name: "OAuth Token Detail", about: "One access token.",
			detail: tokenModel, get: a.getToken, put: a.putToken, patch: a.patchToken, delete: a.deleteToken,
		},
		{
			path: "/api/v2/applications/{application}/tokens/", name: "OAuth 2 Application Tokens",
			about: "The access tokens of one application.",
			get:   a.listApplicationTokens, post: a.createApplicationToken,
		},
		{
			path: "/api/v2/users/{user}/tokens/", name: "OAuth2 User Tokens", about: "The access tokens of one user.",
			get: a.listUserTokens, post: a.createUserToken,
		},
		{
			path: "/api/v2/users/{user}/personal_tokens/", name: "OAuth2 Personal Access Tokens",
			about: "Your access tokens that belong to no application.",
			get:   a.listPersonalTokens, post: a.createPersonalToken,
		},
		{
			path: "/api/v2/users/{user}/authorized_tokens/", name: "OAuth2 User Authorized Access Tokens",
			about: "Your access tokens of applications.",
			get:   a.listAuthorizedTokens, post: a.createAuthorizedToken,
		},
	}
}

// tokenModel is what may be asked about tokens.
var tokenModel = tokenOf("").with(&model{
	typeName: tokencore.ObjectToken,
	fields: map[string]field{
		"user":          {kind: relationField, column: "user", related: userOf("user")},
		"application":   {kind: relationField, column: "application", related: applicationOf("application")},
		"refresh_token": {kind: relationField, column: "refresh", related: refreshTokenOf("refresh")},
	},
})

func (a *API) listTokens(r *request) (answer, error) {
	return a.pageOfTokens(r, r.actor.VisibleTokens())
}

func (a *API) listApplicationTokens(r *request) (answer, error) {
	app, err := a.readableApplication(r, 0)
	if err != nil {
		return answer{}, err
	}
	return a.pageOfTokens(r, tokencore.And{tokencore.Eq("application", app.ID), r.actor.VisibleTokens()})
}

func (a *API) listUserTokens(r *request) (answer, error) {
	user, err := a.readableUser(r, 0)
	if err != nil {
		return answer{}, err
	}
	return a.pageOfTokens(r, tokencore.And{tokencore.Eq("user", user.ID), r.actor.VisibleTokens()})
}

func (a *API) listPersonalTokens(r *request) (answer, error) { return a.listOwnTokens(r, true) }

func (a *API) listAuthorizedTokens(r *request) (answer, error) { return a.listOwnTokens(r, false) }

// listOwnTokens lists the requester's tokens whoever the user in the path is, which
// is AWX's way; the user need only be visible, and for superusers not even that.
func (a *API) listOwnTokens(r *request, personal bool) (answer, error) {
	if err := a.checkUserParent(r); err != nil {
		return answer{}, err
	}
	return a.pageOfTokens(r, tokencore.And{
		tokencore.Eq("user", r.actor.User.ID),
		tokencore.Compare{Field: "application", Op: tokencore.IsNull, Value: personal},
	})
}

// checkUserParent demands a visible user in the path from everybody but superusers.
func (a *API) checkUserParent(r *request) error {
	_, err := a.readableUser(r, 0)
	if r.actor.User.IsSuperuser {
		return onlyTechnical(err)
	}
	return err
}

func (a *API) pageOfTokens(r *request, where tokencore.Expr) (answer, error) {
	return list(r, tokenModel, where, a.svc.Store().Tokens, func(tokens []tokencore.Token) ([]tokenJSON, error) {
		return a.tokensJSON(r, tokens)
	})
}

// token returns the token of the path with its application, which decides who
// may see it; a personal token has the zero application.
func (a *API) token(r *request) (tokencore.Token, tokencore.Application, error) {
	t, err := a.svc.Store().Token(r.Context(), r.id(0))
	if err != nil {
		return tokencore.Token{}, tokencore.Application{}, found(modelToken, err)
	}
	if err := narrow(r, t.ID, a.svc.Store().Tokens); err != nil {
		return tokencore.Token{}, tokencore.Application{}, err
	}
	if t.Personal() {
		return t, tokencore.Application{}, nil
	}
	app, err := a.svc.Store().Application(r.Context(), t.ApplicationID)
	return t, app, found(modelToken, err)
}

func (a *API) getToken(r *request) (answer, error) {
	t, app, err := a.token(r)
	if err != nil {
		return answer{}, err
	}
	if !r.actor.ReadsToken(t, app) {
		return answer{}, forbidden()
	}
	body, err := a.tokenJSON(r, t)
	return ok(body), err
}

func (a *API) deleteToken(r *request) (answer, error) {
	t, app, err := a.token(r)
	if err != nil {
		a.announceGone(r, tokencore.ChangeToken, err)
		return answer{}, err
	}
	if !r.actor.ChangesToken(t, app) {
		return answer{}, forbidden()
	}
	if err := a.svc.RevokeToken(r.Context(), r.actor, t.ID); err != nil {
		return answer{}, found(modelToken, err)
	}
	return noContent(), nil
}
