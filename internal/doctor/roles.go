package doctor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// rolesKept compares the organizations of the user before and after AWX was asked as the
// user. While ANSIBLE_BASE_JWT_MANAGED_ROLES is not empty, AWX takes away what the
// identity does not list, at every request; there is no other way to see the setting.
func (e *examination) rolesKept(before, after []string) {
	const check = "roles"
	switch {
	case before == nil || after == nil:
		e.report(unknown(check, "no account of the gateway sees the organizations of "+strconv.Quote(e.User),
			"use directory awx, or compare them in AWX before and after this run"))
	case len(before) == 0:
		e.report(unknown(check, fmt.Sprintf("%q is a member of no organization, so none could be lost", e.User),
			"run it again with --user and a member of some organization"))
	default:
		var lost []string
		for _, name := range before {
			if !slices.Contains(after, name) {
				lost = append(lost, strconv.Quote(name))
			}
		}
		if len(lost) == 0 {
			e.report(ok(check, "AWX leaves them as they are"))
			return
		}
		e.report(failed(check, fmt.Sprintf("AWX has just removed %q from %s", e.User, strings.Join(lost, ", ")),
			"set ANSIBLE_BASE_JWT_MANAGED_ROLES = [] in AWX, restart its web service, and add the user again"))
	}
}

// memberships lists the organizations of the user, as the look-up account sees them; nil:
// not known.
func (e *examination) memberships() []string {
	if e.LookUp == nil {
		return nil
	}
	var users page[struct {
		ID int64 `json:"id"`
	}]
	if !e.lookUp("/api/v2/users/?"+url.Values{"username": {e.User}}.Encode(), &users) || len(users.Results) != 1 {
		return nil
	}
	var organizations page[struct {
		Name string `json:"name"`
	}]
	path := "/api/v2/users/" + strconv.FormatInt(users.Results[0].ID, 10) + "/organizations/?page_size=200"
	if !e.lookUp(path, &organizations) {
		return nil
	}
	names := make([]string, len(organizations.Results))
	for i, o := range organizations.Results {
		names[i] = o.Name
	}
	return names
}

// activeTold finds out whether AWX tells who is disabled. Its API does not show it, so the
// directory asks with a filter; an AWX that passed over the filter would make everybody
// look active, or disabled.
func (e *examination) activeTold() {
	const check = "disabled users"
	if e.LookUp == nil {
		return
	}
	count := func(active string) (int, bool) {
		var users page[struct{}]
		filter := url.Values{"username": {e.User}, "is_active": {active}}
		answered := e.lookUp("/api/v2/users/?"+filter.Encode(), &users)
		return len(users.Results), answered
	}
	active, asked := count("true")
	disabled, askedAgain := count("false")
	switch {
	case !asked || !askedAgain:
		e.report(failed(check, "AWX does not say who is disabled", "use directory local, or an AWX from 24.6.0 on that filters users by is_active"))
	case active != 1 || disabled != 0:
		e.report(failed(check, fmt.Sprintf("AWX does not tell that %q is active", e.User), "find out whether the user is disabled in AWX"))
	default:
		e.report(ok(check, "AWX tells them from active ones"))
	}
}

func (e *examination) lookUp(path string, into any) bool {
	answer, err := e.get(path, e.LookUp)
	return err == nil && answer.status == http.StatusOK && json.Unmarshal([]byte(answer.body), into) == nil
}
