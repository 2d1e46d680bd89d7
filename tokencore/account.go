package tokencore

import (
	"slices"
	"time"
)

// User is an account of the directory, with AWX's attributes.
type User struct {
	ID              int64
	AnsibleID       string // UUID that stays when the user is renamed
	Username        string
	FirstName       string
	LastName        string
	Email           string
	IsSuperuser     bool
	IsSystemAuditor bool
	IsActive        bool
	PasswordHash    string // local users only; empty: no usable password
	LDAPDN          string
	External        string        // "", "ldap", "social" or "enterprise"
	Social          []SocialLogin // never modified in place
	Created         time.Time
	Modified        time.Time
	LastLogin       time.Time // zero: never
}

// SocialLogin is an account elsewhere with which a user signs in.
type SocialLogin struct {
	Provider string // "github"
	UID      string // what the provider calls the account
}

// Organization groups users and applications.
type Organization struct {
	ID          int64
	AnsibleID   string
	Name        string
	Description string
	CreatedBy   int64 // 0: nobody (the first one)
	ModifiedBy  int64
	MaxHosts    int64
	Created     time.Time
	Modified    time.Time
}

// Role is what a user may be in an organization.
type Role string

// The organization roles that decide about applications and tokens.
const (
	RoleAdmin   Role = "admin"
	RoleMember  Role = "member"
	RoleAuditor Role = "auditor"
)

// Roles lists the organizations in which a user holds each role.
type Roles struct {
	Admin, Member, Auditor []int64
}

// Has reports whether the role is held in the organization.
func (r Roles) Has(role Role, organization int64) bool {
	switch role {
	case RoleAdmin:
		return slices.Contains(r.Admin, organization)
	case RoleMember:
		return slices.Contains(r.Member, organization)
	case RoleAuditor:
		return slices.Contains(r.Auditor, organization)
	default:
		return false
	}
}

// Organizations lists the organizations in which any of the roles is held, each
// once, in ascending order.
func (r Roles) Organizations(roles ...Role) []int64 {
	var ids []int64
	for _, role := range roles {
		switch role {
		case RoleAdmin:
			ids = append(ids, r.Admin...)
		case RoleMember:
			ids = append(ids, r.Member...)
		case RoleAuditor:
			ids = append(ids, r.Auditor...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
