package awxapi

import (
	"net/http"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// path is a field as it is reached from a model.
type path struct {
	field field  // the last one
	name  string // of the last one, as AWX spells it
	text  string // all names
	many  string // the relation to many that it goes through, if any
	hops  []hop  // the detours to the field, the farthest last
	// account: it asks for more than the id of a related user or organization, which only
	// a store that has the accounts can answer.
	account bool
}

// hop is a detour, and the column in which the ids are that it finds.
type hop struct {
	detour
	column tokencore.Field
}

// resolve follows the names of a path. The messages are Django's and AWX's.
func (m *model) resolve(text string) (path, error) {
	if text == "" {
		return path{}, badRequest("Query string field name not provided.")
	}
	if !isASCII(text) {
		return path{}, badRequest(pythonRepr(text) + " is not an allowed field name. Must be ascii encodable.")
	}
	var p path
	var names []string
	for name := range strings.SplitSeq(text, "__") {
		if m == nil {
			return path{}, badRequest("No related model for field " + name + ".")
		}
		if names != nil {
			p.enter(p.field)
		}
		canonical, f, known := m.field(name)
		if !known {
			return path{}, badRequest(m.name + " has no field named '" + name + "'")
		}
		if f.kind == secretField {
			return path{}, detail(http.StatusForbidden, "Filtering on "+name+" is not allowed.")
		}
		p.account = p.account || names != nil && m.isAccount() && canonical != "id"
		p.field, p.name, m = f, canonical, f.related
		names = append(names, canonical)
	}
	p.text = strings.Join(names, "__")
	return p, nil
}

// isAccount reports whether rows of the model are kept by a remote directory, if there is one.
func (m *model) isAccount() bool { return m.name == modelUser || m.name == modelOrganization }

// enter goes through a relation.
func (p *path) enter(f field) {
	switch {
	case f.detour != nil:
		p.hops = append(p.hops, hop{*f.detour, f.column})
	case f.many != "" && p.hops != nil:
		p.hops[len(p.hops)-1].many = f.many
	case f.many != "":
		p.many = f.many
	}
}

// last returns the path to what is compared: of a relation to many, the ids of the
// rows that it leads to.
func (p path) last() path {
	if f := p.field; f.many != "" || f.detour != nil && f.detour.many != "" {
		p.enter(f)
		p.field = field{kind: relationField, column: f.related.fields["id"].column}
	}
	return p
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
