package awxapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/awxgate/awxgate/tokencore"
)

// relatedRoutes are the paths whose answers are users or organizations, or lists of
// them: by themselves, as members and owners of something, and in the lists of who has
// access. What else AWX nests somewhere is a summary, without links.
func relatedRoutes() []shared {
	paths := []string{
		"/api/v2/me/",
		"/api/v2/users/", "/api/v2/users/{slug}/",
		"/api/v2/organizations/", "/api/v2/organizations/{slug}/",
		"/api/v2/{slug}/{slug}/users/", "/api/v2/{slug}/{slug}/admins/", "/api/v2/{slug}/{slug}/owner_users/",
		"/api/v2/{slug}/{slug}/organizations/", "/api/v2/{slug}/{slug}/admin_of_organizations/",
		"/api/v2/{slug}/{slug}/access_list/",
	}
	routes := make([]shared, len(paths))
	for i, path := range paths {
		routes[i] = shared{
			route:   route{path: path},
			methods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch},
			serve:   edited(merging.relate),
		}
	}
	return routes
}

// relatedLinks are the links that AWX 24.6.1 showed and that are ours to serve, with
// their predecessors.
var relatedLinks = map[string]struct {
	resource     string
	links, order []string
}{
	tokencore.ObjectUser: {
		"users",
		[]string{"tokens", "authorized_tokens", "personal_tokens"},
		[]string{"roles", "activity_stream", "access_list", "tokens", "authorized_tokens", "personal_tokens"},
	},
	tokencore.ObjectOrganization: {
		"organizations",
		[]string{"applications"},
		[]string{"users", "admins", "teams", "credentials", "applications"},
	},
}

// relate completes the links of every user and organization of an answer; nil: there
// are none.
func (m merging) relate(d document) document {
	results, isList := d.get("results")
	if !isList {
		return m.relateOne(d)
	}
	var rows []json.RawMessage
	if json.Unmarshal(results, &rows) != nil {
		return nil
	}
	changed := false
	for i, row := range rows {
		object, err := parseDocument(row)
		if err != nil {
			continue
		}
		if object = m.relateOne(object); object != nil {
			rows[i], changed = object.text(), true
		}
	}
	if !changed {
		return nil
	}
	return d.put("results", joined(rows), nil)
}

func (m merging) relateOne(object document) document {
	var kind string
	var id int64
	rawKind, _ := object.get("type")
	rawID, _ := object.get("id")
	rawRelated, _ := object.get("related")
	related, err := parseDocument(rawRelated)
	if err != nil || json.Unmarshal(rawKind, &kind) != nil || json.Unmarshal(rawID, &id) != nil {
		return nil
	}
	ours, known := relatedLinks[kind]
	if !known {
		return nil
	}
	for _, link := range ours.links {
		path := "/api/v2/" + ours.resource + "/" + strconv.FormatInt(id, 10) + "/" + link + "/" + m.suffix()
		related = related.put(link, encoded(path), ours.order)
	}
	return object.put("related", related.text(), nil)
}

// joined is a JSON list of values that are kept as they are.
func joined(values []json.RawMessage) json.RawMessage {
	parts := make([][]byte, len(values))
	for i, v := range values {
		parts[i] = v
	}
	return append(append([]byte{'['}, bytes.Join(parts, []byte{','})...), ']')
}
