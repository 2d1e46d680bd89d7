// Package openapi holds what an API needs to describe itself in OpenAPI 3.1: the
// objects of a document, JSON Schemas made from the Go types that are sent, and a page
// that shows a document to people.
//
// The types are the part of the specification that is used here, no more. They write
// documents and do not read them; whether one is valid is for tests to check.
package openapi
