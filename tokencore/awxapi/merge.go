package awxapi

import (
	"encoding/json"
	"net/http"
	"slices"
)

// shared is a path whose document AWX and we make together: AWX's own, with what AWX
// 24.6.1 had of ours put back in.
type shared struct {
	route
	methods []string // others are AWX's alone
	// only narrows down what the path captures; nil: anything.
	only  func(captured []string) bool
	serve func(a *API, m merging)
}

// merging is a request to such a path.
type merging struct {
	w        http.ResponseWriter
	r        *http.Request
	upstream http.Handler
	route    *route
	captured []string
}

var readMethods = []string{http.MethodGet, http.MethodHead}

// sharedRoutes lists what is merged. With accounts of our own, users, organizations and the
// activity stream are ours alone, and a requester whom AWX does not know (a session of
// ours, or a password) gets what we say without AWX.
func (a *API) sharedRoutes() []shared {
	var unknown []int
	if a.config.Accounts != nil {
		unknown = []int{http.StatusUnauthorized}
	}
	routes := []shared{
		{route: route{path: "/api/"}, methods: readMethods, serve: edited(putRoot, unknown...)},
		{route: route{path: "/api/v2/"}, methods: readMethods, serve: edited(putVersionRoot, unknown...)},
		// Only an AWX that was built with it describes itself.
		{route: route{path: "/api/v2/schema/"}, methods: readMethods, serve: edited(nil, http.StatusNotFound, http.StatusUnauthorized)},
		a.sharedSettings(),
	}
	if a.config.Accounts != nil {
		return append(routes,
			shared{route: route{path: "/api/v2/config/"}, methods: readMethods, serve: edited(nil, unknown...)},
			shared{route: route{path: "/api/v2/settings/"}, methods: readMethods, serve: edited(nil, unknown...)},
			shared{route: route{path: "/api/v2/settings/{slug}/"}, methods: readMethods, serve: edited(nil, unknown...)},
		)
	}
	return slices.Concat(routes, relatedRoutes(), a.sharedStreams())
}

// Merges reports whether AWX, where there is one, and this API answer the request
// together, by ServeMerged. Only the canonical spelling of a path is merged; in any other the
// document is AWX's own. Ask Owns before.
func (a *API) Merges(r *http.Request) bool {
	s, _ := a.share(r)
	return s != nil
}

// ServeMerged answers with what the upstream says, and what is ours put into it. The
// upstream gets the request, or several like it one after another, with the client's
// credentials and in the client's context; who may have the document is for it to say.
// What it refuses, and everything that is not the JSON that was to be expected, passes
// unchanged. If it writes nothing, neither is anything written here.
func (a *API) ServeMerged(w http.ResponseWriter, r *http.Request, upstream http.Handler) {
	s, captured := a.share(r)
	if s == nil {
		upstream.ServeHTTP(w, r)
		return
	}
	s.serve(a, merging{w, r, upstream, &s.route, captured})
}

func (a *API) share(r *http.Request) (*shared, []string) {
	segments, ok := splitPath(r.URL)
	if !ok {
		return nil, nil
	}
	for i := range a.shared {
		s := &a.shared[i]
		if captured, ok := s.match(segments); ok && (s.only == nil || s.only(captured)) && slices.Contains(s.methods, r.Method) {
			return s, captured
		}
	}
	return nil, nil
}

// edited serves AWX's document with something put in. To answers of the given statuses
// ours is the alternative.
func edited(edit func(m merging, d document) document, alone ...int) func(*API, merging) {
	return func(a *API, m merging) {
		h := ask(m.w, m.r, m.upstream, func(status int, h http.Header) bool {
			return edit != nil && isDocument(status, h) || slices.Contains(alone, status)
		})
		switch {
		case h.status == 0, h.passing:
		case slices.Contains(alone, h.status):
			a.serveAlone(m)
		default:
			h.edit(func(d document) document { return edit(m, d) })
		}
	}
}

// serveAlone answers as if there were no AWX.
func (a *API) serveAlone(m merging) {
	if m.r.GetBody != nil { // AWX has read the other one
		m.r.Body, _ = m.r.GetBody() // of bytes; it cannot fail
	}
	a.ServeHTTP(m.w, m.r)
}

// edit answers with the changed document, or as AWX did if that is none, or nil comes
// back.
func (h *held) edit(change func(document) document) {
	d, err := parseDocument(h.body.Bytes())
	if err == nil {
		d = change(d)
	}
	if err != nil || d == nil {
		h.pass()
		return
	}
	h.send(d.text())
}

// request makes the request of it that handlers know.
func (m merging) request(a *API) *request {
	r := newRequest(m.r, m.route, slices.Clone(m.captured))
	r.store = a.svc.Store()
	if format, _ := r.query.last("format"); format == "json" {
		r.urlSuffix = "?format=json"
	}
	return r
}

// refuse answers without AWX.
func (m merging) refuse(a *API, r *request, err error) { a.write(m.w, r, a.answerTo(m.w, r, err)) }

// putRoot puts OAuth 2 back where AWX 24.6.1 had it; AWX never added the format to that link.
func putRoot(_ merging, d document) document {
	return d.put("oauth2", json.RawMessage(`"/api/o/"`), []string{"available_versions", "oauth2"})
}

// putVersionRoot puts the two resources back, of which clients make commands.
func putVersionRoot(m merging, d document) document {
	order := []string{"credentials", "credential_types", "credential_input_sources", "applications", "tokens"}
	d = d.put("applications", encoded("/api/v2/applications/"+m.suffix()), order)
	return d.put("tokens", encoded("/api/v2/tokens/"+m.suffix()), order)
}

// suffix is what AWX appends to every link of an answer.
func (m merging) suffix() string {
	if format, _ := parseQuery(m.r.URL.RawQuery).last("format"); format == "json" {
		return "?format=json"
	}
	return ""
}
