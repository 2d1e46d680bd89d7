package bearer

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const (
	// UpstreamField marks the answer of a server behind that did not accept the identity
	// of a live token; its value is the status that the server gave. So a client can tell
	// that from a 401 that is about its token.
	UpstreamField = "X-Awxgate-Upstream"

	// statusTokenExpired is what AWX answers from August 2025 on to a signed identity that
	// has expired. It is registered nowhere.
	statusTokenExpired = 498
)

// Answer is the ResponseWriter for the handler that forwards. It removes from what the
// server behind answers, informational answers and trailers included, the fields that
// clients must not send either: they tell identities and signatures.
//
// If a token decided who acts, it also removes the session cookie, which would outlive
// the token, and tells answers about the identity from answers about the token: 401 is
// marked by UpstreamField, and an identity that has expired, which is no fault of the
// client's, becomes 503.
type Answer struct {
	http.ResponseWriter
	hygiene *Hygiene
	acted   bool
	started bool
}

// Answer returns the writer for the answer to a request; acted tells that a token
// decided who acts.
func (h *Hygiene) Answer(w http.ResponseWriter, acted bool) *Answer {
	return &Answer{ResponseWriter: w, hygiene: h, acted: acted}
}

// Finish cleans the trailer. Call it once the handler has returned.
func (a *Answer) Finish() {
	if !a.started {
		a.start(http.StatusOK)
	}
	for name := range a.Header() {
		if a.hygiene.covers(strings.TrimPrefix(name, http.TrailerPrefix)) {
			delete(a.Header(), name)
		}
	}
}

// WriteHeader implements http.ResponseWriter.
func (a *Answer) WriteHeader(status int) {
	if a.started {
		a.ResponseWriter.WriteHeader(status) // complains
		return
	}
	a.ResponseWriter.WriteHeader(a.start(status))
}

// start cleans the header, and returns the status to send.
func (a *Answer) start(status int) int {
	header := a.Header()
	for name := range header {
		// Trailer only announces; Finish takes the fields away.
		if name != "Trailer" && a.hygiene.covers(name) {
			delete(header, name)
		}
	}
	if status < http.StatusOK && status != http.StatusSwitchingProtocols {
		return status // another header follows
	}
	a.started = true
	if !a.acted {
		return status
	}
	a.dropSession(header)
	switch status {
	case http.StatusUnauthorized:
		header.Set(UpstreamField, strconv.Itoa(status))
	case statusTokenExpired:
		header.Set(UpstreamField, strconv.Itoa(status))
		header.Set("Retry-After", retryAfter)
		return http.StatusServiceUnavailable
	}
	return status
}

func (a *Answer) dropSession(header http.Header) {
	if cookies := header["Set-Cookie"]; slices.ContainsFunc(cookies, a.hygiene.isSession) {
		header["Set-Cookie"] = slices.DeleteFunc(slices.Clone(cookies), a.hygiene.isSession)
	}
}

// Write implements http.ResponseWriter.
func (a *Answer) Write(p []byte) (int, error) {
	a.begin()
	return a.ResponseWriter.Write(p)
}

// ReadFrom implements io.ReaderFrom, by which bodies are sent without a copy.
func (a *Answer) ReadFrom(r io.Reader) (int64, error) {
	a.begin()
	return io.Copy(a.ResponseWriter, r)
}

// Flush implements http.Flusher.
func (a *Answer) Flush() { _ = a.FlushError() }

// FlushError is for http.ResponseController. A flush sends the header.
func (a *Answer) FlushError() error {
	a.begin()
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (a *Answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *Answer) begin() {
	if !a.started {
		a.WriteHeader(http.StatusOK)
	}
}

var (
	_ http.Flusher  = (*Answer)(nil)
	_ io.ReaderFrom = (*Answer)(nil)
)
