package awxapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// sharedStreams are the activity streams in which AWX's entries and ours are. They are in
// the order of time, AWX's first where it is the same, if the query asks for that, for the
// order by id or for none: ids tell nothing about the order between both. In any other order
// AWX's entries come first, and then all of ours.
//
// A filter may be about what only one side has, and then the other has nothing to say:
// an id, which is of one entry; a relation that only AWX has; the tokens and
// applications, which are ours.
func (a *API) sharedStreams() []shared {
	routes := a.streamRoutes()
	streams := make([]shared, len(routes))
	for i, rt := range routes {
		s := shared{route: rt, methods: readMethods, serve: (*API).serveStream}
		if rt.detail != nil {
			s.only = func(captured []string) bool { return isOurEntry(captured[0]) }
			s.serve = (*API).serveEntry
			s.methods = append(slices.Clone(readMethods), http.MethodOptions)
		}
		streams[i] = s
	}
	return streams
}

// isOurEntry reports whether an id is one of ours.
func isOurEntry(id string) bool {
	n, ok := pythonInt(id)
	return ok && n > entryOffset
}

// serveEntry answers with an entry of ours, about which AWX knows nothing.
func (a *API) serveEntry(m merging) { a.answer(m, m.request(a)) }

// answer serves a request without AWX.
func (a *API) answer(m merging, r *request) {
	reply, err := a.pipeline(m.w, r)
	if err != nil {
		reply = a.answerTo(m.w, r, err)
	}
	a.write(m.w, r, reply)
}

// serveStream answers with a page of AWX's entries and ours.
func (a *API) serveStream(m merging) {
	r := m.request(a)
	switch concerned := concernedSide(r.query); {
	case wantsPage(m.r, r.query), concerned == theirs:
		m.upstream.ServeHTTP(m.w, m.r)
		return
	case concerned == ourOwn:
		a.answer(m, r)
		return
	}
	p, err := a.newStreamPage(m, r)
	switch {
	case err == nil:
		p.serve()
	case errors.Is(err, tokencore.ErrUnavailable):
		m.refuse(a, r, err)
	default: // nothing is known of the requester or the filter here; AWX may know
		m.upstream.ServeHTTP(m.w, m.r)
	}
}

// wantsPage reports whether a client asks for the page that AWX shows to people.
func wantsPage(r *http.Request, q query) bool {
	format, given := q.last("format")
	if given && format != "" {
		return format != "json"
	}
	return strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Accept"), ",")), "text/html")
}

// side is whose entries a query is about.
type side int

const (
	both side = iota
	theirs
	ourOwn
)

// concernedSide looks for filters that are about one side only. Of several ids on both sides
// AWX's count.
func concernedSide(q query) side {
	concerned := both
	for _, p := range q {
		key, _ := strings.CutSuffix(p.key, "__int")
		for _, prefix := range []string{"chain__", "or__", "not__"} {
			key = strings.TrimPrefix(key, prefix)
		}
		path, _ := splitLookup(key)
		switch {
		case path == "id" || path == "pk":
			if slices.ContainsFunc(strings.Split(p.value, ","), func(id string) bool { return !isOurEntry(id) }) {
				return theirs
			}
			concerned = ourOwn
		case strings.HasPrefix(path, "o_auth2_"):
			concerned = ourOwn
		}
	}
	return concerned
}

// newStreamPage finds out what of ours the requester may see, and selects by the query. Any
// error but tokencore.ErrUnavailable means: nothing.
func (a *API) newStreamPage(m merging, r *request) (*streamPage, error) {
	if err := a.authenticate(m.w, r); err != nil {
		return nil, err
	}
	about, err := a.aboutPath(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), listTimeout)
	defer cancel()
	filters, err := r.filters(ctx, mergedActivityModel)
	if err != nil {
		return nil, err
	}
	order, err := r.order(mergedActivityModel)
	if err != nil {
		return nil, err
	}
	p := &streamPage{
		api: a, merging: m, r: r, paging: r.paging(),
		where: tokencore.And{about, r.actor.VisibleActivities(), filters}, order: order,
	}
	p.theirOrder, p.direction = streamOrder(r.query)
	switch p.direction {
	case rising:
		p.order = []tokencore.Order{{Field: "time"}, {Field: "id"}}
	case falling:
		p.order = []tokencore.Order{{Field: "time", Descending: true}, {Field: "id", Descending: true}}
	case timeless:
	}
	return p, nil
}

// aboutPath is the condition on entries that the path makes. Whether the requester may read
// what it names is for AWX to say, which is asked before anything is shown.
func (a *API) aboutPath(r *request) (tokencore.Expr, error) {
	switch r.route.path {
	case "/api/v2/users/{user}/activity_stream/":
		id := r.id(0)
		if !isID(r.captured[0]) {
			user, err := a.user(r, 0)
			if err != nil {
				return nil, err
			}
			id = user.ID
		}
		return tokencore.Or{tokencore.Eq("actor", id), tokencore.Eq("user", id)}, nil
	case "/api/v2/organizations/{organization}/activity_stream/":
		id := r.id(0)
		if !isID(r.captured[0]) {
			o, err := a.organization(r, 0)
			if err != nil {
				return nil, err
			}
			id = o.ID
		}
		return tokencore.Eq("organization", id), nil
	default:
		return tokencore.And{}, nil
	}
}

// direction of time in a list.
type direction int

const (
	timeless direction = iota // the order is another
	rising
	falling
)

// streamOrder is the order to ask AWX for. It decides between equals, too, which AWX's own
// does not, because pages of a list without a definite order repeat and omit entries.
func streamOrder(q query) (text string, d direction) {
	for _, p := range q {
		if p.key == "order_by" || p.key == "order" {
			text = p.value
		}
	}
	first, _, _ := strings.Cut(strings.Trim(text, ","), ",")
	switch first {
	case "", "id", "pk", "timestamp":
		return "timestamp,id", rising
	case "-id", "-pk", "-timestamp":
		return "-timestamp,-id", falling
	default:
		return strings.Trim(text, ",") + ",id", timeless
	}
}
