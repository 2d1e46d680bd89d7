package awxapi

import (
	"context"
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

const textDuplicate = "Application with this Name and Organization already exists."

// createApplication checks the right on the raw body first: AWX's permission layer
// words some errors differently from its fields, but not for superusers.
func (a *API) createApplication(r *request) (answer, error) {
	if !r.actor.User.IsSuperuser {
		if err := a.checkCreatesApplication(r); err != nil {
			return answer{}, err
		}
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	return a.storeApplication(r, in, func(f *form) int64 {
		id, _ := f.reference("organization", referenceRule{required: true}, a.findOrganization(r))
		return id
	})
}

// checkCreatesApplication is AWX's OAuth2ApplicationAccess.can_add.
func (a *API) checkCreatesApplication(r *request) error {
	if len(r.body) == 0 {
		if !r.actor.AdministersAnyOrganization() {
			return forbidden()
		}
		return nil
	}
	id, err := a.relatedID(r, "organization", modelOrganization, a.findOrganization(r))
	if err != nil {
		return err
	}
	if !r.actor.AdministersOrganization(id) {
		return forbidden()
	}
	return nil
}

// createOrganizationApplication takes the organization from the path. A superuser's
// request is not stopped by a missing one, but its id then is an invalid field.
func (a *API) createOrganizationApplication(r *request) (answer, error) {
	o, err := a.readableOrganization(r, 0)
	if r.actor.User.IsSuperuser {
		err = onlyTechnical(err)
	} else if err == nil && !r.actor.AdministersOrganization(o.ID) {
		err = forbidden()
	}
	if err != nil {
		return answer{}, err
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	return a.storeApplication(r, in, func(f *form) int64 {
		if o.ID == 0 {
			f.errors.add("organization", invalidPK(r.captured[0]))
		}
		return o.ID
	})
}

func (a *API) storeApplication(r *request, in object, organization func(*form) int64) (answer, error) {
	f := newForm(in)
	var app tokencore.Application
	app.Name, _ = f.text("name", nameRule)
	app.Description, _ = f.text("description", textRule{})
	clientType, _ := f.choice("client_type", true, clientTypes...)
	app.RedirectURIs, _ = f.text("redirect_uris", textRule{})
	grant, _ := f.choice("authorization_grant_type", true, string(tokencore.GrantAuthorizationCode), string(tokencore.GrantPassword))
	app.SkipAuthorization, _ = f.boolean("skip_authorization")
	app.OrganizationID = organization(f)
	app.ClientType, app.GrantType = tokencore.ClientType(clientType), tokencore.GrantType(grant)
	if err := f.problem(); err != nil {
		return answer{}, err
	}
	if err := a.checkApplication(r.Context(), app); err != nil {
		return answer{}, err
	}
	app, secret, err := a.svc.CreateApplication(r.Context(), r.actor, app)
	if err != nil {
		return answer{}, conflict(err)
	}
	body, err := a.applicationJSON(r, app, secret)
	return created(linkPath("applications", app.ID), body), err
}

var (
	nameRule    = textRule{required: true, max: 255}
	clientTypes = []string{string(tokencore.Confidential), string(tokencore.Public)}
)

func (a *API) putApplication(r *request) (answer, error) { return a.changeApplication(r, true) }

func (a *API) patchApplication(r *request) (answer, error) { return a.changeApplication(r, false) }

// changeApplication reads the writable fields. With PUT those that are missing are
// required or go back to their default, but redirect_uris is kept; the grant type
// never changes. All of this is AWX's.
func (a *API) changeApplication(r *request, whole bool) (answer, error) {
	app, err := a.application(r, 0)
	if err != nil {
		return answer{}, err
	}
	if err := a.checkChangesApplication(r, app); err != nil {
		return answer{}, err
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	edit, err := a.applicationEdit(r, in, whole)
	if err != nil {
		return answer{}, err
	}
	edited := app
	edit(&edited)
	if edited.OrganizationID == 0 {
		return answer{}, invalid("organization", "This field cannot be blank.")
	}
	if err := a.checkApplication(r.Context(), edited); err != nil {
		return answer{}, err
	}
	app, secret, err := a.svc.UpdateApplication(r.Context(), r.actor, app.ID, func(current *tokencore.Application) error {
		if !r.actor.ChangesApplication(*current) { // it may have moved since
			return forbidden()
		}
		edit(current)
		return nil
	})
	if err != nil {
		return answer{}, found(modelApplication, conflict(err))
	}
	body, err := a.applicationJSON(r, app, secret)
	return ok(body), err
}

// checkChangesApplication is AWX's OAuth2ApplicationAccess.can_change: a move needs the
// right on both organizations.
func (a *API) checkChangesApplication(r *request, app tokencore.Application) error {
	if r.actor.User.IsSuperuser {
		return nil
	}
	target := app.OrganizationID
	if value, given := r.body["organization"]; given && value != nil {
		var err error
		if target, err = a.relatedID(r, "organization", modelOrganization, a.findOrganization(r)); err != nil {
			return err
		}
	}
	if !r.actor.ChangesApplication(app) || !r.actor.AdministersOrganization(target) {
		return forbidden()
	}
	return nil
}

func (a *API) applicationEdit(r *request, in object, whole bool) (func(*tokencore.Application), error) {
	f := newForm(in)
	rule := nameRule
	rule.required = whole
	name, hasName := f.text("name", rule)
	description, hasDescription := f.text("description", textRule{})
	clientType, hasType := f.choice("client_type", whole, clientTypes...)
	redirectURIs, hasURIs := f.text("redirect_uris", textRule{})
	skip, hasSkip := f.boolean("skip_authorization")
	organization, hasOrganization := f.reference("organization", referenceRule{required: whole}, a.findOrganization(r))
	if err := f.problem(); err != nil {
		return nil, err
	}
	return func(app *tokencore.Application) {
		if hasName {
			app.Name = name
		}
		if hasDescription || whole {
			app.Description = description
		}
		if hasType {
			app.ClientType = tokencore.ClientType(clientType)
		}
		if hasURIs {
			app.RedirectURIs = redirectURIs
		}
		if hasSkip || whole {
			app.SkipAuthorization = skip
		}
		if hasOrganization {
			app.OrganizationID = organization
		}
	}, nil
}

// checkApplication applies the rules about an application as a whole. Both kinds
// of error come in one list, the redirect URI first.
func (a *API) checkApplication(ctx context.Context, app tokencore.Application) error {
	var errs fieldErrors
	var bad *tokencore.InvalidError
	switch err := tokencore.CheckRedirectURIs(app.RedirectURIs, app.GrantType); {
	case errors.As(err, &bad):
		errs.add(bad.Field, bad.Message)
	case err != nil:
		return err
	}
	same, _, err := a.svc.Store().Applications(ctx, tokencore.Query{
		Where: tokencore.And{
			tokencore.Eq("name", app.Name), tokencore.Eq("organization", app.OrganizationID),
			tokencore.Not{Expr: tokencore.Eq("id", app.ID)},
		},
		Limit: 1, SkipCount: true,
	})
	if err != nil {
		return tokencore.Unavailable("looking for an application of the same name", err)
	}
	if len(same) > 0 {
		errs.add("", textDuplicate)
	}
	if len(errs) > 0 {
		return &problem{400, errs}
	}
	return nil
}

// conflict words a unique rule that was broken after checkApplication had looked.
func conflict(err error) error {
	if errors.Is(err, tokencore.ErrConflict) {
		return invalid("", textDuplicate)
	}
	return err
}

func (a *API) findOrganization(r *request) func(id int64) error {
	return func(id int64) error {
		_, err := a.svc.Directory().Organization(r.Context(), id)
		return tokencore.Unavailable("looking up organization", err)
	}
}
