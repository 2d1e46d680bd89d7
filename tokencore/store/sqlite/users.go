package sqlite

import (
	"context"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlUsers = `SELECT id, ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor, is_active,
			password_hash, ldap_dn, external, social, created, modified, last_login
		FROM users`
	sqlUser       = sqlUsers + ` WHERE id = ?`
	sqlUserByName = sqlUsers + ` WHERE username = ?`

	sqlCreateUser = `INSERT INTO users (ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor,
			is_active, password_hash, ldap_dn, external, social, created, modified, last_login)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
	sqlUpdateUser = `UPDATE users SET ansible_id = ?, username = ?, first_name = ?, last_name = ?, email = ?, is_superuser = ?,
			is_system_auditor = ?, is_active = ?, password_hash = ?, ldap_dn = ?, external = ?, social = ?, created = ?,
			modified = ?, last_login = ?
		WHERE id = ?`

	// Roles go with the user by foreign key; credentials may belong to users of
	// another directory and have none.
	sqlDeleteUserRefreshTokens = `DELETE FROM refresh_tokens WHERE user_id = ?`
	sqlDeleteUserTokens        = `DELETE FROM tokens WHERE user_id = ?`
	sqlDeleteUserCodes         = `DELETE FROM codes WHERE user_id = ?`
	sqlDeleteUserSessions      = `DELETE FROM sessions WHERE user_id = ?`
	sqlDeleteUser              = `DELETE FROM users WHERE id = ?`
)

func (r reader) User(ctx context.Context, id int64) (tokencore.User, error) {
	return one(ctx, r.session, "reading user", scanUser, sqlUser, id)
}

func (r reader) UserByName(ctx context.Context, username string) (tokencore.User, error) {
	return one(ctx, r.session, "reading user", scanUser, sqlUserByName, username)
}

func (r reader) Users(ctx context.Context, q tokencore.Query) ([]tokencore.User, int, error) {
	return page(ctx, r.session, "listing users", scanUser, sqlUsers, userTable, q)
}

func (t *tx) CreateUser(ctx context.Context, u *tokencore.User) error {
	id, err := one(ctx, t.session, "creating user", scanID, sqlCreateUser, userValues(*u)...)
	if err != nil {
		return err
	}
	u.ID = id
	return nil
}

func (t *tx) UpdateUser(ctx context.Context, u tokencore.User) error {
	if err := t.session.must(ctx, fmt.Sprintf("updating user %d", u.ID), sqlUpdateUser, append(userValues(u), u.ID)...); err != nil {
		return err
	}
	t.publish(tokencore.ChangeUser, u.ID)
	return nil
}

func (t *tx) DeleteUser(ctx context.Context, id int64) error {
	doing := fmt.Sprintf("deleting user %d", id)
	// The user goes first: it decides whether there is anything to delete.
	if err := t.session.must(ctx, doing, sqlDeleteUser, id); err != nil {
		return err
	}
	for _, query := range []string{sqlDeleteUserRefreshTokens, sqlDeleteUserTokens, sqlDeleteUserCodes, sqlDeleteUserSessions} {
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

func scanUser(r row) (u tokencore.User, err error) {
	err = r.Scan(&u.ID, &u.AnsibleID, &u.Username, &u.FirstName, &u.LastName, &u.Email, &u.IsSuperuser, &u.IsSystemAuditor, &u.IsActive,
		&u.PasswordHash, &u.LDAPDN, &u.External, socialLogins{&u.Social}, moment{&u.Created}, moment{&u.Modified}, moment{&u.LastLogin})
	return u, err
}
