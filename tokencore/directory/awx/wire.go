package awx

import (
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// userJSON is what we read of a user as AWX shows it.
type userJSON struct {
	ID            int64 `json:"id"`
	SummaryFields struct {
		Resource resource `json:"resource"`
	} `json:"summary_fields"`
	Created         time.Time `json:"created"`
	Modified        time.Time `json:"modified"` // the time of the last login, or null
	Username        string    `json:"username"`
	FirstName       string    `json:"first_name"`
	LastName        string    `json:"last_name"`
	Email           string    `json:"email"`
	IsSuperuser     bool      `json:"is_superuser"`
	IsSystemAuditor bool      `json:"is_system_auditor"`
	LDAPDN          string    `json:"ldap_dn"`
	LastLogin       time.Time `json:"last_login"`
	ExternalAccount string    `json:"external_account"`
	Auth            []struct {
		Provider string `json:"provider"`
		UID      string `json:"uid"`
	} `json:"auth"`
}

// resource is the identity that an account keeps across services.
type resource struct {
	AnsibleID string `json:"ansible_id"`
}

// user checks what everything else relies on. Whether the user is active only the caller
// knows.
func (j userJSON) user() (tokencore.User, error) {
	if j.ID <= 0 || j.Username == "" || j.SummaryFields.Resource.AnsibleID == "" {
		return tokencore.User{}, errIncomplete
	}
	u := tokencore.User{
		ID: j.ID, AnsibleID: j.SummaryFields.Resource.AnsibleID,
		Username: j.Username, FirstName: j.FirstName, LastName: j.LastName, Email: j.Email,
		IsSuperuser: j.IsSuperuser, IsSystemAuditor: j.IsSystemAuditor,
		LDAPDN: j.LDAPDN, External: j.ExternalAccount,
		Created: j.Created.UTC(), Modified: j.Modified.UTC(), LastLogin: j.LastLogin.UTC(),
	}
	for _, login := range j.Auth {
		u.Social = append(u.Social, tokencore.SocialLogin{Provider: login.Provider, UID: login.UID})
	}
	return u, nil
}

// organizationJSON is what we read of an organization.
type organizationJSON struct {
	ID            int64 `json:"id"`
	SummaryFields struct {
		Resource   resource `json:"resource"`
		CreatedBy  account  `json:"created_by"`
		ModifiedBy account  `json:"modified_by"`
	} `json:"summary_fields"`
	Created     time.Time `json:"created"`
	Modified    time.Time `json:"modified"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	MaxHosts    int64     `json:"max_hosts"`
}

// account is somebody who did something; AWX leaves it out for nobody.
type account struct {
	ID int64 `json:"id"`
}

func (j organizationJSON) organization() tokencore.Organization {
	return tokencore.Organization{
		ID: j.ID, AnsibleID: j.SummaryFields.Resource.AnsibleID, Name: j.Name, Description: j.Description,
		CreatedBy: j.SummaryFields.CreatedBy.ID, ModifiedBy: j.SummaryFields.ModifiedBy.ID, MaxHosts: j.MaxHosts,
		Created: j.Created.UTC(), Modified: j.Modified.UTC(),
	}
}

// roleJSON is what we read of a role that a user holds.
type roleJSON struct {
	SummaryFields struct {
		ResourceType string `json:"resource_type"`
		ResourceID   int64  `json:"resource_id"`
	} `json:"summary_fields"`
}
