package openapi_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

func pageOf(t *testing.T, operation openapi.Operation) string {
	t.Helper()
	operation.Tags, operation.OperationID = []string{"Two words"}, "op"
	page, err := openapi.Page(&openapi.Document{
		OpenAPI: openapi.Version, Info: openapi.Info{Title: "<Title>"}, Tags: []openapi.Tag{{Name: "Two words"}},
		Paths: openapi.Ordered[openapi.PathItem]{{Name: "/things/{id}/", Value: openapi.PathItem{
			Parameters: []*openapi.Parameter{{Ref: "#/components/parameters/id"}}, Get: &operation,
		}}},
		Components: openapi.Components{
			Parameters: map[string]*openapi.Parameter{"id": {Name: "id", In: "path", Required: true, Schema: &openapi.Schema{Type: openapi.Types{"integer"}}}},
			Responses:  map[string]*openapi.Response{"Gone": {Description: "It is gone."}},
			Schemas: map[string]*openapi.Schema{"Thing": {Type: openapi.Types{"object"}, Required: []string{"kind"}, Properties: openapi.Ordered[*openapi.Schema]{
				{Name: "kind", Value: &openapi.Schema{Type: openapi.Types{"string"}, Enum: []any{"big", "small"}, Default: "big"}},
				{Name: "parts", Value: (&openapi.Schema{Type: openapi.Types{"array"}, Items: openapi.Ref("Thing")}).OrNull()},
			}}},
		},
	}, "/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(page)), " ")
}

func TestPage_FollowsReferences(t *testing.T) {
	page := pageOf(t, openapi.Operation{
		Summary:     "Read <it>",
		RequestBody: &openapi.RequestBody{Content: map[string]openapi.MediaType{"application/json": {Schema: openapi.Ref("Thing")}}},
		Responses:   map[string]*openapi.Response{"410": {Ref: "#/components/responses/Gone"}},
	})
	for _, want := range []string{
		"<title>&lt;Title&gt;</title>",
		`<a href="/schema.json">`,
		`<h2 id="two-words">Two words</h2>`,
		`<details id="op">`,
		"Read &lt;it&gt;",
		"<code>id</code> <small>path, integer, required</small>",
		"<code>kind</code> <small>string, required</small>",
		"One of <code>&#34;big&#34;</code>, <code>&#34;small&#34;</code>. Default: <code>&#34;big&#34;</code>.",
		`list of <a href="#schema-Thing">Thing</a>`,
		"<code>410</code></dt> <dd>It is gone.</dd>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("lacks %s in\n%s", want, page)
		}
	}
}

func TestPage_SaysWhoIsLetIn(t *testing.T) {
	tests := []struct {
		name, want string
		security   []openapi.SecurityRequirement
	}{
		{"nobody is asked", "Anybody; credentials are not looked at.", nil},
		{"either of two", "Needs bearer (read), or cookie and token.", []openapi.SecurityRequirement{{"bearer": {"read"}}, {"token": {}, "cookie": {}}}},
		{"or none", "Anybody; credentials count if they are good: bearer.", []openapi.SecurityRequirement{{"bearer": {}}, {}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if page := pageOf(t, openapi.Operation{Security: tt.security}); !strings.Contains(page, tt.want) {
				t.Errorf("got %s", page)
			}
		})
	}
}

func TestPage_PolicyAllowsItsStyle(t *testing.T) {
	page, err := openapi.Page(&openapi.Document{}, "")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(openapi.PagePolicy, want) {
		t.Errorf("the policy %s does not allow the style %s", openapi.PagePolicy, want)
	}
}
