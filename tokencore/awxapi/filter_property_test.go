package awxapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// filterModels are all that can be listed.
var filterModels = []struct {
	model *model
	ids   rowIDs
}{
	{applicationModel, applicationIDs},
	{tokenModel, idsOf(tokencore.Reader.Tokens, func(t tokencore.Token) int64 { return t.ID })},
	{userModel, userIDs},
	{organizationModel, organizationIDs},
	{activityModel, idsOf(tokencore.Reader.Activities, func(a tokencore.Activity) int64 { return a.ID })},
}

// checkQuery demands that a query string is refused by a 400 or 403, or listed by every
// store, and by all alike.
func checkQuery(t *testing.T, stores []tokencore.Store, model int, raw string) (outcome string) {
	t.Helper()
	m := filterModels[model]
	var outcomes []string
	for _, store := range stores {
		hr := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		hr.URL.RawQuery = raw
		ids, err := listIDs(&request{Request: hr, query: parseQuery(raw), store: store}, m.model, m.ids)
		var p *problem
		switch {
		case err == nil:
			outcomes = append(outcomes, fmt.Sprint(ids))
		case errors.As(err, &p) && (p.status == 400 || p.status == 403):
			outcomes = append(outcomes, fmt.Sprint(p.status, p.body))
		case errors.Is(err, tokencore.ErrField) && strings.Contains(raw, "regex"):
			outcomes = append(outcomes, "too costly") // list answers 400
		default:
			t.Fatalf("%s?%s: %v", m.model.name, raw, err)
		}
	}
	for i, outcome := range outcomes {
		if diff := cmp.Diff(outcomes[0], outcome); diff != "" {
			t.Fatalf("%s?%s: -memory +%T\n%s", m.model.name, raw, stores[i], diff)
		}
	}
	return outcomes[0]
}

func listIDs(r *request, m *model, ids rowIDs) ([]int64, error) {
	where, err := r.filters(r.Context(), m)
	if err != nil {
		return nil, err
	}
	order, err := r.order(m)
	if err != nil {
		return nil, err
	}
	return ids(r.Context(), r.store, tokencore.Query{Where: where, Order: order})
}

// generator makes query strings out of the models' own tables.
type generator struct{ *rand.Rand }

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

// path follows the tables to a field, at times to one that is refused.
func (g generator) path(m *model) (string, field) {
	var names []string
	for {
		all := slices.Sorted(maps.Keys(m.fields))
		if len(all) == 0 {
			return strings.Join(append(names, "id"), "__"), field{}
		}
		name := pick(g, all...)
		f := m.fields[name]
		if f.kind == secretField && g.IntN(20) > 0 {
			continue
		}
		names = append(names, name)
		if f.related == nil || g.IntN(3) == 0 && f.kind != bridgeField {
			return strings.Join(names, "__"), f
		}
		m = f.related
	}
}

// value fits the field, mostly.
func (g generator) value(f field) string {
	kind := f.kind
	if g.IntN(30) == 0 {
		kind = fieldKind(g.IntN(int(bridgeField)))
	}
	switch kind {
	case numberField:
		return pick(g, "0", "1", "2", "3", "5", " +1_0 ", "-1", "99999999999999999999", "-99999999999999999999")
	case booleanField:
		return pick(g, "true", "False", "t", "0")
	case timeField:
		return pick(g, "2026-11-23", "2026-11-25T15:00:00.123456Z", "2026-11-23 15:00:00.123456", "20261124", "9999-12-31T23:59")
	case relationField:
		return pick(g, "1", "2", "3", "null", "None", "4")
	default:
		return pick(g, "alice", "Bob", "ALICE", "élan", "c.d", "[x]", "a", "read", "read write", "public", "org A", "Default", "", "%", "_", "'", "app1", "https://a.example/Bob")
	}
}

func (g generator) parameter(m *model) (key, value string) {
	path, f := g.path(m)
	lookup := pick(g, slices.Sorted(maps.Keys(lookups))...)
	const seldom, often = 40, 4
	switch {
	case g.IntN(seldom) == 0:
		return pick(g, "search", "type", "nosuch", "role_level", path+"__nosuch"), g.value(f)
	case g.IntN(10) == 0:
		another, _ := g.path(m)
		return "order_by", pick(g, "", "-") + path + "," + pick(g, "", "-") + another
	case f.related != nil && g.IntN(often) == 0:
		return path + "__search", g.value(field{kind: textField})
	}
	if g.IntN(seldom) == 0 {
		path += "__int"
	}
	path = pick(g, "", "", "", "not__", "or__", "or__", "or__not__", "chain__", "chain__not__") + path
	value = g.value(f)
	switch lookup {
	case "in":
		value += "," + g.value(f)
	case "isnull":
		value = pick(g, "true", "false")
	case "regex", "iregex":
		value = pick(g, "^a.*", "(?i)B", "[", `\d+$`, "1|2", "^true$", "2026", `[^\W\d]\.`, "é")
	}
	if g.IntN(3) == 0 {
		return path, g.value(f)
	}
	return path + "__" + lookup, value
}

func (g generator) query(m *model) string {
	var parts []string
	for range 1 + g.IntN(3) {
		key, value := g.parameter(m)
		parts = append(parts, url.QueryEscape(key)+"="+url.QueryEscape(value))
	}
	return strings.Join(parts, "&")
}

func TestFilters_EveryStoreAnswersEveryFilterAlike(t *testing.T) {
	const queries = 5000
	stores := filterStores(t, onPostgreSQL(t))
	g := generator{rand.New(rand.NewPCG(1, 2))}
	accepted, found := 0, 0
	for range queries {
		model := g.IntN(len(filterModels))
		outcome := checkQuery(t, stores, model, g.query(filterModels[model].model))
		if strings.HasPrefix(outcome, "[") {
			accepted++
		}
		if strings.HasPrefix(outcome, "[") && outcome != "[]" {
			found++
		}
	}
	if accepted < queries/3 || found < queries/6 {
		t.Errorf("of %d queries %d were accepted and %d found something: too few to mean much", queries, accepted, found)
	}
}

func FuzzFilters(f *testing.F) {
	for i, seed := range []string{
		"name=a&or__not__id__in=1,2", "chain__user__username__iregex=^A&order_by=-id,", "not__main_oauth2accesstoken__id__gt=1",
		"applications__user__username__contains=a&or__admin_role__members=1", "o_auth2_access_token__id=2&timestamp__gt=2020-01-01&%zz=%",
		"name__regex=(a{1000}){1000}", "id__int=1_0&search=\"a b\",c", "type=&role_level=admin_role", "user__search=a,b&name__isnull=t",
	} {
		f.Add(uint8(i%len(filterModels)), seed)
	}
	stores := filterStores(f)
	f.Fuzz(func(t *testing.T, model uint8, raw string) {
		checkQuery(t, stores, int(model)%len(filterModels), raw)
	})
}

// A filter on a secret would give it away bit by bit (awx#1354).
func TestModels_NoPathLeadsToASecret(t *testing.T) {
	secretive := regexp.MustCompile(`(?i)secret|digest|hash|hint|password|token|client_id|code|key|grant$`)
	references := map[tokencore.Field]bool{"token": true} // the id of a row, in columns so named
	var walk func(path string, m *model, depth int)
	walk = func(path string, m *model, depth int) {
		if depth > 6 {
			t.Fatalf("%s never ends", path)
		}
		columns := slices.Clone(m.search)
		for name, f := range m.fields {
			if f.kind == secretField {
				continue
			}
			if f.kind != relationField && f.kind != numberField || !references[f.column[strings.LastIndex(string(f.column), ".")+1:]] {
				columns = append(columns, f.column)
			}
			if f.related != nil {
				walk(path+"__"+name, f.related, depth+1)
			}
		}
		for _, column := range columns {
			own := column[strings.LastIndex(string(column), ".")+1:]
			if secretive.MatchString(string(own)) {
				t.Errorf("%s leads to %s", path, column)
			}
		}
	}
	for _, m := range filterModels {
		walk(m.model.name, m.model, 1)
	}
}

// The names of AWX's columns with secrets are refused wherever they can be written.
func TestModels_SecretsAreRefusedAtAnyDepth(t *testing.T) {
	stores := filterStores(t)
	for i, paths := range [][]string{
		{"client_id", "client_secret", "user__password", "oauth2accesstoken__token", "o_auth2_access_token__token", "oauth2accesstoken__user__password"},
		{"token", "user__password", "application__client_secret", "application__client_id", "refresh_token__token", "source_refresh_token__token", "application__user__password"},
		{"password", "main_oauth2accesstoken__token", "oauth2_provider_refreshtoken__token"},
		{"applications__client_secret", "created_by__password", "admin_role__members__password"},
		{"actor__password", "user__password", "o_auth2_application__client_secret", "o_auth2_access_token__token"},
	} {
		for _, path := range paths {
			name := path[strings.LastIndex(path, "__")+1:]
			name = strings.TrimPrefix(name, "_")
			for _, key := range []string{"%s", "not__%s", "or__%s", "chain__not__%s", "%s__startswith", "%s__gte", "%s__in", "%s__isnull", "%s__regex", "%s__int", "%s__search", "order_by=-%s#"} {
				raw := fmt.Sprintf(key, path) + "=1"
				if list, ordered := strings.CutSuffix(fmt.Sprintf(key, path), "#"); ordered {
					raw = list
				}
				hr := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
				_, err := listIDs(&request{Request: hr, query: parseQuery(raw), store: stores[0]}, filterModels[i].model, filterModels[i].ids)
				var p *problem
				if want := "Filtering on " + name + " is not allowed."; !errors.As(err, &p) || p.status != 403 || p.body != (message{want}) {
					t.Errorf("%s: got %v, want 403 %s", raw, p, want)
				}
			}
		}
	}
}

func TestFilters_AreBounded(t *testing.T) {
	for name, raw := range map[string]string{
		"parameters":      strings.Repeat("name=a&", maxFilters+1),
		"bytes":           "name=" + strings.Repeat("a", maxQuery),
		"listed values":   "id__in=" + strings.Repeat("1,", maxListed),
		"pattern":         "name__regex=" + strings.Repeat("a", maxPattern+1),
		"repetitions":     "name__regex=(a{1000}){1000}",
		"nested groups":   "name__regex=" + strings.Repeat("(", maxNesting+1),
		"words":           "search=" + strings.Repeat("a+", maxFilters+1),
		"related words":   "user__search=" + strings.Repeat("a,b", maxFilters),
		"orders":          "order_by=" + strings.Repeat("id,", maxFilters+1),
		"steps of a path": "name" + strings.Repeat("__user", 50) + "=1",
	} {
		hr := httptest.NewRequestWithContext(context.Background(), "GET", "/", nil)
		hr.URL.RawQuery = raw
		r := &request{Request: hr, query: parseQuery(raw)}
		_, err := listIDs(r, applicationModel, nil)
		var p *problem
		if !errors.As(err, &p) || p.status != 400 {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
