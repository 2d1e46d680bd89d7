package tokencore

import "context"

// GrantRole gives a user a role in an organization; giving it twice is no error, and
// recorded once. ErrNotFound: no such user or organization.
func (s *Service) GrantRole(ctx context.Context, by Actor, organizationID, userID int64, role Role) error {
	return s.store.Update(ctx, func(tx Tx) error { return s.grantRole(ctx, tx, by, organizationID, userID, role) })
}

func (s *Service) grantRole(ctx context.Context, tx Tx, by Actor, organizationID, userID int64, role Role) error {
	held, err := tx.Roles(ctx, userID)
	if err != nil {
		return Unavailable("looking up roles", err)
	}
	if err := tx.GrantRole(ctx, organizationID, userID, role); err != nil {
		return Unavailable("granting role", err)
	}
	if held.Has(role, organizationID) {
		return nil
	}
	return s.record(ctx, tx, by, roleActivity(OperationAssociate, organizationID, userID, role))
}

// RevokeRole takes a role from a user; taking what is not there is no error, and not
// recorded. ErrNotFound: no such user or organization.
func (s *Service) RevokeRole(ctx context.Context, by Actor, organizationID, userID int64, role Role) error {
	return s.store.Update(ctx, func(tx Tx) error {
		held, err := tx.Roles(ctx, userID)
		if err != nil {
			return Unavailable("looking up roles", err)
		}
		if err := tx.RevokeRole(ctx, organizationID, userID, role); err != nil {
			return Unavailable("revoking role", err)
		}
		if !held.Has(role, organizationID) {
			return nil
		}
		return s.record(ctx, tx, by, roleActivity(OperationDisassociate, organizationID, userID, role))
	})
}

// roleActivity names the relationship as AWX does: after the table that holds it.
func roleActivity(operation string, organizationID, userID int64, role Role) Activity {
	return Activity{
		Operation: operation, Object: ObjectOrganization, ObjectID: organizationID,
		Object2: ObjectUser, Object2ID: userID, Role: role,
		Changes: changesOf(
			pair{"object1", ObjectOrganization}, pair{"object1_pk", organizationID},
			pair{"object2", ObjectUser}, pair{"object2_pk", userID},
			pair{"action", operation}, pair{"relationship", "awx.main.models.rbac.Role_members"},
		),
	}
}
