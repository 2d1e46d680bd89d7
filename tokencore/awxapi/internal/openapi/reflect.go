package openapi

import (
	"fmt"
	"reflect"
	"strings"
)

// Describer is a type that is not sent as what it is in Go.
type Describer interface {
	OpenAPISchema(s *Schemas) *Schema
}

// Schemas makes schemas of Go types as encoding/json sends them, so that neither can
// change without the other. Structs become components.
type Schemas struct {
	// Name names the component of a struct type.
	Name func(reflect.Type) string

	made  map[string]*Schema
	types map[string]reflect.Type
}

// Add adds a component that is no Go type, and returns a reference to it.
func (s *Schemas) Add(name string, schema *Schema) *Schema {
	if s.made == nil {
		s.made, s.types = map[string]*Schema{}, map[string]reflect.Type{}
	}
	s.made[name] = schema
	return Ref(name)
}

// All returns the components that have been made.
func (s *Schemas) All() map[string]*Schema { return s.made }

// Of returns the schema of a type: for a struct a reference to its component.
//
// A field may be missing if it has omitempty or comes from an embedded pointer; a
// pointer without omitempty may be null. It panics on what cannot be sent, which is a
// mistake of the program.
func (s *Schemas) Of(t reflect.Type) *Schema {
	if t.Implements(reflect.TypeFor[Describer]()) && t.Kind() != reflect.Pointer {
		return reflect.Zero(t).Interface().(Describer).OpenAPISchema(s) //nolint:forcetypeassert // just asked
	}
	switch t.Kind() {
	case reflect.String:
		return &Schema{Type: Types{"string"}}
	case reflect.Bool:
		return &Schema{Type: Types{"boolean"}}
	case reflect.Int, reflect.Int32:
		return &Schema{Type: Types{"integer"}}
	case reflect.Int64:
		return &Schema{Type: Types{"integer"}, Format: "int64"}
	case reflect.Interface:
		return &Schema{}
	case reflect.Pointer:
		return s.Of(t.Elem()).OrNull()
	case reflect.Slice:
		return &Schema{Type: Types{"array"}, Items: s.Of(t.Elem())}
	case reflect.Array:
		return &Schema{Type: Types{"array"}, Items: s.Of(t.Elem()), MinItems: t.Len(), MaxItems: t.Len()}
	case reflect.Map:
		return &Schema{Type: Types{"object"}, AdditionalProperties: s.Of(t.Elem())}
	case reflect.Struct:
		if t.NumField() == 0 {
			return &Schema{Type: Types{"object"}}
		}
		return s.component(t)
	default:
		panic(fmt.Sprintf("openapi: %s has no schema", t))
	}
}

func (s *Schemas) component(t reflect.Type) *Schema {
	name := s.Name(t)
	if other, taken := s.types[name]; taken {
		if other != t {
			panic(fmt.Sprintf("openapi: %s and %s have the same name %s", other, t, name))
		}
		return Ref(name)
	}
	object := &Schema{Type: Types{"object"}}
	ref := s.Add(name, object) // before its fields, which may refer to it
	s.types[name] = t
	s.addFields(object, t, true)
	return ref
}

// addFields adds the fields of a struct; those of an embedded one stand beside them.
func (s *Schemas) addFields(object *Schema, t reflect.Type, present bool) {
	for f := range t.Fields() {
		if f.Anonymous {
			embedded := f.Type
			if embedded.Kind() == reflect.Pointer {
				s.addFields(object, embedded.Elem(), false)
			} else {
				s.addFields(object, embedded, present)
			}
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fieldType := f.Type
		optional := strings.Contains(","+options+",", ",omitempty,") || strings.Contains(","+options+",", ",omitzero,")
		if optional && fieldType.Kind() == reflect.Pointer {
			fieldType = fieldType.Elem() // absent instead of null
		}
		object.Properties = append(object.Properties, Member[*Schema]{name, s.Of(fieldType)})
		if present && !optional {
			object.Required = append(object.Required, name)
		}
	}
}
