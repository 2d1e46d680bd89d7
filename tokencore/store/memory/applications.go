package memory

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

func (r reader) Application(ctx context.Context, id int64) (tokencore.Application, error) {
	return row(ctx, r.guard, r.data.applications, "application", id)
}

func (r reader) ApplicationByClientID(ctx context.Context, clientID string) (tokencore.Application, error) {
	return rowBy(ctx, r.guard, r.data.applications, r.data.applicationByClientID, "application", clientID)
}

func (r reader) Applications(ctx context.Context, q tokencore.Query) ([]tokencore.Application, int, error) {
	return rows(ctx, r, r.data.applications, applicationFields, q)
}

func (t *tx) CreateApplication(ctx context.Context, a *tokencore.Application) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(*a); err != nil {
		return err
	}
	created := *a
	created.ID = 0
	if err := t.checkApplication(created); err != nil {
		return fmt.Errorf("creating application: %w", err)
	}
	created.ID = t.data.applications.nextID()
	t.putApplication(created)
	a.ID = created.ID
	return nil
}

func (t *tx) UpdateApplication(ctx context.Context, a tokencore.Application) error {
	old, err := t.Application(ctx, a.ID)
	if err != nil {
		return fmt.Errorf("updating: %w", err)
	}
	if err := match.Writable(a); err != nil {
		return err
	}
	if err := t.checkApplication(a); err != nil {
		return fmt.Errorf("updating application %d: %w", a.ID, err)
	}
	drop(&t.journal, t.data.applicationByClientID, old.ClientID)
	t.putApplication(a)
	t.publish(tokencore.ChangeApplication, a.ID)
	return nil
}

func (t *tx) DeleteApplication(ctx context.Context, id int64) error {
	a, err := t.Application(ctx, id)
	if err != nil {
		return fmt.Errorf("deleting: %w", err)
	}
	d := t.data
	t.removeRefreshTokens(d.refreshTokens.matching(func(r tokencore.RefreshToken) bool { return r.ApplicationID == id }))
	t.removeCodes(d.codes.matching(func(c tokencore.AuthorizationCode) bool { return c.ApplicationID == id }))
	for _, token := range d.tokens.matching(func(o tokencore.Token) bool { return o.ApplicationID == id }) {
		t.removeToken(token)
		t.publish(tokencore.ChangeToken, token)
	}
	drop(&t.journal, d.applicationByClientID, a.ClientID)
	drop(&t.journal, d.applications.rows, id)
	t.publish(tokencore.ChangeApplication, id)
	return nil
}

// checkApplication finds a broken unique rule. An empty client id is absent, and
// so equal to no other.
func (t *tx) checkApplication(a tokencore.Application) error {
	for _, other := range t.data.applications.rows {
		switch {
		case other.ID == a.ID:
		case a.ClientID != "" && other.ClientID == a.ClientID:
			return fmt.Errorf("client id: %w", tokencore.ErrConflict)
		case a.OrganizationID != 0 && other.OrganizationID == a.OrganizationID && other.Name == a.Name:
			return fmt.Errorf("name in organization: %w", tokencore.ErrConflict)
		}
	}
	return nil
}

func (t *tx) putApplication(a tokencore.Application) {
	a.Created, a.Modified = kept(a.Created), kept(a.Modified)
	set(&t.journal, t.data.applications.rows, a.ID, a)
	if a.ClientID != "" {
		set(&t.journal, t.data.applicationByClientID, a.ClientID, a.ID)
	}
}

// checkOwner refuses rows of an application that is gone: a grant that races its
// deletion must not leave tokens behind.
func (t *tx) checkOwner(applicationID int64) error {
	if _, ok := t.data.applications.rows[applicationID]; !ok && applicationID != 0 {
		return fmt.Errorf("application %d: %w", applicationID, tokencore.ErrNotFound)
	}
	return nil
}
