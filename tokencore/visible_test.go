package tokencore_test

import (
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// The people are those of AWX's own permission tests, and so is who sees whom.
func TestWhoSeesWhom(t *testing.T) {
	store := memory.New()
	defer store.Close()
	var people []tokencore.User
	err := store.Update(t.Context(), func(tx tokencore.Tx) error {
		for _, name := range []string{"orgA", "orgB"} {
			if err := tx.CreateOrganization(t.Context(), &tokencore.Organization{Name: name}); err != nil {
				return err
			}
		}
		for _, one := range []struct {
			name         string
			organization int64
			role         tokencore.Role
		}{
			{"admin", 0, ""},
			{"auditor", 0, ""},
			{"orgadmin", 1, tokencore.RoleAdmin},
			{"orgmember", 1, tokencore.RoleMember},
			{"orgauditor", 1, tokencore.RoleAuditor},
			{"alice", 0, ""},
			{"memberB", 2, tokencore.RoleMember},
		} {
			u := tokencore.User{Username: one.name, IsSuperuser: one.name == "admin", IsSystemAuditor: one.name == "auditor"}
			if err := tx.CreateUser(t.Context(), &u); err != nil {
				return err
			}
			people = append(people, u)
			if one.organization != 0 {
				if err := tx.GrantRole(t.Context(), one.organization, u.ID, one.role); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const everybody = "admin auditor orgadmin orgmember orgauditor alice memberB"
	open := map[string]string{
		"admin": everybody, "auditor": everybody, "orgadmin": everybody, "orgauditor": everybody,
		"orgmember": "admin orgmember", "alice": "admin alice", "memberB": "admin memberB",
	}
	closed := map[string]string{
		"admin": everybody, "auditor": everybody,
		"orgadmin":   "admin orgadmin orgmember",
		"orgauditor": "admin orgmember orgauditor",
		"orgmember":  "admin orgmember", "alice": "admin alice", "memberB": "admin memberB",
	}
	for all, want := range map[bool]map[string]string{true: open, false: closed} {
		for _, u := range people {
			roles, err := store.Roles(t.Context(), u.ID)
			if err != nil {
				t.Fatal(err)
			}
			actor := tokencore.Actor{User: u, Roles: roles}
			seen, _, err := store.Users(t.Context(), tokencore.Query{Where: actor.VisibleUsers(tokencore.Settings{AdminsSeeAllUsers: all})})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, one := range seen {
				names = append(names, one.Username)
			}
			if got := strings.Join(names, " "); got != want[u.Username] {
				t.Errorf("all visible to admins: %t: %s sees %s, want %s", all, u.Username, got, want[u.Username])
			}
		}
	}
}
