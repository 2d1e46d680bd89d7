package tokencore

import "context"

// The methods of this file and of roles.go change accounts that live in the store, for
// the local directory. Permissions and field rules are the caller's.

// CreateUser stores a new user. ErrConflict: the name is taken.
func (s *Service) CreateUser(ctx context.Context, by Actor, u User) (User, error) {
	return s.createUser(ctx, by, u, func(Tx, User) error { return nil })
}

// CreateUserWithRole stores a new user who holds a role from the beginning: there is
// the user with the role, or no user. ErrConflict: the name is taken; ErrNotFound: no
// such organization.
func (s *Service) CreateUserWithRole(ctx context.Context, by Actor, u User, organizationID int64, role Role) (User, error) {
	return s.createUser(ctx, by, u, func(tx Tx, created User) error {
		return s.grantRole(ctx, tx, by, organizationID, created.ID, role)
	})
}

// createUser stores a new user and lets then go on in the same transaction.
func (s *Service) createUser(ctx context.Context, by Actor, u User, then func(tx Tx, created User) error) (User, error) {
	var err error
	if u.AnsibleID, err = NewUUID(s.random); err != nil {
		return User{}, err
	}
	u.Created = s.Now()
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.CreateUser(ctx, &u); err != nil {
			return Unavailable("creating user", err)
		}
		err := s.record(ctx, tx, by, Activity{
			Operation: OperationCreate, Object: ObjectUser, ObjectID: u.ID, Changes: changesOf(wholeUser(u)...),
		})
		if err != nil {
			return err
		}
		// AWX stores the password, and the system auditor's role, after the user.
		if err := s.recordUserChanges(ctx, tx, by, u.ID, hiddenPassword(), auditorPairs(User{}, u)); err != nil {
			return err
		}
		return then(tx, u)
	})
	return u, err
}

// UpdateUser lets edit change a user. A new password ends the user's sessions but
// the actor's own, and so does disabling the user. ErrNotFound, ErrConflict, or whatever
// edit returns.
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
		if err := endSessions(ctx, tx, by, before, u); err != nil {
			return err
		}
		var password []pair
		if before.PasswordHash != u.PasswordHash {
			password = hiddenPassword()
		}
		return s.recordUserChanges(ctx, tx, by, id,
			changedPairs(userPairs(before), userPairs(u)), password, auditorPairs(before, u))
	})
	return u, err
}

// endSessions signs out whoever may have known the old password.
func endSessions(ctx context.Context, tx Tx, by Actor, before, after User) error {
	if before.PasswordHash == after.PasswordHash && (after.IsActive || !before.IsActive) {
		return nil
	}
	sessions, err := tx.Sessions(ctx, after.ID)
	if err != nil {
		return Unavailable("listing sessions", err)
	}
	for _, session := range sessions {
		if session.Digest == by.Session && after.IsActive {
			continue
		}
		if err := tx.DeleteSession(ctx, session.Digest); err != nil {
			return Unavailable("ending session", err)
		}
	}
	return nil
}

// recordUserChanges writes an entry for each set of changes that is not empty: AWX
// saves a user's fields, password and system role one after the other.
func (s *Service) recordUserChanges(ctx context.Context, tx Tx, by Actor, id int64, sets ...[]pair) error {
	for _, changed := range sets {
		if len(changed) == 0 {
			continue
		}
		err := s.record(ctx, tx, by, Activity{
			Operation: OperationUpdate, Object: ObjectUser, ObjectID: id, Changes: changesOf(changed...),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteUser deletes a user with every token, refresh token, code and role. ErrNotFound.
func (s *Service) DeleteUser(ctx context.Context, by Actor, id int64) error {
	err := s.store.Update(ctx, func(tx Tx) error {
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
			Operation: OperationDelete, Object: ObjectUser, ObjectID: id, Changes: changesOf(wholeUser(u)...),
		})
	})
	s.announceGone(Change{ChangeUser, id}, err)
	return err
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

// wholeUser is what the creation and the deletion of a user show.
func wholeUser(u User) []pair {
	return append(userPairs(u), pair{"password", "hidden"}, pair{"id", u.ID})
}

// hiddenPassword says that a password was changed, and nothing else.
func hiddenPassword() []pair { return []pair{{"password", []string{"hidden", "hidden"}}} }

func auditorPairs(before, after User) []pair {
	return changedPairs(
		[]pair{{"is_system_auditor", before.IsSystemAuditor}},
		[]pair{{"is_system_auditor", after.IsSystemAuditor}},
	)
}
