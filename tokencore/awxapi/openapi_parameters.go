package awxapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

// listParameters are those of every list.
var listParameters = []string{"page", "page_size", "order_by", "search", "type", "count_disabled"}

// sharedParameters are described once for all operations: those in braces of route.path, and listParameters.
var sharedParameters = map[string]*openapi.Parameter{
	"id":           {Name: "id", In: "path", Required: true, Description: "The object's id.", Schema: identifier()},
	"application":  {Name: "application", In: "path", Required: true, Description: "The application's id, or its name and its organization's: name++organization.", Schema: idOrName()},
	"user":         {Name: "user", In: "path", Required: true, Description: "The user's id or username.", Schema: idOrName()},
	"organization": {Name: "organization", In: "path", Required: true, Description: "The organization's id or name.", Schema: idOrName()},
	"slug":         {Name: "slug", In: "path", Required: true, Description: "The category. all is everything, changed what differs from the defaults.", Schema: oneOfWords(categorySlugs()...)},

	"page":           {Name: "page", In: "query", Description: "Number of the page, from 1, or last.", Schema: &openapi.Schema{Type: openapi.Types{"integer", "string"}, Default: 1}},
	"page_size":      {Name: "page_size", In: "query", Description: "Rows of a page. More than the maximum is the maximum.", Schema: pageSizeSchema()},
	"order_by":       {Name: "order_by", In: "query", Description: "Fields to sort by, separated by commas; a minus before one turns it round.", Schema: text()},
	"search":         {Name: "search", In: "query", Description: "Words that must all occur in the object's texts.", Schema: text()},
	"type":           {Name: "type", In: "query", Description: "Type of the objects; the list of another type is empty.", Schema: text()},
	"count_disabled": {Name: "count_disabled", In: "query", Description: "Leaves everything but results out of the answer.", Schema: text()},
}

var formatParameter = &openapi.Parameter{
	Name: "format", In: "query", Description: "json or api; decides before the Accept header.", Schema: oneOfWords("json", "api"),
}

func identifier() *openapi.Schema {
	least := int64(1)
	return &openapi.Schema{Type: openapi.Types{"integer"}, Format: "int64", Minimum: &least}
}

func idOrName() *openapi.Schema { return &openapi.Schema{Type: openapi.Types{"integer", "string"}} }

func pageSizeSchema() *openapi.Schema {
	least, most := int64(1), int64(maxPageSize)
	return &openapi.Schema{Type: openapi.Types{"integer"}, Minimum: &least, Maximum: &most, Default: defaultPageSize}
}

func categorySlugs() []string {
	slugs := make([]string, len(categories))
	for i, c := range categories {
		slugs[i] = c.slug
	}
	return slugs
}

// filters returns a reference to the parameter of a model's filters.
func (d *describer) filters(m *model) *openapi.Parameter {
	name := m.name + "Filter"
	d.parameters[name] = filterParameter(m)
	return &openapi.Parameter{Ref: "#/components/parameters/" + name}
}

// filterParameter describes the filters of a list: an object whose members are
// parameters of their own. Only the names of fields are spelled out; there are too many
// combinations with lookups and related fields.
func filterParameter(m *model) *openapi.Parameter {
	fields := openapi.Schema{Type: openapi.Types{"object"}, AdditionalProperties: text()}
	for _, name := range slices.Sorted(maps.Keys(m.fields)) {
		if f := m.fields[name]; f.kind != secretField && (f.column != "" || f.many != "") {
			fields.Properties = append(fields.Properties, openapi.Member[*openapi.Schema]{Name: name, Value: text()})
		}
	}
	return &openapi.Parameter{
		Name: "filter", In: "query", Style: "form", Explode: true, Schema: &fields,
		Description: "Each parameter is a condition, and all must hold: [or__|not__|chain__]field[__related field][__lookup]=value. " +
			"Lookups: " + strings.Join(slices.Sorted(maps.Keys(lookups)), ", ") + ".",
	}
}

// queryParameters turns properties of a form into parameters.
func queryParameters(properties openapi.Ordered[*openapi.Schema], required ...string) []*openapi.Parameter {
	parameters := make([]*openapi.Parameter, len(properties))
	for i, p := range properties {
		schema := *p.Value
		schema.Description = ""
		parameters[i] = &openapi.Parameter{
			Name: p.Name, In: "query", Description: p.Value.Description, Required: slices.Contains(required, p.Name), Schema: &schema,
		}
	}
	return parameters
}
