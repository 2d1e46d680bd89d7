package caddymodule

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"

	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

// allowedMethods answers TRACE and CONNECT, as RFC 9110, 15.5.6 demands.
const allowedMethods = "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"

// refusal is AWX's body of an error.
type refusal struct {
	Detail string `json:"detail"`
}

// refuseAnybody answers what Hygiene.Admit does not admit.
func refuseAnybody(w http.ResponseWriter, r *http.Request, err error) {
	switch status := bearer.Status(err); status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", allowedMethods)
		refuse(w, status, fmt.Sprintf("Method %q not allowed.", r.Method))
	case http.StatusBadRequest:
		if errors.Is(err, bearer.ErrHost) {
			refuse(w, status, "The host is malformed.")
			return
		}
		refuse(w, status, "The path can be read in two ways; write it without escapes, dots and empty segments.")
	case http.StatusTooEarly:
		refuse(w, status, "The request arrived before the TLS handshake was complete; send it again.")
	default:
		awxapi.WriteAuthError(w, r, err)
	}
}

// keepOutOfAccessLog is for requests with a token in the URL, which access logs show.
func keepOutOfAccessLog(r *http.Request) { caddyhttp.SetVar(r.Context(), caddyhttp.LogSkipVar, true) }

// refuse answers in AWX's form. It is written here instead of being returned as an
// error, which Caddy would log and handle_errors could turn into something else.
func refuse(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	body, err := json.Marshal(refusal{detail})
	if err != nil {
		return // strings always encode; the status says it all
	}
	_, _ = w.Write(body) // the client may be gone
}
