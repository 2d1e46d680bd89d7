package awxapi_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sv-tools/openapi"

	"github.com/awxgate/awxgate/tokencore/awxapi"
)

var updateSchema = flag.Bool("update-schema", false, "write docs/openapi.json anew")

// schemaOf returns the document that an API serves.
func schemaOf(t *testing.T, w *world) []byte {
	t.Helper()
	got := w.call(t, "", "GET", "/api/v2/schema/", "")
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("got %d %s", got.Code, got.Header().Get("Content-Type"))
	}
	return got.Body.Bytes()
}

// validatorOf reads a document strictly.
func validatorOf(t *testing.T, document []byte) *openapi.Validator {
	t.Helper()
	var spec openapi.Extendable[openapi.OpenAPI]
	decoder := json.NewDecoder(bytes.NewReader(document))
	if err := decoder.Decode(&spec); err != nil {
		t.Fatal(err)
	}
	validator, err := openapi.NewValidator(&spec)
	if err != nil {
		t.Fatal(err)
	}
	return validator
}

func TestSchema_IsValidOpenAPI(t *testing.T) {
	for name, accounts := range map[string]bool{"with accounts of our own": true, "with a remote directory": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if !accounts {
				w = newRemoteWorld(t)
			}
			document := schemaOf(t, w)
			if err := validatorOf(t, document).ValidateSpec(); err != nil {
				t.Error(err)
			}
			if !bytes.HasPrefix(document, []byte(`{"openapi":"3.1.0",`)) {
				t.Errorf("begins with %.40s", document)
			}
		})
	}
}

// The whole document is in the repository, so that every change of it is seen.
func TestSchema_IsAsReviewed(t *testing.T) {
	const file = "../../docs/openapi.json"
	var got bytes.Buffer
	if err := json.Indent(&got, schemaOf(t, newWorld(t)), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	if *updateSchema {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the description has changed; look at it, then run: go test ./tokencore/awxapi -run %s -update-schema", t.Name())
	}
}

// schemaDocument is what these tests look at in a description.
type schemaDocument struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
}

type describedOperation struct {
	OperationID string              `json:"operationId"`
	Security    []map[string]any    `json:"security"`
	Responses   map[string]struct{} `json:"responses"`
}

// operations returns the described operations by "METHOD path".
func (d schemaDocument) operations(t *testing.T) map[string]describedOperation {
	t.Helper()
	all := map[string]describedOperation{}
	for path, item := range d.Paths {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			raw, there := item[strings.ToLower(method)]
			if !there {
				continue
			}
			var o describedOperation
			if err := json.Unmarshal(raw, &o); err != nil {
				t.Fatal(err)
			}
			all[method+" "+path] = o
		}
	}
	return all
}

func readDocument(t *testing.T, w *world) schemaDocument {
	t.Helper()
	var d schemaDocument
	if err := json.Unmarshal(schemaOf(t, w), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSchema_OperationsHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for operation, o := range readDocument(t, newWorld(t)).operations(t) {
		if other, taken := seen[o.OperationID]; taken || o.OperationID == "" {
			t.Errorf("%s and %s are both called %q", operation, other, o.OperationID)
		}
		seen[o.OperationID] = operation
	}
}

// Whoever has no credentials is let in where the description says so, and nowhere else.
func TestSchema_TellsWhoIsLetIn(t *testing.T) {
	w := newWorld(t)
	w.application(t, "A", orgA)
	for operation, o := range readDocument(t, w).operations(t) {
		method, path, _ := strings.Cut(operation, " ")
		if strings.HasPrefix(path, "/api/o/") && path != "/api/o/" || strings.HasPrefix(path, "/api/log") {
			continue // they have rules of their own
		}
		public := len(o.Security) == 0 || slices.ContainsFunc(o.Security, func(way map[string]any) bool { return len(way) == 0 })
		got := w.call(t, "", method, examplePath(path), "")
		if (got.Code != http.StatusUnauthorized) != public {
			t.Errorf("%s: got %d without credentials, described with %v", operation, got.Code, o.Security)
		}
		if _, described := o.Responses["401"]; described == public {
			t.Errorf("%s: is 401 described: %v", operation, described)
		}
	}
}

// examplePath fills in the ids of things that exist.
func examplePath(path string) string {
	return strings.NewReplacer(
		"{id}", "1", "{application}", "1", "{user}", "6", "{organization}", "2", "{slug}", "authentication",
	).Replace(path)
}

func TestSchema_Forms(t *testing.T) {
	w := newWorld(t)
	tests := []struct{ name, query, accept, want string }{
		{"a program gets JSON", "", "*/*", "application/json"},
		{"so does one that asks for nothing", "", "", "application/json"},
		{"a browser gets a page", "", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"},
		{"who names both gets JSON", "", "text/html, application/json", "application/json"},
		{"the parameter decides: json", "?format=json", "text/html", "application/json"},
		{"the parameter decides: api", "?format=api", "application/json", "text/html; charset=utf-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v2/schema/"+tt.query, nil)
			if tt.accept != "" {
				r.Header.Set("Accept", tt.accept)
			}
			got := w.serve(r)
			if got.Code != http.StatusOK || got.Header().Get("Content-Type") != tt.want {
				t.Errorf("got %d %s", got.Code, got.Header().Get("Content-Type"))
			}
		})
	}
	if got := w.call(t, "", "GET", "/api/v2/schema/?format=yaml", ""); got.Code != http.StatusNotFound {
		t.Errorf("another format: got %d", got.Code)
	}
	if got := w.call(t, "", "POST", "/api/v2/schema/", ""); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d", got.Code)
	}
	if got := w.call(t, "", "HEAD", "/api/v2/schema/?format=api", ""); got.Code != http.StatusOK || got.Body.Len() > 0 {
		t.Errorf("HEAD: got %d with %d bytes", got.Code, got.Body.Len())
	}
}

func TestSchema_PageIsSelfContained(t *testing.T) {
	w := newWorld(t)
	got := w.call(t, "", "GET", "/api/v2/schema/?format=api", "")
	page := got.Body.String()
	for _, no := range []string{"<script", " src=", `href="http`, "url(", "@import", "javascript:", " style=", " onclick", "ZgotmplZ"} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %q", no)
		}
	}
	policy := got.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy %q", policy)
	}
	d := readDocument(t, w)
	for operation, o := range d.operations(t) {
		if !strings.Contains(page, `<details id="`+o.OperationID+`">`) {
			t.Errorf("the page lacks %s", operation)
		}
	}
	if len(d.Paths) == 0 || !slices.Contains(slices.Collect(maps.Keys(d.Paths)), "/api/v2/tokens/") {
		t.Error("the description has no tokens")
	}
}

// newRemoteWorld is a world whose users and organizations are somebody else's.
func newRemoteWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, func(c *awxapi.Config) { c.Accounts = nil })
}
