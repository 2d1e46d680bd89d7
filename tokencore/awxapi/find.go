package awxapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/awxgate/awxgate/tokencore"
)

// AWX's class names, as they stand in messages.
const (
	modelApplication  = "OAuth2Application"
	modelToken        = "OAuth2AccessToken"
	modelUser         = "User"
	modelOrganization = "Organization"
)

// found turns the one definite error of a look-up into AWX's 404 for the model.
func found(model string, err error) error {
	if errors.Is(err, tokencore.ErrNotFound) {
		return noSuch(model)
	}
	return err
}

// announceGone is for who deletes something and is told that it is not there: its tokens
// are dead then, although the process that deleted it may not have told this one yet. Of
// an organization, and of what was named instead of numbered, nobody can say any more which
// tokens it had, so all are looked up again; that is not for everybody to cause.
func (a *API) announceGone(r *request, kind tokencore.ChangeKind, err error) {
	p, ok := errors.AsType[*problem](err)
	switch {
	case !ok || p.status != http.StatusNotFound:
	case kind != tokencore.ChangeAll && r.id(0) != 0:
		a.svc.Store().Announce(tokencore.Change{Kind: kind, ID: r.id(0)})
	case r.actor.AdministersAnyOrganization():
		a.svc.Store().Announce(tokencore.Change{Kind: tokencore.ChangeAll})
	}
}

// settle replaces a name in the path by the id that it stands for, so that links
// are made with it; AWX makes them with 0 if the name means nothing.
func (r *request) settle(n int, id int64) { r.captured[n] = strconv.FormatInt(id, 10) }

// application returns the application of a path segment.
func (a *API) application(r *request, n int) (tokencore.Application, error) {
	var app tokencore.Application
	var err error
	if segment := r.captured[n]; isID(segment) {
		app, err = a.svc.Store().Application(r.Context(), r.id(n))
	} else {
		parts, _ := parseNamedSegment(segment, applicationNameParts)
		app, err = a.applicationByName(r.Context(), parts[0], parts[1])
		r.settle(n, app.ID)
	}
	if err == nil {
		err = narrow(r, app.ID, a.svc.Store().Applications)
	}
	return app, found(modelApplication, err)
}

// applicationByName asks the directory for the organizations' names, since the
// store knows them only if it is the directory.
func (a *API) applicationByName(ctx context.Context, name, organization string) (tokencore.Application, error) {
	apps, _, err := a.svc.Store().Applications(ctx, tokencore.Query{Where: tokencore.Eq("name", name), SkipCount: true})
	if err != nil {
		return tokencore.Application{}, tokencore.Unavailable("listing applications", err)
	}
	for _, app := range apps {
		if app.OrganizationID == 0 {
			if organization == "" {
				return app, nil
			}
			continue
		}
		switch o, err := a.svc.Directory().Organization(ctx, app.OrganizationID); {
		case err == nil && o.Name == organization:
			return app, nil
		case err != nil && !errors.Is(err, tokencore.ErrNotFound):
			return tokencore.Application{}, tokencore.Unavailable("looking up organization", err)
		}
	}
	return tokencore.Application{}, tokencore.ErrNotFound
}

// user returns the user of a path segment.
func (a *API) user(r *request, n int) (tokencore.User, error) {
	var user tokencore.User
	var err error
	if isID(r.captured[n]) {
		user, err = a.svc.Directory().User(r.Context(), r.id(n))
	} else {
		user, err = a.svc.Directory().UserByName(r.Context(), nameUnescaper.Replace(r.captured[n]))
		r.settle(n, user.ID)
	}
	if err == nil {
		err = narrow(r, user.ID, a.svc.Store().Users)
	}
	return user, found(modelUser, err)
}

// organization returns the organization of a path segment.
func (a *API) organization(r *request, n int) (tokencore.Organization, error) {
	var o tokencore.Organization
	var err error
	if isID(r.captured[n]) {
		o, err = a.svc.Directory().Organization(r.Context(), r.id(n))
	} else {
		o, err = a.organizationByName(r.Context(), nameUnescaper.Replace(r.captured[n]))
		r.settle(n, o.ID)
	}
	if err == nil {
		err = narrow(r, o.ID, a.svc.Store().Organizations)
	}
	return o, found(modelOrganization, err)
}

// organizationNames is a remote directory that finds organizations by name.
type organizationNames interface {
	OrganizationByName(ctx context.Context, name string) (tokencore.Organization, error)
}

// organizationByName asks the store unless the directory knows better.
func (a *API) organizationByName(ctx context.Context, name string) (tokencore.Organization, error) {
	if remote, ok := a.svc.Directory().(organizationNames); ok {
		return remote.OrganizationByName(ctx, name)
	}
	return a.svc.Store().OrganizationByName(ctx, name)
}

// readsUser reports whether the requester may see a user: oneself, superusers, and
// the direct members of one's organizations; admins and auditors of an organization see
// everybody unless the settings say otherwise (AWX's UserAccess).
func (a *API) readsUser(r *request, user tokencore.User) (bool, error) {
	if r.actor.ReadsEverything() || user.ID == r.actor.User.ID || user.IsSuperuser {
		return true, nil
	}
	settings, err := a.svc.Settings(r.Context())
	if err != nil {
		return false, err
	}
	if settings.AdminsSeeAllUsers && len(r.actor.Roles.Admin)+len(r.actor.Roles.Auditor) > 0 {
		return true, nil
	}
	roles, err := a.svc.Directory().Roles(r.Context(), user.ID)
	if err != nil && !errors.Is(err, tokencore.ErrNotFound) {
		return false, tokencore.Unavailable("looking up roles", err)
	}
	return slices.ContainsFunc(roles.Member, r.actor.ReadsOrganization), nil
}

// readableUser returns the user of a path segment if the requester may see the user.
func (a *API) readableUser(r *request, n int) (tokencore.User, error) { //nolint:unparam // n as in all functions here
	user, err := a.user(r, n)
	if err != nil {
		return tokencore.User{}, err
	}
	may, err := a.readsUser(r, user)
	if err != nil {
		return tokencore.User{}, err
	}
	if !may {
		return tokencore.User{}, forbidden()
	}
	return user, nil
}

// readableOrganization does the same for an organization.
func (a *API) readableOrganization(r *request, n int) (tokencore.Organization, error) { //nolint:unparam // n as in all functions here
	o, err := a.organization(r, n)
	if err != nil {
		return tokencore.Organization{}, err
	}
	if !r.actor.ReadsOrganization(o.ID) {
		return tokencore.Organization{}, forbidden()
	}
	return o, nil
}

// readableApplication does the same for an application.
func (a *API) readableApplication(r *request, n int) (tokencore.Application, error) { //nolint:unparam // n as in all functions here
	app, err := a.application(r, n)
	if err != nil {
		return tokencore.Application{}, err
	}
	if !r.actor.ReadsApplication(app) {
		return tokencore.Application{}, forbidden()
	}
	return app, nil
}
