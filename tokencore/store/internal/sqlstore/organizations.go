package sqlstore

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlOrganizations = `SELECT id, ansible_id, name, description, created_by, modified_by, max_hosts, created, modified
		FROM organizations`
	sqlOrganization       = sqlOrganizations + ` WHERE id = $1`
	sqlOrganizationByName = sqlOrganizations + ` WHERE name = $1`

	sqlCreateOrganization = `INSERT INTO organizations (ansible_id, name, description, created_by, modified_by, max_hosts, created, modified)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`
	sqlUpdateOrganization = `UPDATE organizations SET ansible_id = $1, name = $2, description = $3, created_by = $4, modified_by = $5,
			max_hosts = $6, created = $7, modified = $8
		WHERE id = $9`

	sqlOwnedApplications  = `SELECT id FROM applications WHERE organization_id = $1 ORDER BY id`
	sqlDeleteOrganization = `DELETE FROM organizations WHERE id = $1` // roles go with it by foreign key

	sqlRoles   = `SELECT organization_id, role FROM roles WHERE user_id = $1 ORDER BY organization_id`
	sqlHolders = `SELECT user_id FROM roles WHERE organization_id = $1 AND role = $2 ORDER BY user_id`

	sqlGrantRole  = `INSERT INTO roles (user_id, organization_id, role) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`
	sqlRevokeRole = `DELETE FROM roles WHERE user_id = $1 AND organization_id = $2 AND role = $3`
	sqlHasBoth    = `SELECT EXISTS (SELECT 1 FROM users WHERE id = $1) AND EXISTS (SELECT 1 FROM organizations WHERE id = $2)`
)

func (r Reader) Organization(ctx context.Context, id int64) (tokencore.Organization, error) {
	return one(ctx, r.session, "reading organization", scanOrganization, sqlOrganization, id)
}

func (r Reader) OrganizationByName(ctx context.Context, name string) (tokencore.Organization, error) {
	return one(ctx, r.session, "reading organization", scanOrganization, sqlOrganizationByName, name)
}

func (r Reader) Organizations(ctx context.Context, q tokencore.Query) ([]tokencore.Organization, int, error) {
	return page(ctx, r.session, "listing organizations", scanOrganization, sqlOrganizations, OrganizationTable, q)
}

func (r Reader) Roles(ctx context.Context, userID int64) (roles tokencore.Roles, err error) {
	_, err = list(ctx, r.session, "reading roles", func(row Row) (struct{}, error) {
		var organization int64
		var role tokencore.Role
		if err := row.Scan(&organization, &role); err != nil {
			return struct{}{}, err
		}
		switch role {
		case tokencore.RoleAdmin:
			roles.Admin = append(roles.Admin, organization)
		case tokencore.RoleMember:
			roles.Member = append(roles.Member, organization)
		case tokencore.RoleAuditor:
			roles.Auditor = append(roles.Auditor, organization)
		}
		return struct{}{}, nil
	}, sqlRoles, userID)
	if err != nil {
		return tokencore.Roles{}, err
	}
	return roles, nil
}

func (r Reader) Holders(ctx context.Context, organizationID int64, role tokencore.Role) ([]int64, error) {
	return list(ctx, r.session, "reading the holders of a role", scanID, sqlHolders, organizationID, string(role))
}

func (t *Tx) CreateOrganization(ctx context.Context, o *tokencore.Organization) error {
	id, err := t.session.insert(ctx, "creating organization", sqlCreateOrganization, organizationValues(*o)...)
	if err != nil {
		return err
	}
	o.ID = id
	return nil
}

func (t *Tx) UpdateOrganization(ctx context.Context, o tokencore.Organization) error {
	return t.session.must(ctx, fmt.Sprintf("updating organization %d", o.ID), sqlUpdateOrganization, append(organizationValues(o), o.ID)...)
}

func (t *Tx) DeleteOrganization(ctx context.Context, id int64) error {
	doing := fmt.Sprintf("deleting organization %d", id)
	// The organization goes first: it decides whether there is anything to delete.
	if err := t.session.must(ctx, doing, sqlDeleteOrganization, id); err != nil {
		return err
	}
	owned, err := list(ctx, t.session, doing, scanID, sqlOwnedApplications, id)
	if err != nil {
		return err
	}
	for _, application := range owned {
		if err := t.DeleteApplication(ctx, application); err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
	}
	return nil
}

func (t *Tx) GrantRole(ctx context.Context, organizationID, userID int64, role tokencore.Role) error {
	_, err := t.session.try(ctx, "granting role", sqlGrantRole, userID, organizationID, string(role))
	return err
}

func (t *Tx) RevokeRole(ctx context.Context, organizationID, userID int64, role tokencore.Role) error {
	known, err := one(ctx, t.session, "revoking role", scanTruth, sqlHasBoth, userID, organizationID)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("revoking role: user or organization: %w", tokencore.ErrNotFound)
	}
	_, err = t.session.exec(ctx, "revoking role", sqlRevokeRole, userID, organizationID, string(role))
	return err
}

// organizationValues are the columns but the id, in the order of the statements above.
func organizationValues(o tokencore.Organization) []any {
	return []any{
		o.AnsibleID, o.Name, o.Description, reference(o.CreatedBy), reference(o.ModifiedBy), o.MaxHosts, micros(o.Created), micros(o.Modified),
	}
}

func scanOrganization(r Row) (o tokencore.Organization, err error) {
	err = r.Scan(&o.ID, &o.AnsibleID, &o.Name, &o.Description, id{&o.CreatedBy}, id{&o.ModifiedBy}, &o.MaxHosts,
		moment{&o.Created}, moment{&o.Modified})
	return o, err
}
