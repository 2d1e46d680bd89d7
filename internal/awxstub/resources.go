package awxstub

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

type callKey struct{}

// routes are the paths that the stub knows. All but the first few need a user.
func (s *Stub) routes() {
	s.public("GET /api/v2/ping/{$}", func(c *call) { c.answer(map[string]any{"version": "24.6.1", "ha": false}) })
	s.public("GET /api/login/{$}", s.loginPage)
	s.public("POST /api/login/{$}", s.login)
	s.public("GET /api/logout/{$}", s.logout)
	s.protected("GET /api/v2/me/{$}", func(c *call) { c.page(userJSON(c.user)) })
	s.protected("/api/v2/jobs/{$}", func(c *call) {
		c.page(map[string]any{"id": 1, "type": "job", "summary_fields": map[string]any{"created_by": userSummary(c.user)}})
	})
	s.protected("GET /api/v2/users/{$}", s.listUsers)
	s.protected("GET /api/v2/users/{id}/{$}", s.ofUser(func(c *call, u *User) { c.answer(userJSON(u)) }))
	s.protected("PATCH /api/v2/users/{id}/{$}", s.ofUser(s.patchUser))
	s.protected("DELETE /api/v2/users/{id}/{$}", s.ofUser(s.deleteUser))
	s.protected("GET /api/v2/users/{id}/organizations/{$}", s.ofUser(func(c *call, u *User) {
		s.pageOfOrganizations(c, func(o *Organization) bool { return slices.Contains(o.Members, u.ID) })
	}))
	s.protected("GET /api/v2/users/{id}/admin_of_organizations/{$}", s.ofUser(func(c *call, u *User) {
		s.pageOfOrganizations(c, func(o *Organization) bool { return slices.Contains(o.Admins, u.ID) })
	}))
	s.protected("GET /api/v2/users/{id}/roles/{$}", s.ofUser(s.listAuditorRoles))
	s.protected("GET /api/v2/organizations/{$}", func(c *call) {
		s.pageOfOrganizations(c, func(o *Organization) bool {
			return c.wants("id", strconv.FormatInt(o.ID, 10)) && c.wants("name", o.Name)
		})
	})
	s.protected("GET /api/v2/organizations/{id}/{$}", s.ofOrganization(func(c *call, o *Organization) { c.answer(organizationJSON(o)) }))
	s.protected("GET /api/v2/organizations/{id}/users/{$}", s.ofOrganization(func(c *call, o *Organization) { s.pageOfUsers(c, o.Members) }))
	s.protected("GET /api/v2/organizations/{id}/admins/{$}", s.ofOrganization(func(c *call, o *Organization) { s.pageOfUsers(c, o.Admins) }))
	for _, path := range []string{"/websocket/{$}", "/api/websocket/{$}", "/api/{prefix}/v2/websocket/{$}"} {
		s.public("GET "+path, s.webSocket)
	}
	s.protected("/", func(c *call) { c.refuse(http.StatusNotFound, "The requested resource could not be found.") })
}

// serve hands the call through the mux, which knows requests only.
func (s *Stub) serve(c *call) {
	s.mux.ServeHTTP(c.w, c.WithContext(context.WithValue(c.Context(), callKey{}, c)))
}

func (s *Stub) public(pattern string, handle func(*call)) {
	s.mux.HandleFunc(pattern, func(_ http.ResponseWriter, r *http.Request) {
		c := r.Context().Value(callKey{}).(*call) // serve put it there
		c.Request = r                             // with the path's values
		handle(c)
	})
}

func (s *Stub) protected(pattern string, handle func(*call)) {
	s.public(pattern, func(c *call) {
		if status, detail := s.authenticate(c); status != http.StatusOK {
			c.refuse(status, detail)
		} else if c.user == nil {
			c.refuse(http.StatusUnauthorized, "Authentication credentials were not provided. To establish a login session, visit /api/login/.")
		} else {
			handle(c)
		}
	})
}

// sees is AWX's rule, without what people of one organization see of each other.
func (c *call) sees(u *User) bool { return c.user.IsSuperuser || c.user.IsSystemAuditor || c.user == u }

// wants reports whether a filter of the query, if it is there, has the value.
func (c *call) wants(filter, value string) bool {
	query := c.URL.Query()
	return !query.Has(filter) || query.Get(filter) == value
}

func (s *Stub) listUsers(c *call) {
	var found []any
	for _, u := range s.users {
		if c.sees(u) && c.wants("username", u.Username) && c.wants("id", strconv.FormatInt(u.ID, 10)) &&
			c.wants("is_active", strconv.FormatBool(!u.Disabled)) {
			found = append(found, userJSON(u))
		}
	}
	c.page(found...)
}

// patchUser changes what a test wants changed.
func (*Stub) patchUser(c *call, u *User) {
	var change struct {
		Username    *string `json:"username"`
		IsSuperuser *bool   `json:"is_superuser"`
	}
	switch {
	case !c.user.IsSuperuser:
		c.refuse(http.StatusForbidden, "You do not have permission to perform this action.")
		return
	case json.Unmarshal([]byte(c.body), &change) != nil:
		c.refuse(http.StatusBadRequest, "JSON parse error")
		return
	}
	if change.Username != nil {
		u.Username = *change.Username
	}
	if change.IsSuperuser != nil {
		u.IsSuperuser = *change.IsSuperuser
	}
	c.answer(userJSON(u))
}

func (s *Stub) deleteUser(c *call, u *User) {
	if !c.user.IsSuperuser {
		c.refuse(http.StatusForbidden, "You do not have permission to perform this action.")
		return
	}
	s.users = slices.DeleteFunc(s.users, func(other *User) bool { return other == u })
	c.w.WriteHeader(http.StatusNoContent)
}

// listAuditorRoles shows of a user's roles those of organizations' auditors.
func (s *Stub) listAuditorRoles(c *call, u *User) {
	var found []any
	for _, o := range s.organizations {
		if slices.Contains(o.Auditors, u.ID) {
			found = append(found, map[string]any{"summary_fields": map[string]any{"resource_type": "organization", "resource_id": o.ID}})
		}
	}
	c.page(found...)
}

func (s *Stub) ofUser(handle func(*call, *User)) func(*call) {
	return func(c *call) {
		u := s.find(func(u *User) bool { return strconv.FormatInt(u.ID, 10) == c.PathValue("id") && c.sees(u) })
		if u == nil {
			c.refuse(http.StatusNotFound, "Not found.")
			return
		}
		handle(c, u)
	}
}

func (s *Stub) ofOrganization(handle func(*call, *Organization)) func(*call) {
	return func(c *call) {
		for _, o := range s.organizations {
			if strconv.FormatInt(o.ID, 10) == c.PathValue("id") {
				handle(c, o)
				return
			}
		}
		c.refuse(http.StatusNotFound, "Not found.")
	}
}

func (s *Stub) pageOfUsers(c *call, ids []int64) {
	var found []any
	for _, u := range s.users {
		if slices.Contains(ids, u.ID) {
			found = append(found, userJSON(u))
		}
	}
	c.page(found...)
}

func (s *Stub) pageOfOrganizations(c *call, match func(*Organization) bool) {
	var found []any
	for _, o := range s.organizations {
		if match(o) {
			found = append(found, organizationJSON(o))
		}
	}
	c.page(found...)
}

func userSummary(u *User) map[string]any {
	return map[string]any{"id": u.ID, "username": u.Username, "first_name": u.FirstName, "last_name": u.LastName}
}

func userJSON(u *User) map[string]any {
	return map[string]any{
		"id": u.ID, "type": "user", "url": "/api/v2/users/" + strconv.FormatInt(u.ID, 10) + "/",
		"related":  map[string]any{"access_list": "/api/v2/users/" + strconv.FormatInt(u.ID, 10) + "/access_list/"},
		"username": u.Username, "first_name": u.FirstName, "last_name": u.LastName, "email": u.Email,
		"is_superuser": u.IsSuperuser, "is_system_auditor": u.IsSystemAuditor,
		"summary_fields": map[string]any{"resource": map[string]any{"ansible_id": u.AnsibleID, "resource_type": "shared.user"}},
	}
}

func organizationJSON(o *Organization) map[string]any {
	return map[string]any{
		"id": o.ID, "type": "organization", "url": "/api/v2/organizations/" + strconv.FormatInt(o.ID, 10) + "/", "name": o.Name,
		"related":        map[string]any{"credentials": "/api/v2/organizations/" + strconv.FormatInt(o.ID, 10) + "/credentials/"},
		"summary_fields": map[string]any{"resource": map[string]any{"ansible_id": o.AnsibleID, "resource_type": "shared.organization"}},
	}
}

func (c *call) page(results ...any) {
	if results == nil {
		results = []any{}
	}
	c.answer(map[string]any{"count": len(results), "next": nil, "previous": nil, "results": results})
}

func (c *call) answer(body any) { c.write(http.StatusOK, body) }

func (c *call) refuse(status int, detail string) {
	if status == http.StatusUnauthorized {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="api"`)
	}
	c.write(status, map[string]any{"detail": detail})
}

func (c *call) write(status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		status, encoded = http.StatusInternalServerError, nil // nothing here fails to encode
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_, _ = c.w.Write(encoded) // the client may be gone
}
