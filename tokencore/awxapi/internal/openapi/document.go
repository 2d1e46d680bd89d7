package openapi

import "slices"

// Version is the version of the specification that a Document follows.
const Version = "3.1.0"

// Document is the root of a description (OpenAPI 3.1.0, section 4.8).
type Document struct {
	OpenAPI    string            `json:"openapi"` // Version
	Info       Info              `json:"info"`
	Tags       []Tag             `json:"tags"`
	Paths      Ordered[PathItem] `json:"paths"`
	Components Components        `json:"components"`
}

// Info says what the API is.
type Info struct {
	Title       string `json:"title"`
	Summary     string `json:"summary,omitempty"`
	Description string `json:"description,omitempty"`
	Version     string `json:"version"`
}

// Tag groups operations; the order of tags is that of the groups.
type Tag struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Components are referred to from everywhere else. Maps are written in the order of
// their keys.
type Components struct {
	Schemas         map[string]*Schema         `json:"schemas,omitempty"`
	Responses       map[string]*Response       `json:"responses,omitempty"`
	Parameters      map[string]*Parameter      `json:"parameters,omitempty"`
	Headers         map[string]*Header         `json:"headers,omitempty"`
	SecuritySchemes map[string]*SecurityScheme `json:"securitySchemes,omitempty"`
}

// PathItem is one path with its operations.
type PathItem struct {
	Description string       `json:"description,omitempty"`
	Parameters  []*Parameter `json:"parameters,omitempty"`
	Get         *Operation   `json:"get,omitempty"`
	Put         *Operation   `json:"put,omitempty"`
	Post        *Operation   `json:"post,omitempty"`
	Delete      *Operation   `json:"delete,omitempty"`
	Patch       *Operation   `json:"patch,omitempty"`
}

// MethodOperation is an operation with the method that it is for.
type MethodOperation struct {
	Method string
	*Operation
}

// Operations returns the operations that the path has, reading ones first.
func (p PathItem) Operations() []MethodOperation {
	all := []MethodOperation{{"GET", p.Get}, {"POST", p.Post}, {"PUT", p.Put}, {"PATCH", p.Patch}, {"DELETE", p.Delete}}
	return slices.DeleteFunc(all, func(o MethodOperation) bool { return o.Operation == nil })
}

// Operation is one method of one path. No security at all is an empty list: a missing
// one would mean whatever the document says at its top.
type Operation struct {
	Tags        []string              `json:"tags"`
	Summary     string                `json:"summary"`
	Description string                `json:"description,omitempty"`
	OperationID string                `json:"operationId"`
	Parameters  []*Parameter          `json:"parameters,omitempty"`
	RequestBody *RequestBody          `json:"requestBody,omitempty"`
	Responses   map[string]*Response  `json:"responses"`
	Security    []SecurityRequirement `json:"security"`
}

// SecurityRequirement names schemes that must all be satisfied, with the scopes that
// each must have.
type SecurityRequirement map[string][]string

// Parameter is a parameter, or a reference to one.
type Parameter struct {
	Ref         string  `json:"$ref,omitempty"`
	Name        string  `json:"name,omitempty"`
	In          string  `json:"in,omitempty"`
	Description string  `json:"description,omitempty"`
	Required    bool    `json:"required,omitempty"`
	Style       string  `json:"style,omitempty"`
	Explode     bool    `json:"explode,omitempty"`
	Schema      *Schema `json:"schema,omitempty"`
}

// RequestBody is what is sent.
type RequestBody struct {
	Required bool                 `json:"required,omitempty"`
	Content  map[string]MediaType `json:"content"`
}

// MediaType is a body of one type.
type MediaType struct {
	Schema *Schema `json:"schema,omitempty"`
}

// Response is an answer, or a reference to one.
type Response struct {
	Ref         string               `json:"$ref,omitempty"`
	Description string               `json:"description,omitempty"`
	Headers     map[string]*Header   `json:"headers,omitempty"`
	Content     map[string]MediaType `json:"content,omitempty"`
}

// Header is a header of an answer, or a reference to one.
type Header struct {
	Ref         string  `json:"$ref,omitempty"`
	Description string  `json:"description,omitempty"`
	Schema      *Schema `json:"schema,omitempty"`
}

// SecurityScheme is one way to say who asks.
type SecurityScheme struct {
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
	Name        string `json:"name,omitempty"`
	In          string `json:"in,omitempty"`
	Scheme      string `json:"scheme,omitempty"`
	Flows       *Flows `json:"flows,omitempty"`
}

// Flows are the ways to an OAuth 2 token.
type Flows struct {
	Password          *Flow `json:"password,omitempty"`
	AuthorizationCode *Flow `json:"authorizationCode,omitempty"`
}

// Flow is one of them.
type Flow struct {
	AuthorizationURL string            `json:"authorizationUrl,omitempty"`
	TokenURL         string            `json:"tokenUrl,omitempty"`
	RefreshURL       string            `json:"refreshUrl,omitempty"`
	Scopes           map[string]string `json:"scopes"`
}
