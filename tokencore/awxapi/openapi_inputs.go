package awxapi

import (
	"encoding/json"
	"slices"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

// input describes the body of a method that writes objects of a kind. It is made from
// the table that OPTIONS answers with, so that the two cannot differ.
type input struct {
	name      string // of the component
	object    *objectInfo
	replacing bool     // the object is there already
	partial   bool     // nothing has to be sent
	without   []string // taken from elsewhere
	requiring []string // although the table does not
}

var (
	applicationCreate             = input{name: "ApplicationCreate", object: applicationInfo}.schema
	organizationApplicationCreate = input{name: "OrganizationApplicationCreate", object: applicationInfo, without: []string{"organization"}}.schema
	applicationReplace            = input{name: "ApplicationReplace", object: applicationInfo, replacing: true}.schema
	applicationChange             = input{name: "ApplicationChange", object: applicationInfo, replacing: true, partial: true}.schema

	tokenCreate           = input{name: "TokenCreate", object: tokenInfo}.schema
	ownTokenCreate        = input{name: "OwnTokenCreate", object: tokenInfo, without: []string{"application"}}.schema
	authorizedTokenCreate = input{name: "AuthorizedTokenCreate", object: tokenInfo, requiring: []string{"application"}}.schema
	tokenChange           = input{name: "TokenChange", object: tokenInfo, replacing: true, partial: true}.schema

	userCreate  = input{name: "UserCreate", object: userInfo, requiring: []string{"password"}}.schema
	userReplace = input{name: "UserReplace", object: userInfo, replacing: true}.schema
	userChange  = input{name: "UserChange", object: userInfo, replacing: true, partial: true}.schema

	organizationCreate  = input{name: "OrganizationCreate", object: organizationInfo}.schema
	organizationReplace = input{name: "OrganizationReplace", object: organizationInfo, replacing: true}.schema
	organizationChange  = input{name: "OrganizationChange", object: organizationInfo, replacing: true, partial: true}.schema
)

func (in input) schema(s *openapi.Schemas) *openapi.Schema {
	object := openapi.Schema{Type: openapi.Types{"object"}}
	for _, f := range in.object.fields {
		if !f.writable || f.fixed && in.replacing || slices.Contains(in.without, f.name) {
			continue
		}
		required := f.required || slices.Contains(in.requiring, f.name)
		schema := f.schema(in.object)
		if f.kind == "id" && !required {
			schema = schema.OrNull()
		}
		if f.initial != "" && !in.replacing && !required {
			schema.Default = json.RawMessage(f.initial)
		}
		if required && !in.partial {
			object.Required = append(object.Required, f.name)
		}
		object.Properties = append(object.Properties, openapi.Member[*openapi.Schema]{Name: f.name, Value: schema})
	}
	return s.Add(in.name, &object)
}

// holderChange is the body that gives or takes a role, or makes a user who has it.
func holderChange(s *openapi.Schemas) *openapi.Schema {
	return &openapi.Schema{AnyOf: []*openapi.Schema{
		s.Add("RoleChange", &openapi.Schema{
			Type: openapi.Types{"object"}, Required: []string{"id"},
			Properties: openapi.Ordered[*openapi.Schema]{
				property("id", identifier(), "The user."),
				property("disassociate", truthSchema(), "Take the role. Being there is what counts, whatever the value."),
			},
		}),
		userCreate(s),
	}}
}

// formOf describes the parameters of a form.
func formOf(name string, required []string, properties ...openapi.Member[*openapi.Schema]) schemaOf {
	return func(s *openapi.Schemas) *openapi.Schema {
		return s.Add(name, &openapi.Schema{Type: openapi.Types{"object"}, Properties: properties, Required: required})
	}
}
