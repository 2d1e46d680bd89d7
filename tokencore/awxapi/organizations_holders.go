package awxapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// listHolders lists the users who hold a role in the organization.
func (a *API) listHolders(role tokencore.Role) handler {
	return func(r *request) (answer, error) {
		o, err := a.readableOrganization(r, 0)
		if err != nil {
			return answer{}, err
		}
		holders, err := a.svc.Store().Holders(r.Context(), o.ID, role)
		if err != nil {
			return answer{}, tokencore.Unavailable("listing holders of a role", err)
		}
		return a.pageOfUsers(r, tokencore.Compare{Field: "id", Op: tokencore.In, Value: holders})
	}
}

// changeHolders gives the role to a user whose id is in the body, or takes it if
// there also is "disassociate", whatever its value; without an id it creates the user.
func (a *API) changeHolders(role tokencore.Role) handler {
	return func(r *request) (answer, error) {
		o, err := a.readableOrganization(r, 0)
		if err != nil {
			return answer{}, err
		}
		in, err := r.object()
		if err != nil {
			return answer{}, err
		}
		id, given, err := holderID(in)
		if err != nil {
			return answer{}, err
		}
		_, detach := in["disassociate"]
		switch {
		case detach && !given:
			return answer{}, badMessage(`"id" is required to disassociate`)
		case detach:
			return a.detach(r, o, id, role)
		case given:
			return a.attach(r, o, id, role)
		default:
			return a.createHolder(r, o, role, in)
		}
	}
}

// holderID reads the id of the body. AWX takes everything that is empty for absent.
func holderID(in object) (id int64, given bool, err error) {
	value := in["id"]
	if isEmpty(value) {
		return 0, false, nil
	}
	if n, isNumber := value.(number); isNumber && n.isInteger() {
		id, _ := n.integer() // 0 if it is too large, which nobody has
		return id, true, nil
	}
	return 0, false, badMessage(`"id" field must be an integer.`)
}

// badMessage is a 400 under the key that AWX uses in this place only.
func badMessage(text string) *problem {
	return &problem{http.StatusBadRequest, struct {
		Msg string `json:"msg"`
	}{text}}
}

// holder returns the user whom the body names, if the requester may give it the role.
func (a *API) holder(r *request, o tokencore.Organization, id int64, role tokencore.Role) (tokencore.User, error) {
	user, err := a.svc.Directory().User(r.Context(), id)
	if errors.Is(err, tokencore.ErrNotFound) {
		return tokencore.User{}, badRequest("User matching query does not exist.")
	}
	if err != nil {
		return tokencore.User{}, tokencore.Unavailable("looking up user", err)
	}
	rights, err := a.accountRights(r)
	if err != nil {
		return tokencore.User{}, err
	}
	may, err := rights.gives(user, o.ID, role)
	if err == nil && may {
		may, err = a.readsUser(r, user)
	}
	if err == nil && !may {
		err = forbidden()
	}
	return user, err
}

func (a *API) attach(r *request, o tokencore.Organization, id int64, role tokencore.Role) (answer, error) {
	user, err := a.holder(r, o, id, role)
	if err != nil {
		return answer{}, err
	}
	if err := a.svc.GrantRole(r.Context(), r.actor, o.ID, user.ID, role); err != nil {
		return answer{}, found(modelUser, err)
	}
	return noContent(), nil
}

func (a *API) detach(r *request, o tokencore.Organization, id int64, role tokencore.Role) (answer, error) {
	user, err := a.holder(r, o, id, role)
	if err != nil {
		return answer{}, err
	}
	if err := a.svc.RevokeRole(r.Context(), r.actor, o.ID, user.ID, role); err != nil {
		return answer{}, found(modelUser, err)
	}
	return noContent(), nil
}

// createHolder creates a user with the role. This is how an organization's admin
// creates users.
func (a *API) createHolder(r *request, o tokencore.Organization, role tokencore.Role, in object) (answer, error) {
	rights, err := a.accountRights(r)
	if err != nil {
		return answer{}, err
	}
	if !rights.managesAccounts() || !r.actor.AdministersOrganization(o.ID) {
		return answer{}, forbidden()
	}
	user, err := a.newUser(r, in, func(ctx context.Context, user tokencore.User) (tokencore.User, error) {
		return a.svc.CreateUserWithRole(ctx, r.actor, user, o.ID, role)
	})
	if err != nil {
		return answer{}, found(modelOrganization, err)
	}
	body, err := a.userJSON(r, user)
	return created(linkPath("users", user.ID), body), err
}
