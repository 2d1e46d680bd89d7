package awxapi

import (
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

// Five URLs create tokens, always for the requester. They differ in where the
// application comes from.

// createToken serves /tokens/. The right to use the application is checked on the
// raw body first: AWX's permission layer words errors differently from its fields.
func (a *API) createToken(r *request) (answer, error) {
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	if value, given := in["application"]; given && value != nil && !r.actor.User.IsSuperuser {
		id, err := a.relatedID(r, "application", modelApplication, a.findApplication(r))
		if err != nil {
			return answer{}, err
		}
		if err := a.checkUsesApplication(r, id); err != nil {
			return answer{}, err
		}
	}
	return a.issue(r, in, a.applicationField(r, referenceRule{nullable: true}))
}

// createUserToken serves /users/N/tokens/.
func (a *API) createUserToken(r *request) (answer, error) {
	return a.createOwnToken(r, a.applicationField(r, referenceRule{nullable: true}))
}

// createAuthorizedToken serves /users/N/authorized_tokens/.
func (a *API) createAuthorizedToken(r *request) (answer, error) {
	return a.createOwnToken(r, a.applicationField(r, referenceRule{required: true}))
}

// createPersonalToken serves /users/N/personal_tokens/, the URL of "awx login".
func (a *API) createPersonalToken(r *request) (answer, error) {
	return a.createOwnToken(r, func(*form) int64 { return 0 })
}

func (a *API) createOwnToken(r *request, application func(*form) int64) (answer, error) {
	if err := a.checkUserParent(r); err != nil {
		return answer{}, err
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	return a.issue(r, in, application)
}

// createApplicationToken serves /applications/N/tokens/. A superuser's request is not
// stopped by a missing application, but its id then is an invalid field.
func (a *API) createApplicationToken(r *request) (answer, error) {
	app, err := a.readableApplication(r, 0)
	if r.actor.User.IsSuperuser {
		err = onlyTechnical(err)
	}
	if err != nil {
		return answer{}, err
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	return a.issue(r, in, func(f *form) int64 {
		if app.ID == 0 {
			f.errors.add("application", invalidPK(r.captured[0]))
		}
		return app.ID
	})
}

// issue validates the fields, checks the right to use the application, and makes
// the token. The rule about external users comes last, as in AWX.
func (a *API) issue(r *request, in object, application func(*form) int64) (answer, error) {
	f := newForm(in)
	request := tokencore.TokenRequest{UserID: r.actor.User.ID, Scope: tokencore.DefaultScope}
	request.Description, _ = f.text("description", textRule{})
	request.ApplicationID = application(f)
	if scope, given := f.scope(); given {
		request.Scope = scope
	}
	if err := f.problem(); err != nil {
		return answer{}, err
	}
	if request.ApplicationID != 0 {
		if err := a.checkUsesApplication(r, request.ApplicationID); err != nil {
			return answer{}, err
		}
	}
	issued, err := a.svc.Issue(r.Context(), r.actor, request)
	if errors.Is(err, tokencore.ErrNotFound) && request.ApplicationID != 0 { // it was there a moment ago
		return answer{}, noSuch(modelApplication)
	}
	if err != nil {
		return answer{}, err
	}
	body, err := a.issuedJSON(r, issued)
	return created(linkPath("tokens", issued.Token.ID), body), err
}

// scope reads the scope field.
func (f *form) scope() (string, bool) {
	text, given := f.text("scope", textRule{})
	if !given {
		return "", false
	}
	var bad *tokencore.InvalidError
	if _, err := tokencore.ParseScope(text); errors.As(err, &bad) {
		f.errors.add(bad.Field, bad.Message)
		return "", false
	}
	return text, true
}

func (a *API) applicationField(r *request, rule referenceRule) func(*form) int64 {
	return func(f *form) int64 {
		id, _ := f.reference("application", rule, a.findApplication(r))
		return id
	}
}

func (a *API) findApplication(r *request) func(id int64) error {
	return func(id int64) error {
		_, err := a.svc.Store().Application(r.Context(), id)
		return tokencore.Unavailable("loading application", err)
	}
}

// checkUsesApplication demands that the requester may see the application: whoever
// may, may have tokens of it.
func (a *API) checkUsesApplication(r *request, id int64) error {
	app, err := a.svc.Store().Application(r.Context(), id)
	if err != nil {
		return found(modelApplication, err)
	}
	if !r.actor.ReadsApplication(app) {
		return forbidden()
	}
	return nil
}

func (a *API) putToken(r *request) (answer, error) { return a.changeToken(r, true) }

func (a *API) patchToken(r *request) (answer, error) { return a.changeToken(r, false) }

// changeToken changes description and scope; PUT resets those that are missing.
func (a *API) changeToken(r *request, whole bool) (answer, error) {
	t, app, err := a.token(r)
	if err != nil {
		return answer{}, err
	}
	if !r.actor.ChangesToken(t, app) {
		return answer{}, forbidden()
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	f := newForm(in)
	description, hasDescription := f.text("description", textRule{})
	scope, hasScope := f.scope()
	if err := f.problem(); err != nil {
		return answer{}, err
	}
	if whole && !hasScope {
		scope = tokencore.DefaultScope
	}
	t, err = a.svc.UpdateToken(r.Context(), r.actor, t.ID, func(t *tokencore.Token) error {
		if hasDescription || whole {
			t.Description = description
		}
		if hasScope || whole {
			t.Scope = scope
		}
		return nil
	})
	if err != nil {
		return answer{}, found(modelToken, err)
	}
	body, err := a.tokenJSON(r, t)
	return ok(body), err
}
