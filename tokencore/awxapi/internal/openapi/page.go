package openapi

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageStyle string
)

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"in": slices.Contains[[]string],
	"json": func(value any) (string, error) {
		text, err := json.Marshal(value)
		return string(text), err
	},
}).Parse(pageHTML))

// PagePolicy is the Content-Security-Policy for a Page: its own style sheet, no script,
// nothing from anywhere.
var PagePolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}()

// Page shows a document to people: one self-contained HTML page without scripts, with
// the operations grouped by their first tag. json is the link to the document itself.
func Page(doc *Document, json string) ([]byte, error) {
	data := struct {
		Doc    *Document
		JSON   string
		Style  template.CSS
		Groups []group
	}{doc, json, template.CSS(pageStyle), groups(doc)} //nolint:gosec // our own style sheet
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("rendering the page of the API: %w", err)
	}
	return b.Bytes(), nil
}

// group is the section of a tag.
type group struct {
	Tag
	Operations []pageOperation
}

// Anchor is where links to the group go.
func (g group) Anchor() string { return strings.ReplaceAll(strings.ToLower(g.Name), " ", "-") }

// pageOperation is an operation with its references followed.
type pageOperation struct {
	MethodOperation
	Path       string
	Parameters []*Parameter
	Bodies     []pageBody
	Answers    []pageAnswer
	Who        string
}

type pageBody struct {
	MediaType string
	Schema    *Schema
}

type pageAnswer struct {
	Status, Description string
	Schemas             []*Schema
}

func groups(doc *Document) []group {
	sections := make([]group, len(doc.Tags))
	for i, tag := range doc.Tags {
		sections[i].Tag = tag
		for _, path := range doc.Paths {
			for _, o := range path.Value.Operations() {
				if o.Tags[0] == tag.Name {
					sections[i].Operations = append(sections[i].Operations, doc.show(path.Name, path.Value, o))
				}
			}
		}
	}
	return sections
}

func (doc *Document) show(path string, item PathItem, o MethodOperation) pageOperation {
	shown := pageOperation{MethodOperation: o, Path: path, Who: who(o.Security)}
	for _, p := range slices.Concat(item.Parameters, o.Parameters) {
		if p.Ref != "" {
			p = doc.Components.Parameters[lastSegment(p.Ref)]
		}
		shown.Parameters = append(shown.Parameters, p)
	}
	if o.RequestBody != nil {
		for _, mediaType := range slices.Sorted(maps.Keys(o.RequestBody.Content)) {
			schema := o.RequestBody.Content[mediaType].Schema
			if schema.Ref != "" {
				schema = doc.Components.Schemas[schema.RefName()]
			}
			shown.Bodies = append(shown.Bodies, pageBody{mediaType, schema})
		}
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		response := o.Responses[status]
		if response.Ref != "" {
			response = doc.Components.Responses[lastSegment(response.Ref)]
		}
		answer := pageAnswer{Status: status, Description: response.Description}
		for _, mediaType := range slices.Sorted(maps.Keys(response.Content)) {
			if schema := response.Content[mediaType].Schema; schema != nil {
				answer.Schemas = append(answer.Schemas, schema)
			}
		}
		shown.Answers = append(shown.Answers, answer)
	}
	return shown
}

func lastSegment(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

// who says in words whom the requirements let through.
func who(security []SecurityRequirement) string {
	if len(security) == 0 {
		return "Anybody; credentials are not looked at."
	}
	var ways []string
	anybody := false
	for _, requirement := range security {
		if len(requirement) == 0 {
			anybody = true
			continue
		}
		var parts []string
		for _, scheme := range slices.Sorted(maps.Keys(requirement)) {
			if scopes := requirement[scheme]; len(scopes) > 0 {
				scheme += " (" + strings.Join(scopes, ", ") + ")"
			}
			parts = append(parts, scheme)
		}
		ways = append(ways, strings.Join(parts, " and "))
	}
	text := strings.Join(ways, ", or ")
	if anybody {
		return "Anybody; credentials count if they are good: " + text + "."
	}
	return "Needs " + text + "."
}
