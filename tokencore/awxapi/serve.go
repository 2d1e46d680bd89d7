package awxapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// ServeHTTP answers in AWX's order of precedence: unknown path; content type and
// JSON; credentials; scope; method; then the handler with object, permission and
// field errors.
func (a *API) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	rt, captured := a.match(hr)
	switch {
	case rt == nil:
		writeNotFoundPage(w)
	case isPreflight(hr):
		writePreflight(w)
	case rt.raw != nil:
		setCommonHeaders(w.Header())
		rt.raw(w, hr)
	default:
		r := newRequest(hr, rt, captured)
		r.store, r.remote = a.svc.Store(), a.config.Accounts == nil
		reply, err := a.pipeline(w, r)
		if err != nil {
			reply = a.answerTo(w, r, err)
		}
		a.write(w, r, reply)
	}
}

func (a *API) pipeline(w http.ResponseWriter, r *request) (answer, error) {
	if r.route.access != unauthenticated {
		if err := r.readBody(w); err != nil {
			return answer{}, err
		}
	}
	denied := a.authenticate(w, r) // first, since even a 406 tells an authenticated client the version
	if err := r.negotiate(); err != nil {
		return answer{}, err
	}
	if denied != nil {
		return answer{}, denied
	}
	if r.authenticated() && !r.actor.Scope.Allows(r.Method) {
		return answer{}, tokencore.ErrScope
	}
	if r.Method == http.MethodOptions {
		body, err := a.metadata(r)
		return ok(body), err
	}
	h := r.route.handler(r.Method)
	if h == nil {
		return answer{}, methodNotAllowed(r.Method)
	}
	if err := r.narrowing(); err != nil {
		return answer{}, err
	}
	reply, err := h(r)
	if err == nil && reply.csrf {
		_, err = a.config.Sessions.FormToken(w, r.Request)
	}
	return reply, err
}

// negotiate looks at the format parameter and the Accept header. HTML is asked
// for by browsers, which get the JSON.
func (r *request) negotiate() error {
	switch format, given := r.query.last("format"); {
	case given && format == "json":
		r.urlSuffix = "?format=json"
		return nil
	case given && format != "" && format != "api":
		return notFound("Not found.")
	}
	if accepts(r.Header, "", "*/*", "application/*", "application/json", "text/html", "text/*") {
		return nil
	}
	return detail(http.StatusNotAcceptable, "Could not satisfy the request Accept header.")
}

// accepts reports whether a client takes one of the media types; without an Accept
// header it takes anything.
func accepts(h http.Header, mediaTypes ...string) bool {
	accept := h.Values("Accept")
	if len(accept) == 0 {
		return true
	}
	for item := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		mediaType, _, _ := strings.Cut(item, ";")
		if slices.Contains(mediaTypes, strings.ToLower(strings.TrimSpace(mediaType))) {
			return true
		}
	}
	return false
}

// write sends the answer with the headers that AWX sends.
func (a *API) write(w http.ResponseWriter, r *request, reply answer) {
	h := w.Header()
	setCommonHeaders(h)
	h.Set("Vary", "Accept, Accept-Language, Origin")
	if r.judged {
		h.Set("Vary", "Accept, Accept-Language, Origin, Cookie")
	}
	if reply.csrf {
		h.Set("Vary", "Accept, Cookie, Accept-Language, Origin")
	}
	// On a path that AWX had to rewrite, its 404 says nothing about the view behind.
	if reply.status != http.StatusNotFound || !r.named {
		h.Set("Allow", r.route.allow)
		h.Set("X-API-Product-Name", "AWX")
		if r.authenticated() {
			h.Set("X-API-Product-Version", a.config.Version)
		}
		h.Set("X-API-Node", a.config.Node)
		elapsed := fmt.Sprintf("%.3fs", time.Since(r.started).Seconds())
		h.Set("X-API-Time", elapsed)
		h.Set("X-API-Total-Time", elapsed)
	}
	if reply.location != "" {
		h.Set("Location", reply.location)
	}
	if reply.page != nil {
		writePage(w, r.Request, reply)
		return
	}
	writeBody(w, r.Request, reply.status, reply.body)
}

// writeBody sends a JSON body; nil is none. HEAD gets the length of what GET would get.
func writeBody(w http.ResponseWriter, r *http.Request, status int, body any) {
	h := w.Header()
	if body == nil {
		h.Set("Content-Length", "0")
		if status == http.StatusNoContent {
			h.Del("Content-Length")
		}
		w.WriteHeader(status)
		return
	}
	text, err := encodeJSON(body)
	if err != nil {
		// The wire types cannot fail to encode; this is a programmer's mistake.
		http.Error(w, "Server Error (500)", http.StatusInternalServerError)
		return
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(text)
	}
}

// encodeJSON writes compact JSON with every character as it is, as AWX does.
func encodeJSON(body any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil {
		return nil, fmt.Errorf("encoding answer: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// setCommonHeaders sets what every answer has. The last four are what AWX's nginx adds.
func setCommonHeaders(h http.Header) {
	h.Set("Content-Language", "en")
	h.Set("Access-Control-Expose-Headers", "X-API-Request-Id")
	if id, err := tokencore.NewUUID(nil); err == nil {
		h.Set("X-API-Request-Id", strings.ReplaceAll(id, "-", ""))
	}
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	h.Set("Pragma", "no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
}

// isPreflight recognises a browser's CORS question (Fetch standard, 4.8).
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

// writePreflight answers it as AWX does: politely, and without allowing anything.
func writePreflight(w http.ResponseWriter) {
	h := w.Header()
	setCommonHeaders(h)
	h.Del("Content-Language")
	h.Set("Vary", "Origin")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}
