package awxapi

import (
	"net/http"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// The description has every method of every route, and nothing else: HEAD and OPTIONS
// are everywhere, and described in words.
func TestDescriptions_AreThoseOfTheRoutes(t *testing.T) {
	svc, err := tokencore.New(memory.New(), noDirectory{}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(svc, Config{Accounts: noDirectory{}})
	if err != nil {
		t.Fatal(err)
	}
	routed := map[string]bool{}
	for i := range a.routes {
		rt := &a.routes[i]
		routed[rt.path] = true
		what, described := descriptions[rt.path]
		if !described {
			t.Errorf("%s is not described", rt.path)
			continue
		}
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			_, described := what.methods[method]
			if rt.raw == nil && described != (rt.handler(method) != nil) {
				t.Errorf("%s %s: is it described: %v; is it served: %v", method, rt.path, described, !described)
			}
		}
	}
	for path := range descriptions {
		if !routed[path] {
			t.Errorf("%s is described but not served", path)
		}
	}
}

// Texts about schemas and properties that do not exist would be lost without a word.
func TestDescriptions_ExplainWhatExists(t *testing.T) {
	svc, err := tokencore.New(memory.New(), noDirectory{}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(svc, Config{Accounts: noDirectory{}})
	if err != nil {
		t.Fatal(err)
	}
	schemas := a.openAPI().Components.Schemas
	for name := range schemaTexts {
		if schemas[name] == nil {
			t.Errorf("there is no schema %s", name)
		}
	}
	for name, properties := range propertyTexts {
		if schemas[name] == nil {
			t.Errorf("there is no schema %s", name)
			continue
		}
		for property := range properties {
			if schemas[name].Properties.Get(property) == nil {
				t.Errorf("%s has no property %s", name, property)
			}
		}
	}
}
