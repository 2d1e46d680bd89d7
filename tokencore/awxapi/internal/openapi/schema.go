package openapi

import (
	"encoding/json"
	"slices"
	"strings"
)

// Schema is a JSON Schema (draft 2020-12).
type Schema struct {
	Ref                  string           `json:"$ref,omitempty"`
	Type                 Types            `json:"type,omitempty"`
	Format               string           `json:"format,omitempty"`
	Description          string           `json:"description,omitempty"`
	Enum                 []any            `json:"enum,omitempty"`
	Default              any              `json:"default,omitempty"`
	Minimum              *int64           `json:"minimum,omitempty"`
	Maximum              *int64           `json:"maximum,omitempty"`
	MaxLength            int              `json:"maxLength,omitempty"`
	Items                *Schema          `json:"items,omitempty"`
	MinItems             int              `json:"minItems,omitempty"`
	MaxItems             int              `json:"maxItems,omitempty"`
	Properties           Ordered[*Schema] `json:"properties,omitempty"`
	AdditionalProperties *Schema          `json:"additionalProperties,omitempty"`
	Required             []string         `json:"required,omitempty"`
	AnyOf                []*Schema        `json:"anyOf,omitempty"`
	ReadOnly             bool             `json:"readOnly,omitempty"`
}

// Types are the JSON types that a value may have. One alone is written as a string.
type Types []string

// MarshalJSON implements json.Marshaler.
func (t Types) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0]) //nolint:wrapcheck // a string always can be
	}
	return json.Marshal([]string(t))
}

const schemaPrefix = "#/components/schemas/"

// Ref is a reference to a schema of the document's components.
func Ref(name string) *Schema { return &Schema{Ref: schemaPrefix + name} }

// RefName returns the name that the schema refers to, empty if it is no reference.
func (s *Schema) RefName() string { return strings.TrimPrefix(s.Ref, schemaPrefix) }

// OrNull lets the value be null, too.
func (s *Schema) OrNull() *Schema {
	if s.Ref != "" || s.AnyOf != nil {
		return &Schema{AnyOf: []*Schema{s, {Type: Types{"null"}}}}
	}
	if s.Type == nil { // anything, which null is
		return s
	}
	wider := *s
	wider.Type = append(slices.Clip(wider.Type), "null")
	return &wider
}

// Words names the type for people: "string or null". What it refers to, or is a list of,
// is not in it.
func (s *Schema) Words() string {
	if s.Type == nil {
		return "anything"
	}
	words := make([]string, len(s.Type))
	for i, word := range s.Type {
		if word == "string" && s.Format != "" {
			word = s.Format
		}
		words[i] = word
	}
	return strings.Join(words, " or ")
}

var _ json.Marshaler = Types(nil)
