package awxapi

import (
	"net/http"
	"strings"
)

// Endpoint is a method of a path, for tests that walk all of them.
type Endpoint struct{ Method, Path string }

// WritingEndpoints lists what takes a JSON body, with the names in braces replaced.
func (a *API) WritingEndpoints(names map[string]string) []Endpoint {
	var endpoints []Endpoint
	for _, rt := range a.routes {
		path := rt.path
		for name, value := range names {
			path = strings.ReplaceAll(path, name, value)
		}
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch} {
			if rt.handler(method) != nil {
				endpoints = append(endpoints, Endpoint{method, path})
			}
		}
	}
	return endpoints
}

// FormEndpoints lists the paths that take forms and go past the REST pipeline.
func (a *API) FormEndpoints() []string {
	var paths []string
	for _, rt := range a.routes {
		if rt.raw != nil {
			paths = append(paths, rt.path)
		}
	}
	return paths
}

// Paths lists the paths of all routes, stand-ins included, with the names in braces replaced.
func (a *API) Paths(names map[string]string) []string {
	var paths []string
	for _, routes := range [][]route{a.routes, a.absent} {
		for _, rt := range routes {
			path := rt.path
			for name, value := range names {
				path = strings.ReplaceAll(path, name, value)
			}
			paths = append(paths, path)
		}
	}
	return paths
}
