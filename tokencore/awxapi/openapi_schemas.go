package awxapi

import (
	"encoding/json"
	"reflect"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

// schemaOf makes a schema, with the components that it needs.
type schemaOf func(*openapi.Schemas) *openapi.Schema

// typed is the schema of a type that is sent.
func typed[T any]() schemaOf {
	return func(s *openapi.Schemas) *openapi.Schema { return s.Of(reflect.TypeFor[T]()) }
}

// OpenAPISchema implements openapi.Describer.
func (moment) OpenAPISchema(*openapi.Schemas) *openapi.Schema {
	return &openapi.Schema{Type: openapi.Types{"string", "null"}, Format: "date-time"}
}

// OpenAPISchema implements openapi.Describer.
func (members) OpenAPISchema(*openapi.Schemas) *openapi.Schema {
	return &openapi.Schema{Type: openapi.Types{"object"}}
}

// OpenAPISchema implements openapi.Describer. Refusals of settings nest deeper.
func (fieldErrors) OpenAPISchema(s *openapi.Schemas) *openapi.Schema {
	return s.Add("FieldErrors", &openapi.Schema{
		Type:                 openapi.Types{"object"},
		Description:          "What is wrong, by field; __all__ stands for the object as a whole.",
		AdditionalProperties: &openapi.Schema{Type: openapi.Types{"array", "object"}, Items: text()},
	})
}

// settingsSchema describes the settings of any category.
func settingsSchema(s *openapi.Schemas) *openapi.Schema {
	object := openapi.Schema{Type: openapi.Types{"object"}, Description: "Each category has some of these."}
	for _, row := range settingTable {
		f := settingInfos[row.key]
		schema := f.schema(settingInfo)
		schema.Default, schema.ReadOnly = json.RawMessage(row.initial), row.readOnly
		if row.initial == "null" {
			schema = schema.OrNull()
		}
		object.Properties = append(object.Properties, openapi.Member[*openapi.Schema]{Name: row.key, Value: schema})
	}
	return s.Add("Settings", &object)
}

// refine says of members without a type of their own what they hold.
func refine(s *openapi.Schemas) {
	if summary := s.All()["OrganizationSummaryFields"]; summary != nil {
		summary.Properties.Get("object_roles").AdditionalProperties = s.Of(reflect.TypeFor[objectRoleJSON]())
		summary.Properties.Get("related_field_counts").AnyOf = []*openapi.Schema{
			s.Of(reflect.TypeFor[detailCounts]()), s.Of(reflect.TypeFor[listCounts]()),
		}
	}
	if summary := s.All()["ActivitySummary"]; summary != nil {
		summary.Properties.Get("actor").AnyOf = []*openapi.Schema{
			s.Of(reflect.TypeFor[userSummary]()), s.Of(reflect.TypeFor[goneActor]()),
		}
	}
}

// schema is what a value of the field looks like when it is written as documented. (More is
// taken, as in AWX: "2" for an id, "yes" for a boolean.)
func (f fieldInfo) schema(o *objectInfo) *openapi.Schema {
	schema := schemaOfKind(f.kind, f.child)
	schema.Description, schema.MaxLength, schema.Maximum = f.helpText(o), f.length, f.max
	if f.min != nil {
		schema.Minimum = f.min
	}
	for _, choice := range f.choices {
		schema.Enum = append(schema.Enum, choice[0])
	}
	return schema
}

// schemaOfKind translates AWX's words for types.
func schemaOfKind(kind string, child *childInfo) *openapi.Schema {
	switch kind {
	case "string", "choice":
		return text()
	case "url":
		return &openapi.Schema{Type: openapi.Types{"string"}, Format: "uri"}
	case "boolean":
		return truthSchema()
	case "integer":
		return &openapi.Schema{Type: openapi.Types{"integer"}}
	case "id":
		return identifier()
	case "datetime":
		return &openapi.Schema{Type: openapi.Types{"string"}, Format: "date-time"}
	case "list":
		schema := &openapi.Schema{Type: openapi.Types{"array"}}
		if child != nil {
			schema.Items = schemaOfKind(child.kind, child.child)
		}
		return schema
	case "nested object":
		schema := &openapi.Schema{Type: openapi.Types{"object"}}
		if child != nil {
			schema.AdditionalProperties = schemaOfKind(child.kind, child.child)
			schema.AdditionalProperties.Minimum = child.min
		}
		return schema
	default:
		return &openapi.Schema{}
	}
}

func text() *openapi.Schema { return &openapi.Schema{Type: openapi.Types{"string"}} }

func truthSchema() *openapi.Schema { return &openapi.Schema{Type: openapi.Types{"boolean"}} }

func oneOfWords(words ...string) *openapi.Schema {
	schema := text()
	for _, word := range words {
		schema.Enum = append(schema.Enum, word)
	}
	return schema
}

func property(name string, schema *openapi.Schema, description string) openapi.Member[*openapi.Schema] {
	schema.Description = description
	return openapi.Member[*openapi.Schema]{Name: name, Value: schema}
}

var (
	_ openapi.Describer = moment{}
	_ openapi.Describer = members(nil)
	_ openapi.Describer = fieldErrors(nil)
)
