package awxapi

// permission says with an error why the requester may not go on.
type permission func(a *API, r *request) error

// The permissions below are asked by OPTIONS before a method is used. They call what the
// methods themselves call, so that the two cannot disagree.

func mustBeSuperuser(_ *API, r *request) error { return allow(r.actor.User.IsSuperuser) }

// allow turns an answer into a permission's.
func allow(may bool) error {
	if !may {
		return forbidden()
	}
	return nil
}

func mayReadApplication(a *API, r *request) error {
	_, err := a.readableApplication(r, 0)
	return err
}

func mayCreateApplication(a *API, r *request) error {
	if r.actor.User.IsSuperuser {
		return nil
	}
	return a.checkCreatesApplication(r)
}

func mayChangeApplication(a *API, r *request) error {
	app, err := a.application(r, 0)
	if err != nil {
		return err
	}
	return a.checkChangesApplication(r, app)
}

func mayReadToken(a *API, r *request) error {
	t, app, err := a.token(r)
	if err != nil {
		return err
	}
	return allow(r.actor.ReadsToken(t, app))
}

func mayChangeToken(a *API, r *request) error {
	t, app, err := a.token(r)
	if err != nil {
		return err
	}
	return allow(r.actor.ChangesToken(t, app))
}

func mayReadUser(a *API, r *request) error {
	_, err := a.readableUser(r, 0)
	return err
}

func mayCreateUser(a *API, r *request) error {
	rights, err := a.accountRights(r)
	if err != nil {
		return err
	}
	return allow(rights.managesAccounts())
}

func mayChangeUser(a *API, r *request) error {
	user, err := a.user(r, 0)
	if err != nil {
		return err
	}
	rights, err := a.accountRights(r)
	if err != nil {
		return err
	}
	may, err := rights.changes(user)
	if err != nil {
		return err
	}
	return allow(may)
}

func mayReadOrganization(a *API, r *request) error {
	_, err := a.readableOrganization(r, 0)
	return err
}

// mayCreateApplicationThere lets superusers pass: a missing parent is an error of the
// fields for them.
func mayCreateApplicationThere(a *API, r *request) error {
	if r.actor.User.IsSuperuser {
		return nil
	}
	return mayChangeOrganization(a, r)
}

func mayChangeOrganization(a *API, r *request) error {
	o, err := a.organization(r, 0)
	if err != nil {
		return err
	}
	return allow(r.actor.AdministersOrganization(o.ID))
}

func mayChangeSettings(a *API, r *request) error {
	_, _, err := a.writableSettings(r)
	return err
}
