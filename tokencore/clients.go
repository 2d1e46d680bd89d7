package tokencore

import (
	"context"
	"time"
)

// CreateApplication stores a new application and returns it with its client id,
// and the client secret that is known only now. The caller has validated the
// fields (CheckRedirectURIs) and checked the actor's right.
// ErrConflict: the organization has an application of that name.
func (s *Service) CreateApplication(ctx context.Context, by Actor, app Application) (Application, Secret, error) {
	secret, err := GenerateSecret(s.random, ClientSecretLength)
	if err != nil {
		return Application{}, Secret{}, err
	}
	if app.ClientID, err = randomText(s.random, ClientIDLength); err != nil {
		return Application{}, Secret{}, err
	}
	app.SecretDigest = secret.Digest(KindClient)
	app.Created = s.Now()
	app.Modified = app.Created
	names, err := s.organizationNames(ctx, app.OrganizationID)
	if err != nil {
		return Application{}, Secret{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := tx.CreateApplication(ctx, &app); err != nil {
			return Unavailable("creating application", err)
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationCreate, Object: ObjectApplication, ObjectID: app.ID,
			Changes: changesOf(append(applicationPairs(app, names), pair{"id", app.ID})...),
		})
	})
	return app, secret, err
}

// UpdateApplication lets edit change the application's own columns and stores it.
// edit may run twice and must depend on nothing but its argument. An application
// that becomes confidential gets a new secret, which is returned: the one it had as
// a public application was never shown to anybody.
// ErrNotFound, ErrConflict, or whatever edit returns.
func (s *Service) UpdateApplication(ctx context.Context, by Actor, id int64, edit func(*Application) error) (Application, Secret, error) {
	names, err := s.organizationsOfEdit(ctx, id, edit)
	if err != nil {
		return Application{}, Secret{}, err
	}
	var app Application
	var secret Secret
	err = s.store.Update(ctx, func(tx Tx) error {
		before, err := tx.Application(ctx, id)
		if err != nil {
			return Unavailable("loading application", err)
		}
		app = before
		if err := edit(&app); err != nil {
			return err
		}
		app.ID, app.ClientID, app.Created, app.Modified = before.ID, before.ClientID, before.Created, s.Now()
		if before.ClientType == Public && app.ClientType == Confidential {
			if secret, err = GenerateSecret(s.random, ClientSecretLength); err != nil {
				return err
			}
			app.SecretDigest = secret.Digest(KindClient)
		}
		if before.RedirectURIs != app.RedirectURIs {
			// A code on its way to an address that is no longer registered must not be redeemed.
			if _, err := tx.DeleteCodes(ctx, app.ID, 0, time.Time{}, 0); err != nil {
				return Unavailable("deleting codes", err)
			}
		}
		if err := tx.UpdateApplication(ctx, app); err != nil {
			return Unavailable("updating application", err)
		}
		changed := changedPairs(applicationPairs(before, names), applicationPairs(app, names))
		if len(changed) == 0 {
			return nil
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationUpdate, Object: ObjectApplication, ObjectID: app.ID, Changes: changesOf(changed...),
		})
	})
	return app, secret, err
}

// organizationsOfEdit tries the edit to learn which organizations it is about.
func (s *Service) organizationsOfEdit(ctx context.Context, id int64, edit func(*Application) error) (map[int64]string, error) {
	before, err := s.store.Application(ctx, id)
	if err != nil {
		return nil, Unavailable("loading application", err)
	}
	after := before
	if err := edit(&after); err != nil {
		return nil, err
	}
	return s.organizationNames(ctx, before.OrganizationID, after.OrganizationID)
}

// DeleteApplication deletes the application with everything issued through it.
// ErrNotFound.
func (s *Service) DeleteApplication(ctx context.Context, by Actor, id int64) error {
	app, err := s.store.Application(ctx, id)
	if err != nil {
		s.announceGone(Change{ChangeApplication, id}, err)
		return Unavailable("loading application", err)
	}
	names, err := s.organizationNames(ctx, app.OrganizationID)
	if err != nil {
		return err
	}
	err = s.store.Update(ctx, func(tx Tx) error { return s.dropApplication(ctx, tx, by, id, names) })
	s.announceGone(Change{ChangeApplication, id}, err)
	return err
}

// dropApplication records, as AWX does, the deletion of each token before that of the application.
func (s *Service) dropApplication(ctx context.Context, tx Tx, by Actor, id int64, names map[int64]string) error {
	app, err := tx.Application(ctx, id)
	if err != nil {
		return Unavailable("loading application", err)
	}
	if err := s.dropTokens(ctx, tx, by, Eq("application", id)); err != nil {
		return err
	}
	if err := tx.DeleteApplication(ctx, id); err != nil {
		return Unavailable("deleting application", err)
	}
	return s.record(ctx, tx, by, Activity{
		Operation: OperationDelete, Object: ObjectApplication, ObjectID: id,
		Changes: changesOf(append(applicationPairs(app, names), pair{"id", id})...),
	})
}
