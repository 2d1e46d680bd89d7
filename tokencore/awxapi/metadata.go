package awxapi

import (
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

// metadata is AWX's answer to OPTIONS. awxkit makes the commands and flags of "awx"
// from its actions, and AWX's UI its forms.
type metadata struct {
	Name                string   `json:"name"`
	Description         string   `json:"description"`
	Renders             []string `json:"renders"`
	Parses              []string `json:"parses"`
	Actions             *actions `json:"actions,omitempty"`
	Types               []string `json:"types,omitempty"`
	SearchFields        []string `json:"search_fields,omitempty"`
	RelatedSearchFields []string `json:"related_search_fields,omitempty"`
	ObjectRoles         []string `json:"object_roles,omitempty"`
	MaxPageSize         int      `json:"max_page_size,omitempty"`
}

// actions has the fields of each method by name. POST and PUT are there for those who
// may, which is how a client learns it. A collection never has PUT: awxkit fails on it.
type actions struct {
	PUT  *members `json:"PUT,omitempty"`
	GET  members  `json:"GET"`
	POST *members `json:"POST,omitempty"`
}

// metadata describes the path of a request. Who may not read what the path belongs
// to is refused; of the object itself nothing is said, not even whether it is there.
func (a *API) metadata(r *request) (metadata, error) {
	m := metadata{
		Name: r.route.name, Description: r.route.about,
		Renders: []string{"application/json", "text/html"}, Parses: []string{"application/json"},
	}
	v, described := r.route.view()
	if !described {
		return m, nil
	}
	if v.parent != nil {
		err := v.parent(a, r)
		if r.actor.User.IsSuperuser { // whom AWX's permission layer never stops
			err = onlyTechnical(err)
		}
		if err != nil {
			return metadata{}, err
		}
	}
	m.Types, m.ObjectRoles = v.object.types(), v.object.roles
	if v.list {
		m.SearchFields, m.MaxPageSize = v.object.search, maxPageSize
		if !v.plain {
			m.RelatedSearchFields = v.object.searchableRelations()
		}
	}
	var err error
	m.Actions, err = a.actions(r, v)
	return m, err
}

func (a *API) actions(r *request, v view) (*actions, error) {
	reading, err := v.reading(a, r)
	if err != nil {
		return nil, err
	}
	all := &actions{GET: reading}
	if r.route.put != nil {
		if all.PUT, err = a.writing(r, v.put, v.replacing); err != nil {
			return nil, err
		}
	}
	if r.route.post != nil {
		if all.POST, err = a.writing(r, v.post, v.creating); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// writing returns the fields of a method that changes something, nil if the requester
// may not use it.
func (a *API) writing(r *request, check permission, fields func(*API, *request) (members, error)) (*members, error) {
	if !r.mayWrite() {
		return nil, nil
	}
	if check != nil {
		err := check(a, r)
		var p *problem
		switch {
		case err == nil:
		case errors.As(err, &p), errors.Is(err, tokencore.ErrNotFound):
			return nil, nil
		default:
			return nil, err
		}
	}
	found, err := fields(a, r)
	return &found, err
}

// objectInfo is what OPTIONS says about one kind of object wherever it is served.
// It is a table; who may do what is not its business.
type objectInfo struct {
	typeName  string
	noun      string // for the help texts
	model     *model // nil: there is nothing to filter
	search    []string
	relations []string // that AWX searches; those that the model has are shown
	roles     []string
	fields    []fieldInfo // in the order of the wire
}

func (o *objectInfo) types() []string {
	if o.typeName == "" {
		return nil
	}
	return []string{o.typeName}
}

// searchableRelations lists the relations through which a search is accepted.
func (o *objectInfo) searchableRelations() []string {
	var names []string
	for _, relation := range o.relations {
		if f, known := o.model.fields[relation]; known && f.related != nil {
			names = append(names, relation+"__search")
		}
	}
	return names
}
