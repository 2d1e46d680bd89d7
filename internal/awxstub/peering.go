package awxstub

import "slices"

// Peering is what of AWX's settings decides how it gets on with a gateway.
type Peering struct {
	// ManagedRoles: ANSIBLE_BASE_JWT_MANAGED_ROLES names the roles of organizations, as
	// it does by default. A JWT then takes away the memberships that it does not list.
	ManagedRoles bool
	// TrustedOrigins is CSRF_TRUSTED_ORIGINS.
	TrustedOrigins []string
}

// Configure sets them.
func (s *Stub) Configure(peering Peering) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peering = peering
}

// removeManagedRoles is what DAB does from July 2024 to August 2025 for an identity that
// lists no roles.
func (s *Stub) removeManagedRoles(u *User) {
	if !s.peering.ManagedRoles {
		return
	}
	for _, o := range s.organizations {
		o.Members = slices.DeleteFunc(o.Members, func(id int64) bool { return id == u.ID })
		o.Admins = slices.DeleteFunc(o.Admins, func(id int64) bool { return id == u.ID })
	}
}

// originTrusted is Django's look at the Origin field. The stub is reached by plain HTTP.
func (s *Stub) originTrusted(c *call) bool {
	origin := c.Header.Get("Origin")
	return origin == "" || origin == "http://"+c.Host || slices.Contains(s.peering.TrustedOrigins, origin)
}
