package awxstub

import "slices"

// Settings are those of AWX's that decide how it gets on with a gateway.
type Settings struct {
	// ManagedRoles: ANSIBLE_BASE_JWT_MANAGED_ROLES names the roles of organizations, as
	// it does by default. A JWT then takes away the memberships that it does not list.
	ManagedRoles bool
	// TrustedOrigins is CSRF_TRUSTED_ORIGINS.
	TrustedOrigins []string
}

// Configure sets the settings.
func (s *Stub) Configure(settings Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = settings
}

// removeManagedRoles is what DAB does from July 2024 to August 2025 for an identity that
// lists no roles.
func (s *Stub) removeManagedRoles(u *User) {
	if !s.settings.ManagedRoles {
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
	return origin == "" || origin == "http://"+c.Host || slices.Contains(s.settings.TrustedOrigins, origin)
}
