package sqlite

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	applicationColumns = `id, name, description, coalesce(client_id, ''), secret_digest, client_type, redirect_uris,
		grant_type, skip_authorization, organization_id, user_id, created, modified`

	sqlApplications          = `SELECT ` + applicationColumns + ` FROM applications`
	sqlApplication           = sqlApplications + ` WHERE id = ?`
	sqlApplicationByClientID = sqlApplications + ` WHERE client_id = ?`

	// An empty client id is stored as NULL, which neither matches nor conflicts.
	sqlCreateApplication = `INSERT INTO applications (name, description, client_id, secret_digest, client_type, redirect_uris,
			grant_type, skip_authorization, organization_id, user_id, created, modified)
		VALUES (?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	sqlUpdateApplication = `UPDATE applications SET name = ?, description = ?, client_id = nullif(?, ''), secret_digest = ?,
			client_type = ?, redirect_uris = ?, grant_type = ?, skip_authorization = ?, organization_id = ?, user_id = ?,
			created = ?, modified = ?
		WHERE id = ?`

	// Refresh tokens and codes go with their application by foreign key.
	sqlDeleteApplicationTokens = `DELETE FROM tokens WHERE application_id = ? RETURNING id`
	sqlDeleteApplication       = `DELETE FROM applications WHERE id = ?`
)

func (r reader) Application(ctx context.Context, id int64) (tokencore.Application, error) {
	return one(ctx, r.session, "reading application", scanApplication, sqlApplication, id)
}

func (r reader) ApplicationByClientID(ctx context.Context, clientID string) (tokencore.Application, error) {
	return one(ctx, r.session, "reading application", scanApplication, sqlApplicationByClientID, clientID)
}

func (r reader) Applications(ctx context.Context, q tokencore.Query) ([]tokencore.Application, int, error) {
	return page(ctx, r.session, "listing applications", scanApplication, sqlApplications, applicationTable, q)
}

func (t *tx) CreateApplication(ctx context.Context, a *tokencore.Application) error {
	id, err := one(ctx, t.session, "creating application", scanID, sqlCreateApplication, applicationValues(*a)...)
	if err != nil {
		return err
	}
	a.ID = id
	return nil
}

func (t *tx) UpdateApplication(ctx context.Context, a tokencore.Application) error {
	if err := t.session.must(ctx, "updating application", sqlUpdateApplication, append(applicationValues(a), a.ID)...); err != nil {
		return err
	}
	t.publish(tokencore.ChangeApplication, a.ID)
	return nil
}

func (t *tx) DeleteApplication(ctx context.Context, id int64) error {
	tokens, err := list(ctx, t.session, "deleting the tokens of an application", scanID, sqlDeleteApplicationTokens, id)
	if err != nil {
		return err
	}
	if err := t.session.must(ctx, fmt.Sprintf("deleting application %d", id), sqlDeleteApplication, id); err != nil {
		return err
	}
	for _, token := range tokens {
		t.publish(tokencore.ChangeToken, token)
	}
	t.publish(tokencore.ChangeApplication, id)
	return nil
}

// applicationValues are the columns but the id, in the order of the statements above.
func applicationValues(a tokencore.Application) []any {
	return []any{
		a.Name, a.Description, a.ClientID, a.SecretDigest[:], string(a.ClientType), a.RedirectURIs,
		string(a.GrantType), a.SkipAuthorization, reference(a.OrganizationID), reference(a.UserID), micros(a.Created), micros(a.Modified),
	}
}

func scanApplication(r row) (a tokencore.Application, err error) {
	err = r.Scan(&a.ID, &a.Name, &a.Description, &a.ClientID, digest{&a.SecretDigest}, &a.ClientType, &a.RedirectURIs,
		&a.GrantType, &a.SkipAuthorization, id{&a.OrganizationID}, id{&a.UserID}, moment{&a.Created}, moment{&a.Modified})
	return a, err
}
