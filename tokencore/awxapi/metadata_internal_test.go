package awxapi

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// local is a directory that nobody asks.
type local struct {
	tokencore.Directory
	Accounts
}

// The tables describe the JSON that is sent: the same fields in the same order.
func TestObjectInfos_AreTheWire(t *testing.T) {
	for _, test := range []struct {
		info *objectInfo
		wire any
		more []string // sent, but in AWX's metadata not described
	}{
		{applicationInfo, applicationJSON{}, nil},
		{tokenInfo, tokenJSON{}, nil},
		{userInfo, userJSON{}, []string{"auth"}},
		{organizationInfo, organizationJSON{}, nil},
		{activityInfo, activityJSON{}, nil},
		{settingCategoryInfo, settingCategory{}, nil},
	} {
		var described, sent []string
		for _, f := range test.info.fields {
			described = append(described, f.name)
		}
		wire := reflect.TypeOf(test.wire)
		for column := range wire.Fields() {
			name, _, _ := strings.Cut(column.Tag.Get("json"), ",")
			sent = append(sent, name)
			for _, f := range test.info.fields {
				if f.name == name && !fits(f.kind, column.Type) {
					t.Errorf("%s.%s is described as %s and sent as %s", wire.Name(), name, f.kind, column.Type)
				}
			}
		}
		if diff := cmp.Diff(append(described, test.more...), sent); diff != "" {
			t.Errorf("%s: -described +sent\n%s", wire.Name(), diff)
		}
	}
}

// fits reports whether AWX's name of a type can stand for a type of the wire.
func fits(kind string, t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch kind {
	case "integer", "id":
		return t.Kind() == reflect.Int64
	case "string", "choice":
		return t.Kind() == reflect.String
	case "boolean":
		return t.Kind() == reflect.Bool
	case "datetime":
		return t == reflect.TypeFor[moment]()
	case "object":
		return t.Kind() == reflect.Struct && t != reflect.TypeFor[moment]()
	default:
		return kind == "field" || kind == "json"
	}
}

// awxkit offers a flag for every field that is described as filterable.
func TestObjectInfos_FilterableFieldsCanBeFiltered(t *testing.T) {
	for _, o := range []*objectInfo{applicationInfo, tokenInfo, userInfo, organizationInfo, activityInfo} {
		for _, f := range o.fields {
			if f.name == "type" || f.unfilterable {
				continue
			}
			_, known := o.model.fields[f.name]
			if !known {
				t.Errorf("%s.%s is described as filterable, and is not", o.typeName, f.name)
			}
		}
		for _, name := range o.search {
			if _, known := o.model.fields[name]; !known {
				t.Errorf("%s.%s is said to be searched", o.typeName, name)
			}
		}
	}
}

func TestViews_DescribeEveryRouteWithObjects(t *testing.T) {
	svc, err := tokencore.New(memory.New(), local{}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(svc, Config{Accounts: local{}})
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]bool{}
	for _, rt := range a.routes {
		served[rt.path] = true
		_, described := views[rt.path]
		bare := rt.raw != nil || rt.access != 0 || rt.path == "/api/v2/config/"
		if described == bare {
			t.Errorf("%s: described %t", rt.path, described)
		}
	}
	for _, s := range a.absent {
		served[s.path] = true
	}
	for path := range views {
		if !served[path] {
			t.Errorf("%s is described, and not served", path)
		}
	}
}

// whole is a number as the JSON parser makes it.
func whole(n int64) number { return number(strconv.FormatInt(n, 10)) }

func TestSettingInfos_FitTheSettings(t *testing.T) {
	for _, s := range settingTable {
		f, known := settingInfos[s.key]
		if !known || f.label == "" || f.kind == "" {
			t.Errorf("%s is not described", s.key)
			continue
		}
		if !json.Valid([]byte(s.initial)) || f.placeholder != "" && !json.Valid([]byte(f.placeholder)) {
			t.Errorf("%s: invalid JSON", s.key)
		}
		for _, bound := range []struct {
			at     *int64
			beyond int64
		}{{f.min, -1}, {f.max, 1}} {
			if bound.at == nil {
				continue
			}
			if _, refusal := s.kind(whole(*bound.at)); refusal != nil {
				t.Errorf("%s: %d is refused: %v", s.key, *bound.at, refusal)
			}
			if _, refusal := s.kind(whole(*bound.at + bound.beyond)); refusal == nil {
				t.Errorf("%s: %d is accepted", s.key, *bound.at+bound.beyond)
			}
		}
		for _, choice := range f.choices {
			if _, refusal := s.kind(choice[0]); refusal != nil {
				t.Errorf("%s: %q is refused: %v", s.key, choice[0], refusal)
			}
		}
	}
	keys := slices.Sorted(maps.Keys(settingInfos))
	if len(keys) != len(settingTable) {
		t.Errorf("%d settings are described, %d are there", len(keys), len(settingTable))
	}
}

// awxkit hands the help texts to Python's argparse, which formats them.
func TestHelpTexts_HoldNoFormat(t *testing.T) {
	texts := slices.Collect(maps.Values(helpByName))
	for _, o := range []*objectInfo{applicationInfo, tokenInfo, userInfo, organizationInfo, activityInfo} {
		for _, f := range o.fields {
			texts = append(texts, f.help)
		}
	}
	for _, f := range settingInfos {
		texts = append(texts, f.help, f.label)
	}
	for _, text := range texts {
		if strings.Contains(text, "%") {
			t.Errorf("%q", text)
		}
	}
}

// A method is not withheld because nobody could tell whether it is allowed.
func TestMetadata_AnOutageIsNoRefusal(t *testing.T) {
	r := &request{actor: tokencore.Actor{Scope: tokencore.ScopeRead | tokencore.ScopeWrite}}
	for name, test := range map[string]struct {
		err  error
		may  bool
		fail bool
	}{
		"allowed":   {nil, true, false},
		"forbidden": {forbidden(), false, false},
		"missing":   {tokencore.ErrNotFound, false, false},
		"unknown":   {tokencore.Unavailable("looking up roles", errors.New("connection refused")), false, true},
	} {
		check := func(*API, *request) error { return test.err }
		fields, err := new(API).writing(r, check, func(*API, *request) (members, error) { return members{}, nil })
		if (fields != nil) != test.may || (err != nil) != test.fail {
			t.Errorf("%s: got %v, %v", name, fields, err)
		}
	}
}
