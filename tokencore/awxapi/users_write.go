package awxapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// createUser is for superusers. AWX's permission layer lets organization admins
// through to the field errors of an empty body, which is how its UI learns the fields.
func (a *API) createUser(r *request) (answer, error) {
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	if !r.actor.User.IsSuperuser && (len(in) != 0 || !r.actor.AdministersAnyOrganization()) {
		return answer{}, forbidden()
	}
	user, err := a.newUser(r, in, func(ctx context.Context, user tokencore.User) (tokencore.User, error) {
		return a.svc.CreateUser(ctx, r.actor, user)
	})
	if err != nil {
		return answer{}, err
	}
	body, err := a.userJSON(r, user)
	return created(linkPath("users", user.ID), body), err
}

// newUser validates the body and lets create store an active user. The right is the
// caller's to check, but for the two flags that only superusers hand out.
func (a *API) newUser(r *request, in object, create userCreation) (tokencore.User, error) {
	fields, err := a.readUser(r, in, 0, false)
	if err != nil {
		return tokencore.User{}, err
	}
	if !r.actor.User.IsSuperuser && (isTrue(fields.isSuperuser) || isTrue(fields.isSystemAuditor)) {
		return tokencore.User{}, forbidden()
	}
	hash, err := a.hash(fields.password)
	if err != nil {
		return tokencore.User{}, err
	}
	user := tokencore.User{IsActive: true, PasswordHash: hash}
	fields.copyTo(&user)
	user, err = create(r.Context(), user)
	return user, usernameConflict(err)
}

// userCreation stores a new user: alone, or with a role.
type userCreation func(ctx context.Context, user tokencore.User) (tokencore.User, error)

// hash returns what is stored of a password; nothing for none and for the stand-in,
// which leaves a new user without a password, as in AWX.
func (a *API) hash(password *tokencore.Secret) (string, error) {
	if password == nil || password.IsZero() {
		return "", nil
	}
	return a.config.Accounts.HashPassword(*password)
}

// copyTo copies everything but the password.
func (fields userFields) copyTo(u *tokencore.User) {
	assign(&u.Username, fields.username)
	assign(&u.FirstName, fields.firstName)
	assign(&u.LastName, fields.lastName)
	assign(&u.Email, fields.email)
	assign(&u.IsSuperuser, fields.isSuperuser)
	assign(&u.IsSystemAuditor, fields.isSystemAuditor)
}

func assign[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func isTrue(b *bool) bool { return b != nil && *b }

// usernameConflict words a name that was taken after readUsername had looked.
func usernameConflict(err error) error {
	if errors.Is(err, tokencore.ErrConflict) {
		return invalid("username", textUsernameTaken)
	}
	return err
}

func (a *API) putUser(r *request) (answer, error) { return a.changeUser(r, false) }

func (a *API) patchUser(r *request) (answer, error) { return a.changeUser(r, true) }

// changeUser changes what the body names; only PUT demands a username.
func (a *API) changeUser(r *request, partial bool) (answer, error) {
	user, err := a.user(r, 0)
	if err != nil {
		return answer{}, err
	}
	in, err := r.object()
	if err != nil {
		return answer{}, err
	}
	if err := a.checkChangesUser(r, user, in); err != nil {
		return answer{}, err
	}
	fields, err := a.readUser(r, in, user.ID, partial)
	if err != nil {
		return answer{}, err
	}
	// Hashed here and not in the transaction, for which others have to wait.
	hash, err := a.hash(fields.password)
	if err != nil {
		return answer{}, err
	}
	user, err = a.svc.UpdateUser(r.Context(), r.actor, user.ID, func(u *tokencore.User) error {
		fields.copyTo(u)
		// AWX says nothing when it does not give an external account a password.
		if hash != "" && u.External == "" {
			u.PasswordHash = hash
		}
		return nil
	})
	if err != nil {
		return answer{}, found(modelUser, usernameConflict(err))
	}
	body, err := a.userJSON(r, user)
	return ok(body), err
}

// checkChangesUser looks at the raw body, before any field is validated: nobody but a
// superuser hands out the two flags, and who is not administering the user (which
// includes the user) may not rename it.
func (a *API) checkChangesUser(r *request, user tokencore.User, in object) error {
	rights, err := a.accountRights(r)
	if err != nil {
		return err
	}
	may, err := rights.changes(user)
	if err != nil {
		return err
	}
	self := user.ID == r.actor.User.ID
	superuser, superuserGiven := newForm(in).boolean("is_superuser")
	auditor, auditorGiven := newForm(in).boolean("is_system_auditor")
	switch {
	case !may:
		return forbidden()
	case r.actor.User.IsSuperuser:
		return nil
	case superuser, auditor && !self:
		return forbidden()
	}
	var refused []string
	if superuserGiven && superuser != user.IsSuperuser {
		refused = append(refused, "is_superuser")
	}
	if auditorGiven && auditor != user.IsSystemAuditor {
		refused = append(refused, "is_system_auditor")
	}
	administers, err := rights.administers(user, false)
	if err != nil {
		return err
	}
	if name, given := newForm(in).text("username", textRule{}); given && !administers && name != user.Username {
		refused = append(refused, "username")
	}
	if refused != nil {
		return detail(http.StatusForbidden, "Cannot change "+strings.Join(refused, ", ")+".")
	}
	return nil
}
