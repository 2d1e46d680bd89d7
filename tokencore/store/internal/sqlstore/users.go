package sqlstore

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlUsers = `SELECT id, ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor, is_active,
			password_hash, ldap_dn, external, social, created, modified, last_login
		FROM users`
	sqlUser       = sqlUsers + ` WHERE id = $1`
	sqlUserByName = sqlUsers + ` WHERE username = $1`

	sqlCreateUser = `INSERT INTO users (ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor,
			is_active, password_hash, ldap_dn, external, social, created, modified, last_login)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id`
	sqlUpdateUser = `UPDATE users SET ansible_id = $1, username = $2, first_name = $3, last_name = $4, email = $5, is_superuser = $6,
			is_system_auditor = $7, is_active = $8, password_hash = $9, ldap_dn = $10, external = $11, social = $12, created = $13,
			modified = $14, last_login = $15
		WHERE id = $16`

	// Roles go with the user by foreign key; credentials may belong to users of
	// another directory and have none.
	sqlDeleteUserTokens   = `DELETE FROM tokens WHERE user_id = $1`
	sqlDeleteUserCodes    = `DELETE FROM codes WHERE user_id = $1`
	sqlDeleteUserSessions = `DELETE FROM sessions WHERE user_id = $1`
	sqlDeleteUser         = `DELETE FROM users WHERE id = $1`
)

func (r Reader) User(ctx context.Context, id int64) (tokencore.User, error) {
	return one(ctx, r.session, "reading user", scanUser, sqlUser, id)
}

func (r Reader) UserByName(ctx context.Context, username string) (tokencore.User, error) {
	return one(ctx, r.session, "reading user", scanUser, sqlUserByName, username)
}

func (r Reader) Users(ctx context.Context, q tokencore.Query) ([]tokencore.User, int, error) {
	return page(ctx, r.session, "listing users", scanUser, sqlUsers, UserTable, q)
}

func (t *Tx) CreateUser(ctx context.Context, u *tokencore.User) error {
	id, err := t.session.insert(ctx, "creating user", sqlCreateUser, userValues(*u)...)
	if err != nil {
		return err
	}
	u.ID = id
	return nil
}

func (t *Tx) UpdateUser(ctx context.Context, u tokencore.User) error {
	if err := t.session.must(ctx, fmt.Sprintf("updating user %d", u.ID), sqlUpdateUser, append(userValues(u), u.ID)...); err != nil {
		return err
	}
	t.publish(tokencore.ChangeUser, u.ID)
	return nil
}

func (t *Tx) DeleteUser(ctx context.Context, id int64) error {
	doing := fmt.Sprintf("deleting user %d", id)
	// The user goes first: it decides whether there is anything to delete.
	if err := t.session.must(ctx, doing, sqlDeleteUser, id); err != nil {
		return err
	}
	if _, err := t.dropRefreshTokens(ctx, doing, `user_id = $1`, id); err != nil {
		return err
	}
	for _, query := range []string{sqlDeleteUserTokens, sqlDeleteUserCodes, sqlDeleteUserSessions} {
		if _, err := t.session.exec(ctx, doing, query, id); err != nil {
			return err
		}
	}
	t.publish(tokencore.ChangeUser, id)
	return nil
}

// userValues are the columns but the id, in the order of the statements above.
func userValues(u tokencore.User) []any {
	return []any{
		u.AnsibleID, u.Username, u.FirstName, u.LastName, u.Email, u.IsSuperuser, u.IsSystemAuditor, u.IsActive,
		u.PasswordHash, u.LDAPDN, u.External,
		socialLogins{&u.Social},
		micros(u.Created), micros(u.Modified), maybe(u.LastLogin),
	}
}

func scanUser(r Row) (u tokencore.User, err error) {
	err = r.Scan(&u.ID, &u.AnsibleID, &u.Username, &u.FirstName, &u.LastName, &u.Email, &u.IsSuperuser, &u.IsSystemAuditor, &u.IsActive,
		&u.PasswordHash, &u.LDAPDN, &u.External, socialLogins{&u.Social}, moment{&u.Created}, moment{&u.Modified}, moment{&u.LastLogin})
	return u, err
}
