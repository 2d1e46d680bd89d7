package tokencore

import "context"

// The methods of this file change accounts that live in the store, for the local
// directory. Permissions and field rules are the caller's.

// CreateUser stores a new user. ErrConflict: the name is taken.
func (s *Service) CreateUser(ctx context.Context, by Actor, u User) (User, error) {
	var err error
	if u.AnsibleID, err = NewUUID(s.random); err != nil {
		return User{}, err
	}
	u.Created = s.Now()
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.CreateUser(ctx, &u); err != nil {
			return Unavailable("creating user", err)
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationCreate, Object: ObjectUser, ObjectID: u.ID,
			Changes: changesOf(append(userPairs(u), pair{"password", "hidden"}, pair{"id", u.ID})...),
		})
	})
	return u, err
}

// UpdateUser lets edit change a user. ErrNotFound, ErrConflict, or whatever edit returns.
func (s *Service) UpdateUser(ctx context.Context, by Actor, id int64, edit func(*User) error) (User, error) {
	var u User
	err := s.store.Update(ctx, func(tx Tx) error {
		before, err := tx.User(ctx, id)
		if err != nil {
			return Unavailable("loading user", err)
		}
		u = before
		if err := edit(&u); err != nil {
			return err
		}
		u.ID, u.AnsibleID, u.Created, u.Modified = before.ID, before.AnsibleID, before.Created, s.Now()
		if err := tx.UpdateUser(ctx, u); err != nil {
			return Unavailable("updating user", err)
		}
		changed := changedPairs(userPairs(before), userPairs(u))
		if before.PasswordHash != u.PasswordHash {
			changed = append(changed, pair{"password", []any{"hidden", "hidden"}})
		}
		if len(changed) == 0 {
			return nil
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationUpdate, Object: ObjectUser, ObjectID: id, Changes: changesOf(changed...),
		})
	})
	return u, err
}

// DeleteUser deletes a user with every token, refresh token, code and role. ErrNotFound.
func (s *Service) DeleteUser(ctx context.Context, by Actor, id int64) error {
	return s.store.Update(ctx, func(tx Tx) error {
		u, err := tx.User(ctx, id)
		if err != nil {
			return Unavailable("loading user", err)
		}
		if err := s.dropTokens(ctx, tx, by, Eq("user", id)); err != nil {
			return err
		}
		if err := tx.DeleteUser(ctx, id); err != nil {
			return Unavailable("deleting user", err)
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationDelete, Object: ObjectUser, ObjectID: id,
			Changes: changesOf(append(userPairs(u), pair{"password", "hidden"}, pair{"id", id})...),
		})
	})
}

// CreateOrganization stores a new organization. ErrConflict: the name is taken.
func (s *Service) CreateOrganization(ctx context.Context, by Actor, o Organization) (Organization, error) {
	var err error
	if o.AnsibleID, err = NewUUID(s.random); err != nil {
		return Organization{}, err
	}
	o.Created, o.CreatedBy, o.ModifiedBy = s.Now(), by.User.ID, by.User.ID
	o.Modified = o.Created
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.CreateOrganization(ctx, &o); err != nil {
			return Unavailable("creating organization", err)
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationCreate, Object: ObjectOrganization, ObjectID: o.ID,
			Changes: changesOf(append(organizationPairs(o), pair{"id", o.ID})...),
		})
	})
	return o, err
}

// UpdateOrganization lets edit change an organization. ErrNotFound, ErrConflict, or
// whatever edit returns.
func (s *Service) UpdateOrganization(ctx context.Context, by Actor, id int64, edit func(*Organization) error) (Organization, error) {
	var o Organization
	err := s.store.Update(ctx, func(tx Tx) error {
		before, err := tx.Organization(ctx, id)
		if err != nil {
			return Unavailable("loading organization", err)
		}
		o = before
		if err := edit(&o); err != nil {
			return err
		}
		o.ID, o.AnsibleID, o.Created, o.CreatedBy = before.ID, before.AnsibleID, before.Created, before.CreatedBy
		o.Modified, o.ModifiedBy = s.Now(), by.User.ID
		if err := tx.UpdateOrganization(ctx, o); err != nil {
			return Unavailable("updating organization", err)
		}
		changed := changedPairs(organizationPairs(before), organizationPairs(o))
		if len(changed) == 0 {
			return nil
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationUpdate, Object: ObjectOrganization, ObjectID: id, Changes: changesOf(changed...),
		})
	})
	return o, err
}

// DeleteOrganization deletes an organization with its applications and everything
// issued through them. ErrNotFound.
func (s *Service) DeleteOrganization(ctx context.Context, by Actor, id int64) error {
	return s.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Organization(ctx, id)
		if err != nil {
			return Unavailable("loading organization", err)
		}
		apps, _, err := tx.Applications(ctx, Query{Where: Eq("organization", id), SkipCount: true})
		if err != nil {
			return Unavailable("listing applications", err)
		}
		for _, app := range apps {
			if err := s.dropApplication(ctx, tx, by, app.ID, map[int64]string{id: o.Name}); err != nil {
				return err
			}
		}
		if err := tx.DeleteOrganization(ctx, id); err != nil {
			return Unavailable("deleting organization", err)
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationDelete, Object: ObjectOrganization, ObjectID: id,
			Changes: changesOf(append(organizationPairs(o), pair{"id", id})...),
		})
	})
}

// GrantRole gives a user a role in an organization; giving it twice is no error.
// ErrNotFound: no such user or organization.
func (s *Service) GrantRole(ctx context.Context, by Actor, organizationID, userID int64, role Role) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.GrantRole(ctx, organizationID, userID, role); err != nil {
			return Unavailable("granting role", err)
		}
		return s.record(ctx, tx, by, roleActivity(OperationAssociate, organizationID, userID, role))
	})
}

// RevokeRole takes a role from a user; taking what is not there is no error.
// ErrNotFound: no such user or organization.
func (s *Service) RevokeRole(ctx context.Context, by Actor, organizationID, userID int64, role Role) error {
	return s.store.Update(ctx, func(tx Tx) error {
		if err := tx.RevokeRole(ctx, organizationID, userID, role); err != nil {
			return Unavailable("revoking role", err)
		}
		return s.record(ctx, tx, by, roleActivity(OperationDisassociate, organizationID, userID, role))
	})
}

func roleActivity(operation string, organizationID, userID int64, role Role) Activity {
	return Activity{
		Operation: operation, Object: ObjectOrganization, ObjectID: organizationID, Object2: ObjectUser, Object2ID: userID,
		Changes: changesOf(pair{"object1", ObjectOrganization}, pair{"object1_pk", organizationID},
			pair{"object2", ObjectUser}, pair{"object2_pk", userID}, pair{"action", operation},
			pair{"relationship", string(role) + "_role"}),
	}
}

func userPairs(u User) []pair {
	return []pair{
		{"username", u.Username},
		{"first_name", u.FirstName},
		{"last_name", u.LastName},
		{"email", u.Email},
		{"is_superuser", u.IsSuperuser},
	}
}

func organizationPairs(o Organization) []pair {
	return []pair{
		{"name", o.Name},
		{"description", o.Description},
		{"max_hosts", o.MaxHosts},
		{"default_environment", nil},
	}
}
