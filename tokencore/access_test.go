package tokencore

import "testing"

// The people of AWX's own permission tests: roles are in organization 2, orgadminB's in 3.
func people() map[string]Actor {
	return map[string]Actor{
		"superuser":  {User: User{ID: 1, IsSuperuser: true}},
		"auditor":    {User: User{ID: 2, IsSystemAuditor: true}},
		"orgadmin":   {User: User{ID: 3}, Roles: Roles{Admin: []int64{2}}},
		"orgmember":  {User: User{ID: 4}, Roles: Roles{Member: []int64{2}}},
		"orgauditor": {User: User{ID: 5}, Roles: Roles{Auditor: []int64{2}}},
		"alice":      {User: User{ID: 6}},
		"orgadminB":  {User: User{ID: 8}, Roles: Roles{Admin: []int64{3}}},
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	var (
		app    = Application{ID: 10, OrganizationID: 2}
		orphan = Application{ID: 11} // imported, without organization
		// Tokens belong to orgmember (4) unless their name says otherwise.
		appToken  = Token{ID: 20, UserID: 4, ApplicationID: app.ID}
		rootToken = Token{ID: 21, UserID: 1, ApplicationID: app.ID}
		personal  = Token{ID: 22, UserID: 4}
	)
	tests := []struct {
		operation string
		ask       func(Actor) bool
		allowed   []string
	}{
		{"see an application", func(a Actor) bool { return a.ReadsApplication(app) }, []string{"superuser", "auditor", "orgadmin", "orgmember"}},
		{"see an application without organization", func(a Actor) bool { return a.ReadsApplication(orphan) }, []string{"superuser", "auditor"}},
		{"create an application", func(a Actor) bool { return a.AdministersOrganization(2) }, []string{"superuser", "orgadmin"}},
		{"create an application somewhere", func(a Actor) bool { return a.AdministersAnyOrganization() }, []string{"superuser", "orgadmin", "orgadminB"}},
		{"change an application", func(a Actor) bool { return a.ChangesApplication(app) }, []string{"superuser", "orgadmin"}},
		{"change an application without organization", func(a Actor) bool { return a.ChangesApplication(orphan) }, []string{"superuser"}},
		{"see another's application token", func(a Actor) bool { return a.ReadsToken(appToken, app) }, []string{"superuser", "auditor", "orgadmin", "orgmember", "orgauditor"}},
		{"see a superuser's application token", func(a Actor) bool { return a.ReadsToken(rootToken, app) }, []string{"superuser", "auditor", "orgadmin", "orgauditor"}},
		{"see another's personal token", func(a Actor) bool { return a.ReadsToken(personal, Application{}) }, []string{"superuser", "auditor", "orgmember"}},
		{"delete another's application token", func(a Actor) bool { return a.ChangesToken(appToken, app) }, []string{"superuser", "orgadmin", "orgmember"}},
		{"delete a superuser's application token", func(a Actor) bool { return a.ChangesToken(rootToken, app) }, []string{"superuser", "orgadmin"}},
		{"delete another's personal token", func(a Actor) bool { return a.ChangesToken(personal, Application{}) }, []string{"superuser", "orgmember"}},
		{"see an organization", func(a Actor) bool { return a.ReadsOrganization(2) }, []string{"superuser", "auditor", "orgadmin", "orgmember", "orgauditor"}},
	}
	for _, tt := range tests {
		allowed := map[string]bool{}
		for _, who := range tt.allowed {
			allowed[who] = true
		}
		for who, actor := range people() {
			if got := tt.ask(actor); got != allowed[who] {
				t.Errorf("%s may %s: %v, want %v", who, tt.operation, got, allowed[who])
			}
		}
		if tt.ask(Actor{}) {
			t.Errorf("nobody may %s", tt.operation)
		}
	}
}
