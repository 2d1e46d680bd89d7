package awxapi

import (
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// userRoutes are the paths about users. With a remote directory there are none: AWX
// itself serves them.
func (a *API) userRoutes() []route {
	if a.config.Accounts == nil {
		return nil
	}
	return []route{
		{path: "/api/v2/me/", name: "Me", about: "Your own account.", get: a.getMe},
		{
			path: "/api/v2/users/", name: "User List", about: "The users whom you may see.",
			get: a.listUsers, post: a.createUser,
		},
		{
			path: "/api/v2/users/{user}/", name: "User Detail", about: "One user.",
			detail: userModel, get: a.getUser, put: a.putUser, patch: a.patchUser, delete: a.deleteUser,
		},
		{
			path: "/api/v2/users/{user}/organizations/", name: "User Organizations List", about: "The organizations of which the user is a member.",
			get: a.listOrganizationsOfMember,
		},
		{
			path: "/api/v2/users/{user}/admin_of_organizations/", name: "User Admin Of Organizations List", about: "The organizations that the user administers.",
			get: a.listOrganizationsOfAdmin,
		},
	}
}

// userModel is what may be asked about users.
var userModel = userOf("").with(&model{
	typeName: tokencore.ObjectUser,
	fields: map[string]field{
		"main_oauth2accesstoken": {kind: relationField, many: "tokens", related: tokenOf("")},
	},
	order: []tokencore.Order{{Field: "username"}},
}, userRelationsElsewhere, userRelationsUntold, resourceOf("username"))

// getMe answers with a list of one, as AWX does.
func (a *API) getMe(r *request) (answer, error) {
	return a.pageOfUsers(r, tokencore.Eq("id", r.actor.User.ID))
}

func (a *API) listUsers(r *request) (answer, error) { return a.pageOfUsers(r, tokencore.And{}) }

// pageOfUsers lists the users that the condition selects and the requester may see.
func (a *API) pageOfUsers(r *request, where tokencore.Expr) (answer, error) {
	visible, err := a.visibleUsers(r)
	if err != nil {
		return answer{}, err
	}
	return list(r, userModel, tokencore.And{where, visible}, a.svc.Store().Users, func(users []tokencore.User) ([]userJSON, error) {
		return a.usersJSON(r, users)
	})
}

// visibleUsers is the condition on users whom the requester may see.
func (a *API) visibleUsers(r *request) (tokencore.Expr, error) {
	settings, err := a.svc.Settings(r.Context())
	if err != nil {
		return nil, err
	}
	return r.actor.VisibleUsers(settings), nil
}

func (a *API) getUser(r *request) (answer, error) {
	user, err := a.user(r, 0)
	if err != nil {
		return answer{}, err
	}
	may, err := a.readsUser(r, user)
	if err != nil {
		return answer{}, err
	}
	if !may {
		return answer{}, forbidden()
	}
	body, err := a.userJSON(r, user)
	return ok(body), err
}

// deleteUser refuses everybody's own account. AWX has a sentence of its own for
// superusers, whom its permission layer lets pass.
func (a *API) deleteUser(r *request) (answer, error) {
	user, err := a.user(r, 0)
	if err != nil {
		a.announceGone(r, tokencore.ChangeUser, err)
		return answer{}, err
	}
	rights, err := a.accountRights(r)
	if err != nil {
		return answer{}, err
	}
	may, err := rights.deletes(user)
	switch {
	case err != nil:
		return answer{}, err
	case !may && r.actor.User.IsSuperuser:
		return answer{}, detail(http.StatusForbidden, "Cannot delete user.")
	case !may:
		return answer{}, forbidden()
	}
	if err := a.svc.DeleteUser(r.Context(), r.actor, user.ID); err != nil {
		return answer{}, found(modelUser, err)
	}
	return noContent(), nil
}
