package awxapi

import (
	"context"
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	maxOrganizationName   = 512
	maxHostsLimit         = 1<<31 - 1
	textOrganizationTaken = "Organization with this Name already exists."
)

// organizationFields are the fields of a body that may change an organization; nil:
// not given.
type organizationFields struct {
	name, description *string
	maxHosts          *int64
}

// readOrganization validates the fields of an organization: of a new one if id is 0.
// Only a partial body may do without the name.
func (a *API) readOrganization(r *request, in object, id int64, partial bool) (organizationFields, error) {
	f := newForm(in)
	fields := organizationFields{
		name:        a.readOrganizationName(r.Context(), f, id, !partial),
		description: ifGiven(f.text("description", textRule{})),
		maxHosts:    readMaxHosts(f),
	}
	if value, sent := in["default_environment"]; sent {
		if _, refusal := absentObject(value); refusal != nil {
			f.errors.add("default_environment", invalidPK(printable(asText(value))))
		}
	}
	return fields, f.problem()
}

func (a *API) readOrganizationName(ctx context.Context, f *form, id int64, required bool) *string {
	name, there := f.text("name", textRule{required: required, notNull: true, notBlank: true, max: maxOrganizationName})
	if !there {
		return nil
	}
	switch other, err := a.svc.Store().OrganizationByName(ctx, name); {
	case err == nil && other.ID != id:
		f.errors.add("name", textOrganizationTaken)
	case err != nil && !errors.Is(err, tokencore.ErrNotFound) && f.failed == nil:
		f.failed = tokencore.Unavailable("looking for an organization of the same name", err)
	}
	return &name
}

func readMaxHosts(f *form) *int64 {
	value, sent := f.in["max_hosts"]
	if !sent {
		return nil
	}
	digits, refusal := integerBetween(0, maxHostsLimit)(value)
	if texts, refused := refusal.([]string); refused {
		f.errors.add("max_hosts", texts...)
		return nil
	}
	n, ok := number(digits).integer()
	return ifGiven(n, ok)
}

func (fields organizationFields) copyTo(o *tokencore.Organization) {
	assign(&o.Name, fields.name)
	assign(&o.Description, fields.description)
	assign(&o.MaxHosts, fields.maxHosts)
}

// createOrganization is for superusers.
func (a *API) createOrganization(r *request) (answer, error) {
	if !r.actor.User.IsSuperuser {
		return answer{}, forbidden()
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	fields, err := a.readOrganization(r, in, 0, false)
	if err != nil {
		return answer{}, err
	}
	var o tokencore.Organization
	fields.copyTo(&o)
	if o, err = a.svc.CreateOrganization(r.Context(), r.actor, o); err != nil {
		return answer{}, organizationConflict(err)
	}
	body, err := a.newOrganizationJSON(r, o)
	return created(linkPath("organizations", o.ID), body), err
}

func (a *API) putOrganization(r *request) (answer, error) { return a.changeOrganization(r, false) }

func (a *API) patchOrganization(r *request) (answer, error) { return a.changeOrganization(r, true) }

// changeOrganization changes what the body names; only PUT demands a name. The limit
// of hosts is the superusers' to set.
func (a *API) changeOrganization(r *request, partial bool) (answer, error) {
	o, err := a.organization(r, 0)
	if err != nil {
		return answer{}, err
	}
	if !r.actor.AdministersOrganization(o.ID) {
		return answer{}, forbidden()
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	fields, err := a.readOrganization(r, in, o.ID, partial)
	if err != nil {
		return answer{}, err
	}
	if fields.maxHosts != nil && *fields.maxHosts != o.MaxHosts && !r.actor.User.IsSuperuser {
		return answer{}, invalid("", "Cannot change max_hosts.")
	}
	o, err = a.svc.UpdateOrganization(r.Context(), r.actor, o.ID, func(o *tokencore.Organization) error {
		fields.copyTo(o)
		return nil
	})
	if err != nil {
		return answer{}, found(modelOrganization, organizationConflict(err))
	}
	body, err := a.organizationDetailJSON(r, o)
	return ok(body), err
}

// organizationConflict words a name that was taken after readOrganization had looked.
func organizationConflict(err error) error {
	if errors.Is(err, tokencore.ErrConflict) {
		return invalid("name", textOrganizationTaken)
	}
	return err
}
