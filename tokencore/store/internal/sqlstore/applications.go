package sqlstore

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	applicationColumns = `id, name, description, coalesce(client_id, ''), secret_digest, client_type, redirect_uris,
		grant_type, skip_authorization, organization_id, user_id, created, modified`

	sqlApplications          = `SELECT ` + applicationColumns + ` FROM applications`
	sqlApplication           = sqlApplications + ` WHERE id = $1`
	sqlApplicationByClientID = sqlApplications + ` WHERE client_id = $1`

	// An empty client id is stored as NULL, which neither matches nor conflicts.
	sqlCreateApplication = `INSERT INTO applications (name, description, client_id, secret_digest, client_type, redirect_uris,
			grant_type, skip_authorization, organization_id, user_id, created, modified)
		VALUES ($1, $2, nullif($3, ''), $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`
	sqlUpdateApplication = `UPDATE applications SET name = $1, description = $2, client_id = nullif($3, ''), secret_digest = $4,
			client_type = $5, redirect_uris = $6, grant_type = $7, skip_authorization = $8, organization_id = $9, user_id = $10,
			created = $11, modified = $12
		WHERE id = $13`

	// Codes go with their application by foreign key.
	sqlDeleteApplicationTokens = `DELETE FROM tokens WHERE application_id = $1 RETURNING id`
	sqlDeleteApplication       = `DELETE FROM applications WHERE id = $1`
)

func (r Reader) Application(ctx context.Context, id int64) (tokencore.Application, error) {
	return one(ctx, r.session, "reading application", scanApplication, sqlApplication, id)
}

func (r Reader) ApplicationByClientID(ctx context.Context, clientID string) (tokencore.Application, error) {
	return one(ctx, r.session, "reading application", scanApplication, sqlApplicationByClientID, clientID)
}

func (r Reader) Applications(ctx context.Context, q tokencore.Query) ([]tokencore.Application, int, error) {
	return page(ctx, r.session, "listing applications", scanApplication, sqlApplications, ApplicationTable, q)
}

func (t *Tx) CreateApplication(ctx context.Context, a *tokencore.Application) error {
	id, err := t.session.insert(ctx, "creating application", sqlCreateApplication, applicationValues(*a)...)
	if err != nil {
		return err
	}
	a.ID = id
	return nil
}

func (t *Tx) UpdateApplication(ctx context.Context, a tokencore.Application) error {
	if err := t.session.must(ctx, "updating application", sqlUpdateApplication, append(applicationValues(a), a.ID)...); err != nil {
		return err
	}
	t.publish(tokencore.ChangeApplication, a.ID)
	return nil
}

func (t *Tx) DeleteApplication(ctx context.Context, id int64) error {
	if _, err := t.dropRefreshTokens(ctx, "deleting the refresh tokens of an application", `application_id = $1`, id); err != nil {
		return err
	}
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

func scanApplication(r Row) (a tokencore.Application, err error) {
	err = r.Scan(&a.ID, &a.Name, &a.Description, &a.ClientID, digest{&a.SecretDigest}, &a.ClientType, &a.RedirectURIs,
		&a.GrantType, &a.SkipAuthorization, id{&a.OrganizationID}, id{&a.UserID}, moment{&a.Created}, moment{&a.Modified})
	return a, err
}
