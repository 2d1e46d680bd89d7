package openapi_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore/awxapi/internal/openapi"
)

type inner struct {
	On bool `json:"on"`
}

type extra struct {
	Path string `json:"path"`
}

// secondsPast is sent as a number.
type secondsPast struct{ seconds int64 }

func (secondsPast) OpenAPISchema(*openapi.Schemas) *openapi.Schema {
	return &openapi.Schema{Type: openapi.Types{"integer"}}
}

type outer struct {
	ID       int64             `json:"id"`
	Name     string            `json:"name,omitempty"`
	Parent   *int64            `json:"parent"`
	Inner    inner             `json:"inner"`
	Absent   *inner            `json:"absent,omitempty"`
	Null     *inner            `json:"null"`
	List     []inner           `json:"list"`
	Pair     [2]string         `json:"pair"`
	Map      map[string]string `json:"map"`
	Anything any               `json:"anything"`
	Age      secondsPast       `json:"age"`
	Nothing  struct{}          `json:"nothing"`
	Self     *outer            `json:"self,omitempty"`
	Hidden   string            `json:"-"`
	private  string
	*extra
}

func TestSchemas_AreWhatEncodingJSONSends(t *testing.T) {
	schemas := openapi.Schemas{Name: reflect.Type.Name}
	if got := schemas.Of(reflect.TypeFor[outer]()); got.RefName() != "outer" {
		t.Errorf("refers to %q", got.Ref)
	}
	const want = `{
		"type": "object",
		"properties": {
			"id": {"type": "integer", "format": "int64"},
			"name": {"type": "string"},
			"parent": {"type": ["integer", "null"], "format": "int64"},
			"inner": {"$ref": "#/components/schemas/inner"},
			"absent": {"$ref": "#/components/schemas/inner"},
			"null": {"anyOf": [{"$ref": "#/components/schemas/inner"}, {"type": "null"}]},
			"list": {"type": "array", "items": {"$ref": "#/components/schemas/inner"}},
			"pair": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
			"map": {"type": "object", "additionalProperties": {"type": "string"}},
			"anything": {},
			"age": {"type": "integer"},
			"nothing": {"type": "object"},
			"self": {"$ref": "#/components/schemas/outer"},
			"path": {"type": "string"}
		},
		"required": ["id", "parent", "inner", "null", "list", "pair", "map", "anything", "age", "nothing"]
	}`
	if diff := cmp.Diff(decoded(t, []byte(want)), decoded(t, encoded(t, schemas.All()["outer"]))); diff != "" {
		t.Error(diff)
	}
	sent := decoded(t, encoded(t, outer{private: "x", Age: secondsPast{1}, extra: &extra{}})).(map[string]any)
	for _, required := range schemas.All()["outer"].Required {
		if _, is := sent[required]; !is {
			t.Errorf("%s is required but not sent", required)
		}
	}
}

func TestSchemas_RefuseTwoTypesOfOneName(t *testing.T) {
	schemas := openapi.Schemas{Name: func(reflect.Type) string { return "same" }}
	defer func() {
		if recover() == nil {
			t.Error("one of them was lost")
		}
	}()
	schemas.Of(reflect.TypeFor[inner]())
	schemas.Of(reflect.TypeFor[extra]())
}

func TestOrdered_KeepsTheOrder(t *testing.T) {
	o := openapi.Ordered[int]{{Name: "z", Value: 1}, {Name: "a\"", Value: 2}}
	if got := string(encoded(t, o)); got != `{"z":1,"a\"":2}` {
		t.Errorf("got %s", got)
	}
	if o.Get("z") != 1 || o.Get("nosuch") != 0 {
		t.Error("Get finds something else")
	}
}

func encoded(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decoded(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
