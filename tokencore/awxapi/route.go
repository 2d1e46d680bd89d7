package awxapi

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// handler answers one method of one route. An error is a *problem, or anything
// else, which answerTo turns into one.
type handler func(r *request) (answer, error)

// access says who may come as far as the handler. The zero access is nobody without
// credentials, so that a forgotten field closes a route instead of opening it.
type access uint8

const (
	// anonymous: bad credentials count as none, as at AWX's /api/ and /api/v2/.
	anonymous access = iota + 1
	// unauthenticated: credentials are not even looked at, as at AWX's ping.
	unauthenticated
)

// route is one path with the methods it has. HEAD follows get, and OPTIONS is
// everywhere.
type route struct {
	// path ends in a slash. A segment in braces is captured if it has the shape
	// that captures demands: "/api/v2/applications/{application}/tokens/".
	path   string
	name   string // what AWX calls the view
	about  string // for OPTIONS
	access access

	// detail is the model of the one row that the path is about, which filters narrow too.
	detail *model

	get, post, put, patch, delete handler

	// raw serves the whole path, past the REST pipeline.
	raw http.HandlerFunc

	segments []string
	allow    string
}

// captures says which decoded segments may stand for a name in braces. A segment
// of digits is always an id.
var captures = map[string]func(segment string) bool{
	"{id}":           isID,
	"{application}":  isNameOf(applicationNameParts),
	"{user}":         isNameOf(userNameParts),
	"{organization}": isNameOf(organizationNameParts),
	"{slug}":         func(string) bool { return true },
}

// compile splits the path and spells out the Allow header. The order is AWX's, and
// awxkit splits it at ", ".
func (rt *route) compile() {
	rt.segments = strings.Split(strings.Trim(rt.path, "/"), "/")
	var methods []string
	for _, m := range []struct {
		name string
		h    handler
	}{
		{http.MethodGet, rt.get},
		{http.MethodPost, rt.post},
		{http.MethodPut, rt.put},
		{http.MethodPatch, rt.patch},
		{http.MethodDelete, rt.delete},
	} {
		if m.h != nil {
			methods = append(methods, m.name)
		}
	}
	if rt.get != nil {
		methods = append(methods, http.MethodHead)
	}
	rt.allow = strings.Join(append(methods, http.MethodOptions), ", ")
}

// handler returns what serves the method, nil if nothing does.
func (rt *route) handler(method string) handler {
	switch method {
	case http.MethodGet, http.MethodHead:
		return rt.get
	case http.MethodPost:
		return rt.post
	case http.MethodPut:
		return rt.put
	case http.MethodPatch:
		return rt.patch
	case http.MethodDelete:
		return rt.delete
	default:
		return nil
	}
}

// match finds the route of a request and what its path captures. Static segments
// must be spelled exactly; only captured ones may hold escapes. A missing slash at
// the end is forgiven: AWX redirects there, which turns a POST into a GET in
// most clients, or rewrites the path itself.
func (a *API) match(r *http.Request) (*route, []string) {
	segments, ok := splitPath(r.URL)
	if !ok {
		return nil, nil
	}
	for _, routes := range [][]route{a.routes, a.absent} {
		for i := range routes {
			if captured, ok := routes[i].match(segments); ok {
				return &routes[i], captured
			}
		}
	}
	return nil, nil
}

func (rt *route) match(segments []string) ([]string, bool) {
	if len(segments) != len(rt.segments) {
		return nil, false
	}
	var captured []string
	for i, want := range rt.segments {
		shape, capture := captures[want]
		if !capture {
			if segments[i] != want {
				return nil, false
			}
			continue
		}
		segment, ok := unescapeSegment(segments[i])
		if !ok || !shape(segment) {
			return nil, false
		}
		captured = append(captured, segment)
	}
	return captured, true
}

// splitPath returns the segments of the path as they were sent.
func splitPath(u *url.URL) ([]string, bool) {
	path, ok := strings.CutPrefix(u.EscapedPath(), "/")
	if !ok || path == "" {
		return nil, false
	}
	return strings.Split(strings.TrimSuffix(path, "/"), "/"), true
}

// unescapeSegment decodes a captured segment once. Dot segments, and what would
// have been a separator or a control character, are nobody's name.
func unescapeSegment(escaped string) (string, bool) {
	s, err := url.PathUnescape(escaped)
	if err != nil || s == "" || s == "." || s == ".." || !utf8.ValidString(s) {
		return "", false
	}
	for _, c := range s {
		if c == '/' || c < ' ' || c == 0x7f {
			return "", false
		}
	}
	return s, true
}

// isID reports whether the segment is an id: digits only, of any length.
func isID(segment string) bool {
	return segment != "" && strings.Trim(segment, "0123456789") == ""
}
