package awx

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/awxgate/awxgate/tokencore"
)

func (d *Directory) findUser(ctx context.Context, id int64) (tokencore.User, error) {
	return d.findUserWhere(ctx, idIs(id), func(u userJSON) bool { return u.ID == id })
}

func (d *Directory) findUserByName(ctx context.Context, username string) (tokencore.User, error) {
	return d.findUserWhere(ctx, url.Values{"username": {username}}, func(u userJSON) bool { return u.Username == username })
}

func idIs(id int64) url.Values { return url.Values{"id": {strconv.FormatInt(id, 10)}} }

// findUserWhere asks among the active users and then, rarely, among all.
func (d *Directory) findUserWhere(ctx context.Context, filter url.Values, wanted func(userJSON) bool) (tokencore.User, error) {
	active := maps.Clone(filter)
	active.Set("is_active", "true")
	for _, filter := range []url.Values{active, filter} {
		rows, err := readAll[userJSON](ctx, d.client.lookUp, "/api/v2/users/", filter)
		if err != nil {
			return tokencore.User{}, err
		}
		if i := slices.IndexFunc(rows, wanted); i >= 0 {
			u, err := rows[i].user()
			u.IsActive = filter.Has("is_active")
			return u, err
		}
	}
	return tokencore.User{}, d.notFound(ctx)
}

func (d *Directory) findOrganization(ctx context.Context, id int64) (tokencore.Organization, error) {
	return d.findOrganizationWhere(ctx, idIs(id), func(o organizationJSON) bool { return o.ID == id })
}

func (d *Directory) findOrganizationByName(ctx context.Context, name string) (tokencore.Organization, error) {
	return d.findOrganizationWhere(ctx, url.Values{"name": {name}}, func(o organizationJSON) bool { return o.Name == name })
}

func (d *Directory) findOrganizationWhere(ctx context.Context, filter url.Values, wanted func(organizationJSON) bool) (tokencore.Organization, error) {
	rows, err := readAll[organizationJSON](ctx, d.client.lookUp, "/api/v2/organizations/", filter)
	if err != nil {
		return tokencore.Organization{}, err
	}
	i := slices.IndexFunc(rows, wanted)
	if i < 0 {
		return tokencore.Organization{}, d.notFound(ctx)
	}
	return rows[i].organization(), nil
}

// notFound is what to say of something that is in no list.
func (d *Directory) notFound(ctx context.Context) error {
	if err := d.mustSeeAll(ctx); err != nil {
		return err
	}
	return tokencore.ErrNotFound
}

// findRoles asks for each role. AWX lists the organizations of which a user is admin or
// member, but those which the user audits only among the roles.
func (d *Directory) findRoles(ctx context.Context, userID int64) (held tokencore.Roles, err error) {
	user := "/api/v2/users/" + strconv.FormatInt(userID, 10)
	if held.Admin, err = d.organizationsAt(ctx, user+"/admin_of_organizations/"); err != nil {
		return tokencore.Roles{}, d.withoutRoles(ctx, userID, err)
	}
	if held.Member, err = d.organizationsAt(ctx, user+"/organizations/"); err != nil {
		return tokencore.Roles{}, d.withoutRoles(ctx, userID, err)
	}
	if held.Auditor, err = d.auditedAt(ctx, user+"/roles/"); err != nil {
		return tokencore.Roles{}, d.withoutRoles(ctx, userID, err)
	}
	// An account that does not see everything gets shorter lists.
	return held, d.mustSeeAll(ctx)
}

func (d *Directory) organizationsAt(ctx context.Context, path string) ([]int64, error) {
	rows, err := readAll[organizationJSON](ctx, d.client.lookUp, path, nil)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return distinct(ids)
}

func (d *Directory) auditedAt(ctx context.Context, path string) ([]int64, error) {
	rows, err := readAll[roleJSON](ctx, d.client.lookUp, path, url.Values{"role_field": {"auditor_role"}})
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, row := range rows {
		if row.SummaryFields.ResourceType == "organization" {
			ids = append(ids, row.SummaryFields.ResourceID)
		}
	}
	return distinct(ids)
}

// distinct sorts ids and leaves out what is twice.
func distinct(ids []int64) ([]int64, error) {
	slices.Sort(ids)
	if len(ids) > 0 && ids[0] <= 0 {
		return nil, fmt.Errorf("reading organizations: %w", errUnreadable)
	}
	return slices.Compact(ids), nil
}

// withoutRoles says why a user's roles could not be read. AWX answers 404 for a user who
// does not exist, but it may not be AWX who answers so.
func (d *Directory) withoutRoles(ctx context.Context, userID int64, err error) error {
	if status, _ := errors.AsType[statusError](err); status != http.StatusNotFound {
		return err
	}
	if _, lookUp := d.findUser(ctx, userID); errors.Is(lookUp, tokencore.ErrNotFound) {
		return lookUp
	}
	return err
}
