package awxapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

const schemaPath = "/api/v2/schema/"

// schemaRoutes is the path where the API describes itself. AWX has none, so its roots do not list it.
// Credentials are not looked at: the description holds no secret, and is there when the store is not.
func (a *API) schemaRoutes() []route {
	return []route{{
		path: schemaPath, name: "Schema", about: "This API in OpenAPI 3.1, or as a page for people.",
		access: unauthenticated, get: a.getSchema,
	}}
}

// description is the document in both forms. It depends on nothing but the
// configuration, and takes some milliseconds to make.
type description struct {
	document json.RawMessage
	page     []byte
}

func (a *API) newDescription() (description, error) {
	document := a.openAPI()
	text, err := encodeJSON(document)
	if err != nil {
		return description{}, err
	}
	page, err := openapi.Page(document, schemaPath+"?format=json")
	if err != nil {
		return description{}, fmt.Errorf("describing the API: %w", err)
	}
	return description{text, page}, nil
}

func (a *API) getSchema(r *request) (answer, error) {
	own, err := a.describe()
	if err != nil {
		return answer{}, err
	}
	if r.prefersHTML() {
		return answer{status: http.StatusOK, page: own.page}, nil
	}
	return ok(own.document), nil
}

// prefersHTML recognises a browser: it accepts HTML and does not ask for JSON by
// name. The format parameter decides before that, as everywhere.
func (r *request) prefersHTML() bool {
	if format, _ := r.query.last("format"); format != "" {
		return format == "api"
	}
	accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
	return strings.Contains(accept, "text/html") && !strings.Contains(accept, "application/json")
}

// writePage sends a page of package openapi.
func writePage(w http.ResponseWriter, r *http.Request, reply answer) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", openapi.PagePolicy)
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(reply.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(reply.page)
	}
}
