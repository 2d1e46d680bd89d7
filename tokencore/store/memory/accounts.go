package memory

import (
	"context"
	"fmt"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

func (r reader) User(ctx context.Context, id int64) (tokencore.User, error) {
	return row(ctx, r.guard, r.data.users, "user", id)
}

func (r reader) UserByName(ctx context.Context, username string) (tokencore.User, error) {
	return rowBy(ctx, r.guard, r.data.users, r.data.userByName, "user", username)
}

func (r reader) Users(ctx context.Context, q tokencore.Query) ([]tokencore.User, int, error) {
	return rows(ctx, r, r.data.users, userFields, q)
}

func (r reader) Organization(ctx context.Context, id int64) (tokencore.Organization, error) {
	return row(ctx, r.guard, r.data.organizations, "organization", id)
}

func (r reader) OrganizationByName(ctx context.Context, name string) (tokencore.Organization, error) {
	return rowBy(ctx, r.guard, r.data.organizations, r.data.organizationByName, "organization", name)
}

func (r reader) Organizations(ctx context.Context, q tokencore.Query) ([]tokencore.Organization, int, error) {
	return rows(ctx, r, r.data.organizations, organizationFields, q)
}

func (t *tx) CreateUser(ctx context.Context, u *tokencore.User) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(*u); err != nil {
		return err
	}
	if _, taken := t.data.userByName[u.Username]; taken {
		return fmt.Errorf("creating user: %w", tokencore.ErrConflict)
	}
	u.ID = t.data.users.nextID()
	t.putUser(*u)
	return nil
}

func (t *tx) UpdateUser(ctx context.Context, u tokencore.User) error {
	old, err := t.User(ctx, u.ID)
	if err != nil {
		return fmt.Errorf("updating: %w", err)
	}
	if err := match.Writable(u); err != nil {
		return err
	}
	if other, taken := t.data.userByName[u.Username]; taken && other != u.ID {
		return fmt.Errorf("updating user %d: %w", u.ID, tokencore.ErrConflict)
	}
	drop(&t.journal, t.data.userByName, old.Username)
	t.putUser(u)
	t.publish(tokencore.ChangeUser, u.ID)
	return nil
}

func (t *tx) DeleteUser(ctx context.Context, id int64) error {
	u, err := t.User(ctx, id)
	if err != nil {
		return fmt.Errorf("deleting: %w", err)
	}
	d := t.data
	t.removeRoles(func(h holding) bool { return h.user == id })
	t.removeRefreshTokens(d.refreshTokens.matching(func(r tokencore.RefreshToken) bool { return r.UserID == id }))
	t.removeCodes(d.codes.matching(func(c tokencore.AuthorizationCode) bool { return c.UserID == id }))
	t.removeSessions(d.sessions.matching(func(s tokencore.Session) bool { return s.UserID == id }))
	for _, token := range d.tokens.matching(func(o tokencore.Token) bool { return o.UserID == id }) {
		t.removeToken(token)
	}
	drop(&t.journal, d.userByName, u.Username)
	drop(&t.journal, d.users.rows, id)
	t.publish(tokencore.ChangeUser, id)
	return nil
}

func (t *tx) putUser(u tokencore.User) {
	u.Created, u.Modified, u.LastLogin = kept(u.Created), kept(u.Modified), kept(u.LastLogin)
	u.Social = slices.Clone(u.Social)
	set(&t.journal, t.data.users.rows, u.ID, u)
	set(&t.journal, t.data.userByName, u.Username, u.ID)
}

func (t *tx) CreateOrganization(ctx context.Context, o *tokencore.Organization) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(*o); err != nil {
		return err
	}
	if _, taken := t.data.organizationByName[o.Name]; taken {
		return fmt.Errorf("creating organization: %w", tokencore.ErrConflict)
	}
	o.ID = t.data.organizations.nextID()
	t.putOrganization(*o)
	return nil
}

func (t *tx) UpdateOrganization(ctx context.Context, o tokencore.Organization) error {
	old, err := t.Organization(ctx, o.ID)
	if err != nil {
		return fmt.Errorf("updating: %w", err)
	}
	if err := match.Writable(o); err != nil {
		return err
	}
	if other, taken := t.data.organizationByName[o.Name]; taken && other != o.ID {
		return fmt.Errorf("updating organization %d: %w", o.ID, tokencore.ErrConflict)
	}
	drop(&t.journal, t.data.organizationByName, old.Name)
	t.putOrganization(o)
	return nil
}

func (t *tx) DeleteOrganization(ctx context.Context, id int64) error {
	o, err := t.Organization(ctx, id)
	if err != nil {
		return fmt.Errorf("deleting: %w", err)
	}
	d := t.data
	owned := d.applications.matching(func(a tokencore.Application) bool { return a.OrganizationID == id })
	for _, application := range owned {
		if err := t.DeleteApplication(ctx, application); err != nil {
			return fmt.Errorf("deleting organization %d: %w", id, err)
		}
	}
	t.removeRoles(func(h holding) bool { return h.organization == id })
	drop(&t.journal, d.organizationByName, o.Name)
	drop(&t.journal, d.organizations.rows, id)
	return nil
}

func (t *tx) putOrganization(o tokencore.Organization) {
	o.Created, o.Modified = kept(o.Created), kept(o.Modified)
	set(&t.journal, t.data.organizations.rows, o.ID, o)
	set(&t.journal, t.data.organizationByName, o.Name, o.ID)
}
