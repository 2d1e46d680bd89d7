package tokencore

import "context"

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
	err := s.store.Update(ctx, func(tx Tx) error {
		o, err := tx.Organization(ctx, id)
		if err != nil {
			return Unavailable("loading organization", err)
		}
		// All tokens first, then all applications: AWX deletes kind by kind.
		if err := s.dropTokens(ctx, tx, by, Eq("application.organization", id)); err != nil {
			return err
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
	s.announceGone(Change{Kind: ChangeAll}, err) // whose tokens it had, nobody can say any more
	return err
}

func organizationPairs(o Organization) []pair {
	return []pair{
		{"name", o.Name},
		{"description", o.Description},
		{"max_hosts", o.MaxHosts},
		{"default_environment", nil},
	}
}
