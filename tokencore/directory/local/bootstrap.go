package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// What a new AWX begins with.
const (
	firstUser         = "admin"
	firstOrganization = "Default"
)

// generatedLength gives a generated password 142 bits.
const generatedLength = 24

// Bootstrap gives a store without users what a new AWX has: the superuser "admin"
// and the organization "Default", each with id 1 in a store that is new. An empty
// password means that one is generated; it is returned, and known only now. A store
// with users is left alone, and of several processes that begin at the same time
// exactly one creates.
//
// As in AWX, the activity stream does not tell of these two.
func Bootstrap(ctx context.Context, store tokencore.Store, password tokencore.Secret) (generated tokencore.Secret, created bool, err error) {
	// Asked here as well, so that a start that has nothing to do does not hash.
	if empty, err := hasNoUsers(ctx, store); err != nil || !empty {
		return tokencore.Secret{}, false, err
	}
	if password.IsZero() {
		if generated, err = tokencore.GenerateSecret(nil, generatedLength); err != nil {
			return tokencore.Secret{}, false, err
		}
		password = generated
	}
	admin, organization, err := firstAccounts(password)
	if err != nil {
		return tokencore.Secret{}, false, err
	}
	err = store.Update(ctx, func(tx tokencore.Tx) error {
		empty, err := hasNoUsers(ctx, tx)
		if err != nil || !empty {
			return err
		}
		created = true
		return createFirst(ctx, tx, admin, organization)
	})
	if err != nil || !created {
		return tokencore.Secret{}, false, err
	}
	return generated, true, nil
}

func hasNoUsers(ctx context.Context, from tokencore.AccountReader) (bool, error) {
	users, _, err := from.Users(ctx, tokencore.Query{Limit: 1, SkipCount: true})
	return len(users) == 0, tokencore.Unavailable("looking for users", err)
}

func firstAccounts(password tokencore.Secret) (u tokencore.User, o tokencore.Organization, err error) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	u = tokencore.User{Username: firstUser, IsSuperuser: true, IsActive: true, Created: now}
	o = tokencore.Organization{Name: firstOrganization, Created: now, Modified: now}
	if u.PasswordHash, err = HashPassword(password); err != nil {
		return u, o, fmt.Errorf("hashing the first password: %w", err)
	}
	if u.AnsibleID, err = tokencore.NewUUID(nil); err != nil {
		return u, o, err
	}
	o.AnsibleID, err = tokencore.NewUUID(nil)
	return u, o, err
}

func createFirst(ctx context.Context, tx tokencore.Tx, admin tokencore.User, organization tokencore.Organization) error {
	if err := tx.CreateUser(ctx, &admin); err != nil {
		return tokencore.Unavailable("creating the first user", err)
	}
	// An import may have brought organizations without users.
	switch _, err := tx.OrganizationByName(ctx, firstOrganization); {
	case err == nil:
		return nil
	case !errors.Is(err, tokencore.ErrNotFound):
		return tokencore.Unavailable("looking up the first organization", err)
	}
	organization.CreatedBy, organization.ModifiedBy = admin.ID, admin.ID
	return tokencore.Unavailable("creating the first organization", tx.CreateOrganization(ctx, &organization))
}
