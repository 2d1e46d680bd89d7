package awxapi

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

// openAPI describes the routes that are served. Paths, methods and who may come in
// are the route table's; openapi_operations.go adds what the methods are for; schemas
// of answers are made from the types that are sent. A test fails if any route is missing.
func (a *API) openAPI() *openapi.Document {
	d := &describer{
		schemas: openapi.Schemas{Name: componentName}, sessions: a.served(&request{}, loginPath) != "",
		parameters: map[string]*openapi.Parameter{}, responses: map[string]*openapi.Response{},
	}
	document := &openapi.Document{
		OpenAPI: openapi.Version,
		Info:    openapi.Info{Title: "AWX token API", Summary: aboutSummary, Description: aboutText, Version: a.config.Version},
	}
	for i := range a.routes {
		rt := &a.routes[i]
		if what, described := descriptions[rt.path]; described {
			document.Paths = append(document.Paths, openapi.Member[openapi.PathItem]{Name: rt.path, Value: d.path(rt, what)})
		}
	}
	slices.SortFunc(document.Paths, func(x, y openapi.Member[openapi.PathItem]) int { return cmp.Compare(x.Name, y.Name) })
	document.Tags = usedTags(document)
	refine(&d.schemas)
	explain(d.schemas.All())
	document.Components = d.components()
	return document
}

func usedTags(document *openapi.Document) []openapi.Tag {
	used := map[string]bool{}
	for _, path := range document.Paths {
		for _, o := range path.Value.Operations() {
			used[o.Tags[0]] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(tags), func(t openapi.Tag) bool { return !used[t.Name] })
}

// componentName names the schema of a type: applicationJSON is "Application", a page
// of them "ApplicationList".
func componentName(t reflect.Type) string {
	name := t.Name()
	if item, generic := strings.CutPrefix(name, "page["); generic {
		item = item[strings.LastIndexByte(item, '.')+1 : len(item)-1]
		return exportedName(item) + "List"
	}
	return exportedName(name)
}

func exportedName(name string) string {
	name = strings.TrimSuffix(name, "JSON")
	return strings.ToUpper(name[:1]) + name[1:]
}

// describer collects components while it goes through the routes.
type describer struct {
	schemas    openapi.Schemas
	sessions   bool // people can sign in here
	parameters map[string]*openapi.Parameter
	responses  map[string]*openapi.Response
}

// path describes one path. The methods of a route that serves itself are known only
// to its description.
func (d *describer) path(rt *route, what pathDescription) openapi.PathItem {
	item := openapi.PathItem{Description: rt.about}
	for _, segment := range rt.segments {
		if isCapture(segment) {
			item.Parameters = append(item.Parameters, d.parameter(strings.Trim(segment, "{}")))
		}
	}
	for method, to := range map[string]**openapi.Operation{
		http.MethodGet: &item.Get, http.MethodPost: &item.Post, http.MethodPut: &item.Put,
		http.MethodPatch: &item.Patch, http.MethodDelete: &item.Delete,
	} {
		if o, described := what.methods[method]; described && (rt.raw != nil || rt.handler(method) != nil) {
			*to = d.operation(rt, method, what.tag, o)
		}
	}
	return item
}

func (d *describer) operation(rt *route, method, tag string, o operation) *openapi.Operation {
	described := &openapi.Operation{
		Tags: []string{tag}, Summary: o.summary, Description: o.text, OperationID: o.id,
		Responses: map[string]*openapi.Response{}, Security: o.security,
	}
	if described.Security == nil {
		described.Security = d.security(rt, method)
	}
	described.Parameters = append(described.Parameters, o.parameters...)
	if o.model != nil {
		for _, name := range listParameters {
			described.Parameters = append(described.Parameters, d.parameter(name))
		}
		described.Parameters = append(described.Parameters, d.filters(o.model))
	}
	if o.body != nil {
		described.RequestBody = &openapi.RequestBody{
			Required: true, Content: map[string]openapi.MediaType{cmp.Or(o.bodyType, typeJSON): {Schema: o.body(&d.schemas)}},
		}
	}
	status := cmp.Or(o.status, http.StatusOK)
	described.Responses[strconv.Itoa(status)] = d.success(status, o)
	for status, other := range o.others {
		described.Responses[strconv.Itoa(status)] = d.success(status, other)
	}
	for status, what := range o.refusals(rt, method) {
		described.Responses[strconv.Itoa(status)] = d.refusal(what)
	}
	return described
}

const (
	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
	typeHTML = "text/html"
)

// success describes the answer that is hoped for.
func (d *describer) success(status int, o operation) *openapi.Response {
	response := &openapi.Response{Description: cmp.Or(o.outcome, http.StatusText(status))}
	if status == http.StatusCreated || status == http.StatusFound {
		response.Headers = map[string]*openapi.Header{"Location": {Ref: "#/components/headers/Location"}}
	}
	if o.answer != nil {
		response.Content = map[string]openapi.MediaType{typeJSON: {Schema: o.answer(&d.schemas)}}
	}
	if o.html {
		if response.Content == nil {
			response.Content = map[string]openapi.MediaType{}
		}
		response.Content[typeHTML] = openapi.MediaType{Schema: &openapi.Schema{Type: openapi.Types{"string"}}}
	}
	return response
}

// parameter returns a reference to one of the parameters that several operations share.
func (d *describer) parameter(name string) *openapi.Parameter {
	d.parameters[name] = sharedParameters[name]
	return &openapi.Parameter{Ref: "#/components/parameters/" + name}
}

func (d *describer) components() openapi.Components {
	return openapi.Components{
		Schemas: d.schemas.All(), Responses: d.responses, Parameters: d.parameters,
		Headers: sharedHeaders, SecuritySchemes: d.securitySchemes(),
	}
}
