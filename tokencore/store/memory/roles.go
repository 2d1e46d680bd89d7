package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

func (r reader) Roles(ctx context.Context, userID int64) (tokencore.Roles, error) {
	if err := r.guard.enter(ctx); err != nil {
		return tokencore.Roles{}, err
	}
	defer r.guard.leave()
	var roles tokencore.Roles
	for h := range r.data.roles {
		switch {
		case h.user != userID:
		case h.role == tokencore.RoleAdmin:
			roles.Admin = append(roles.Admin, h.organization)
		case h.role == tokencore.RoleMember:
			roles.Member = append(roles.Member, h.organization)
		case h.role == tokencore.RoleAuditor:
			roles.Auditor = append(roles.Auditor, h.organization)
		}
	}
	slices.Sort(roles.Admin)
	slices.Sort(roles.Member)
	slices.Sort(roles.Auditor)
	return roles, nil
}

func (r reader) Holders(ctx context.Context, organizationID int64, role tokencore.Role) ([]int64, error) {
	if err := r.guard.enter(ctx); err != nil {
		return nil, err
	}
	defer r.guard.leave()
	var users []int64
	for h := range r.data.roles {
		if h.organization == organizationID && h.role == role {
			users = append(users, h.user)
		}
	}
	slices.Sort(users)
	return users, nil
}

func (t *tx) GrantRole(ctx context.Context, organizationID, userID int64, role tokencore.Role) error {
	switch role {
	case tokencore.RoleAdmin, tokencore.RoleMember, tokencore.RoleAuditor:
	default:
		return tokencore.Unavailable("granting role", fmt.Errorf("there is no role %q", role))
	}
	if err := t.checkHolder(ctx, organizationID, userID); err != nil {
		return fmt.Errorf("granting role: %w", err)
	}
	set(&t.journal, t.data.roles, holding{organizationID, userID, role}, struct{}{})
	return nil
}

func (t *tx) RevokeRole(ctx context.Context, organizationID, userID int64, role tokencore.Role) error {
	if err := t.checkHolder(ctx, organizationID, userID); err != nil {
		return fmt.Errorf("revoking role: %w", err)
	}
	drop(&t.journal, t.data.roles, holding{organizationID, userID, role})
	return nil
}

func (t *tx) checkHolder(ctx context.Context, organizationID, userID int64) error {
	if _, err := t.Organization(ctx, organizationID); err != nil {
		return err
	}
	_, err := t.User(ctx, userID)
	return err
}

func (t *tx) removeRoles(match func(holding) bool) {
	for h := range t.data.roles {
		if match(h) {
			drop(&t.journal, t.data.roles, h)
		}
	}
}
