package awxapi

import "github.com/awxgate/awxgate/tokencore"

// encrypted is what AWX shows in place of a password, and takes for "unchanged".
const encrypted = "$encrypted$"

// userJSON is a user as AWX shows it; the order of the fields is its contract.
type userJSON struct {
	ID              int64             `json:"id"`
	Type            string            `json:"type"`
	URL             string            `json:"url"`
	Related         userRelated       `json:"related"`
	SummaryFields   userSummaryFields `json:"summary_fields"`
	Created         moment            `json:"created"`
	Modified        moment            `json:"modified"`
	Username        string            `json:"username"`
	FirstName       string            `json:"first_name"`
	LastName        string            `json:"last_name"`
	Email           string            `json:"email"`
	IsSuperuser     bool              `json:"is_superuser"`
	IsSystemAuditor bool              `json:"is_system_auditor"`
	Password        string            `json:"password,omitempty"`
	LDAPDN          string            `json:"ldap_dn"`
	LastLogin       moment            `json:"last_login"`
	ExternalAccount *string           `json:"external_account"`
	Auth            []socialLoginJSON `json:"auth"`
}

// socialLoginJSON is an account elsewhere with which the user signs in.
type socialLoginJSON struct {
	Provider string `json:"provider"`
	UID      string `json:"uid"`
}

type userRelated struct {
	NamedURL             string `json:"named_url,omitempty"`
	Teams                string `json:"teams"`
	Organizations        string `json:"organizations"`
	AdminOfOrganizations string `json:"admin_of_organizations"`
	Projects             string `json:"projects"`
	Credentials          string `json:"credentials"`
	Roles                string `json:"roles"`
	ActivityStream       string `json:"activity_stream"`
	AccessList           string `json:"access_list"`
	Tokens               string `json:"tokens"`
	AuthorizedTokens     string `json:"authorized_tokens"`
	PersonalTokens       string `json:"personal_tokens"`
}

type userSummaryFields struct {
	Resource         resource     `json:"resource"`
	UserCapabilities capabilities `json:"user_capabilities"`
}

// resource is the identity that an account keeps across services.
type resource struct {
	AnsibleID    string `json:"ansible_id"`
	ResourceType string `json:"resource_type"`
}

// userJSON is the form of a detail, which also has the named URL.
func (a *API) userJSON(r *request, u tokencore.User) (userJSON, error) {
	rows, err := a.usersJSON(r, []tokencore.User{u})
	if err != nil {
		return userJSON{}, err
	}
	rows[0].Related.NamedURL = "/api/v2/users/" + namedSegment(u.Username) + "/" + r.urlSuffix
	return rows[0], nil
}

// usersJSON makes the rows of a list.
func (a *API) usersJSON(r *request, users []tokencore.User) ([]userJSON, error) {
	rights, err := a.accountRights(r)
	if err != nil {
		return nil, err
	}
	out := make([]userJSON, len(users))
	for i, u := range users {
		can, err := rights.capabilities(u)
		if err != nil {
			return nil, err
		}
		out[i] = wireUser(r, u, can)
	}
	return out, nil
}

func wireUser(r *request, u tokencore.User, can capabilities) userJSON {
	body := userJSON{
		ID: u.ID, Type: tokencore.ObjectUser, URL: r.link("users", u.ID),
		Related: userRelated{
			Teams:                r.link("users", u.ID, "teams"),
			Organizations:        r.link("users", u.ID, "organizations"),
			AdminOfOrganizations: r.link("users", u.ID, "admin_of_organizations"),
			Projects:             r.link("users", u.ID, "projects"),
			Credentials:          r.link("users", u.ID, "credentials"),
			Roles:                r.link("users", u.ID, "roles"),
			ActivityStream:       r.link("users", u.ID, "activity_stream"),
			AccessList:           r.link("users", u.ID, "access_list"),
			Tokens:               r.link("users", u.ID, "tokens"),
			AuthorizedTokens:     r.link("users", u.ID, "authorized_tokens"),
			PersonalTokens:       r.link("users", u.ID, "personal_tokens"),
		},
		SummaryFields: userSummaryFields{resource{u.AnsibleID, "shared.user"}, can},
		Created:       moment(u.Created),
		Modified:      moment(u.LastLogin), // AWX's users have no time of modification; it shows this one
		Username:      u.Username, FirstName: u.FirstName, LastName: u.LastName, Email: u.Email,
		IsSuperuser: u.IsSuperuser, IsSystemAuditor: u.IsSystemAuditor,
		LDAPDN: u.LDAPDN, LastLogin: moment(u.LastLogin),
		Auth: make([]socialLoginJSON, len(u.Social)),
	}
	for i, login := range u.Social {
		body.Auth[i] = socialLoginJSON{login.Provider, login.UID}
	}
	if u.External == "" {
		body.Password = encrypted
	} else {
		body.ExternalAccount = &u.External
	}
	return body
}
