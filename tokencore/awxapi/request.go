package awxapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// request is an HTTP request on its way through the pipeline, with what has been
// found out about it.
type request struct {
	*http.Request
	route    *route
	captured []string // what the braces of route.path stand for; an id replaces a name once it is known
	named    bool     // the path was slashless or held a name, which AWX rewrites
	started  time.Time

	query    query
	store    tokencore.Reader // what filters ask
	remote   bool             // it has no users and organizations
	narrowed tokencore.And    // the filters of a detail URL
	body     object           // the JSON body; empty if there was none
	null     bool             // the JSON body was null

	actor     tokencore.Actor
	judged    bool   // more than a bearer token was looked at, among it the session's cookie
	urlSuffix string // "?format=json" when the client asked for it: AWX then repeats it in every URL
}

func newRequest(r *http.Request, rt *route, captured []string) *request {
	named := !strings.HasSuffix(r.URL.Path, "/")
	for _, segment := range captured {
		named = named || !isID(segment)
	}
	return &request{
		Request: r, route: rt, captured: captured, named: named, started: time.Now(),
		query: parseQuery(r.URL.RawQuery),
	}
}

// authenticated reports whether somebody stands behind the request.
func (r *request) authenticated() bool { return r.actor.User.ID != 0 }

// mayWrite reports whether the credentials allow changes at all. AWX shows no
// capabilities to the bearer of a read token.
func (r *request) mayWrite() bool { return r.actor.Scope.Includes(tokencore.ScopeWrite) }

// id returns a captured segment as an id; 0, which no row has, if it is too large.
func (r *request) id(n int) int64 {
	id, err := strconv.ParseInt(r.captured[n], 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// path returns the canonical path of the request: with a slash at the end and ids for names.
func (r *request) path() string {
	var b strings.Builder
	next := 0
	for _, segment := range r.route.segments {
		if _, capture := captures[segment]; capture {
			segment = r.captured[next]
			next++
		}
		b.WriteByte('/')
		b.WriteString(segment)
	}
	b.WriteByte('/')
	return b.String()
}

// link returns the URL of a resource: r.link("tokens", 7) is "/api/v2/tokens/7/".
// Clients follow only relative paths that begin with /api/.
func (r *request) link(resource string, id int64, more ...string) string {
	return linkPath(resource, id, more...) + r.urlSuffix
}

func linkPath(resource string, id int64, more ...string) string {
	segments := append([]string{"/api/v2", resource, strconv.FormatInt(id, 10)}, more...)
	return strings.Join(segments, "/") + "/"
}

// answer is what a handler gives back.
type answer struct {
	status   int
	body     any    // encoded as JSON; nil: no body
	page     []byte // of package openapi, instead of a body
	location string // of what was created
	csrf     bool   // with a csrftoken cookie, for a login that may follow
}

func ok(body any) answer { return answer{status: http.StatusOK, body: body} }

func created(location string, body any) answer {
	return answer{status: http.StatusCreated, body: body, location: location}
}

func noContent() answer { return answer{status: http.StatusNoContent} }
