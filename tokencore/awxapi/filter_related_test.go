package awxapi_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// relatedWorld has applications one, two and three of orgA, and one of orgB, with tokens:
//
//	id  user       application  scope
//	1   alice      1            read
//	2   orgmember  1            write
//	3   alice      2            write
//	4   alice      -            read
func relatedWorld(t *testing.T) *world {
	t.Helper()
	w := filterWorld(t)
	w.token(t, alice, 1, "read")
	w.token(t, orgmember, 1, "write")
	w.token(t, alice, 2, "write")
	w.token(t, alice, 0, "read")
	return w
}

func ids(l listed) []int64 {
	all := []int64{}
	for _, row := range l.Results {
		all = append(all, row.ID)
	}
	return all
}

func TestFilter_Relations(t *testing.T) {
	w := relatedWorld(t)
	for _, tt := range []struct {
		query string
		ids   []int64
	}{
		// One related row must satisfy what is not chained.
		{"applications/?oauth2accesstoken__scope=read", []int64{1}},
		{"applications/?oauth2accesstoken__scope=write", []int64{1, 2}},
		{"applications/?oauth2accesstoken__scope=read&oauth2accesstoken__user=4", nil},
		{"applications/?oauth2accesstoken__scope=read&chain__oauth2accesstoken__user=4", []int64{1}},
		{"applications/?oauth2accesstoken__user=6&or__oauth2accesstoken__scope=read&or__name=two", []int64{1, 2}},
		{"applications/?oauth2accesstoken__user=4&or__oauth2accesstoken__scope=read&or__id=3", nil},
		{"applications/?not__oauth2accesstoken__scope=write", []int64{3, 4}},
		{"applications/?not__oauth2accesstoken__user=4&oauth2accesstoken__user=6", []int64{2}},
		{"applications/?or__not__oauth2accesstoken__scope=read&or__id=1", []int64{1, 2, 3, 4}},
		// The relation itself is the ids of its rows, and null where there are none.
		{"applications/?oauth2accesstoken=3", []int64{2}},
		{"applications/?oauth2accesstoken__in=1,3", []int64{1, 2}},
		{"applications/?oauth2accesstoken=null", []int64{3, 4}},
		{"applications/?oauth2accesstoken__isnull=true", []int64{3, 4}},
		{"applications/?oauth2accesstoken__isnull=false", []int64{1, 2}},
		{"applications/?oauth2accesstoken__last_used__isnull=true", []int64{1, 2, 3, 4}},
		{"applications/?not__oauth2accesstoken__isnull=true", []int64{1, 2}},
		// AWX takes underscores out of the names of these relations.
		{"applications/?o_auth2_access_token__id=3", []int64{2}},
		{"applications/?oauth2_access_token__pk=3", []int64{2}},
		{"users/?main_oauth2accesstoken__application__name=two", []int64{6}},
		{"organizations/?applications__name=one", []int64{2, 3}},
		{"organizations/?applications__isnull=true", []int64{1}},
		// Columns of references.
		{"applications/?organization_id=3", []int64{4}},
		{"applications/?organization__pk=3", []int64{4}},
		{"applications/?organization_id__name=orgB", []int64{4}},
		{"tokens/?application_id__isnull=true", []int64{4}},
		{"tokens/?refresh_token__isnull=true", []int64{4}},
		{"tokens/?refresh_token__revoked__isnull=true", []int64{1, 2, 3, 4}},
		{"tokens/?id_token__isnull=true", []int64{1, 2, 3, 4}},
		{"tokens/?id_token=1", nil},
		// Further away.
		{"tokens/?application__organization__name=orgA", []int64{1, 2, 3}},
		{"tokens/?application__organization__name__isnull=true", []int64{4}},
		{"tokens/?not__application__organization__name=orgA", []int64{4}},
		{"tokens/?application__organization__admin_role__members__username=orgadmin", []int64{1, 2, 3}},
		{"tokens/?application__organization__admin_role__members=4", nil},
		{"applications/?organization__admin_role__members__username=admin", nil},
		{"applications/?organization__admin_role__members__username=orgadmin", []int64{1, 2, 3}},
		{"applications/?organization__member_role__members=4", []int64{1, 2, 3}},
		{"applications/?organization__created_by__username=admin", []int64{1, 2, 3, 4}},
		{"applications/?oauth2accesstoken__user__username=orgmember", []int64{1}},
		{"organizations/?admin_role__members__username__startswith=orgadmin", []int64{2, 3}},
		{"organizations/?member_role__members__isnull=true", []int64{1, 3}},
		{"activity_stream/?o_auth2_application__organization__name=orgB", []int64{4}},
		{"activity_stream/?o_auth2_access_token__application__name=two", []int64{7}},
		// Search in related rows: several parameters are one OR, a comma makes it an AND.
		{"tokens/?user__search=ALICE", []int64{1, 3, 4}},
		{"tokens/?user__search=alice@example", []int64{1, 3, 4}},
		{"tokens/?user__search=alice&application__search=one", []int64{1, 2, 3, 4}},
		{"tokens/?user__search=alice,L", []int64{1, 3, 4}},
		{"tokens/?user__search=alice,nosuch", nil},
		{"tokens/?application__search=", []int64{1, 2, 3}},
		{"tokens/?refresh_token__search=x", []int64{1, 2, 3, 4}}, // nothing there to search in
		{"applications/?oauth2accesstoken__search=", []int64{1, 2}},
		{"organizations/?teams__search=a", nil},
		{"organizations/?teams__isnull=true", []int64{1, 2, 3}},
		{"organizations/?resource__search=orga", []int64{2}},
		{"users/?roles__search=a&id__lt=3", []int64{1, 2}},
		// A last look at the forms of values.
		{"applications/?id__icontains=1", []int64{1}},
		{"applications/?id__regex=^[12]$", []int64{1, 2}},
		{"applications/?id=%201", []int64{1}},
		{"applications/?id__int=+2", []int64{2}},
		{"applications/?name__int=5", nil},
		{"applications/?id__lt=99999999999999999999", []int64{1, 2, 3, 4}},
		{"applications/?id__gt=99999999999999999999", nil},
		{"applications/?skip_authorization__in=0,t", []int64{1, 2, 3, 4}},
		{"applications/?skip_authorization__gt=false", nil},
		{"applications/?skip_authorization__icontains=FALSE", []int64{1, 2, 3, 4}},
		{"applications/?skip_authorization__contains=false", nil}, // Python writes "False"
		{"applications/?created__icontains=2026-11-23", nil},      // and a moment with more than PostgreSQL does
		{"applications/?created__regex=^2026-11-23", []int64{1, 2, 3, 4}},
		{"applications/?name__iregex=^(ONE|TWO)$", []int64{1, 2, 4}},
		{"applications/?logo_data=", []int64{1, 2, 3, 4}},
		{"applications/?logo_data__icontains=x", nil},
		{"applications/?algorithm__in=,RS256", []int64{1, 2, 3, 4}},
		{"applications/?type=x,o_auth2_application", []int64{1, 2, 3, 4}},
		{"applications/?type=", nil},
		{`applications/?search="on"`, []int64{1, 4}},
		{"users/?created__gt=2020-01-01&id=6", []int64{6}},
		{"organizations/?role_level=admin_role", []int64{1, 2, 3}},
		{"me/?username=admin", []int64{1}},
		{"me/?username=alice", nil},
	} {
		t.Run(tt.query, func(t *testing.T) {
			got := ids(w.list(t, "admin", "/api/v2/"+onTheLine.Replace(tt.query)+"&order_by=id"))
			if diff := cmp.Diff(append([]int64{}, tt.ids...), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestFilter_RelationsRefused(t *testing.T) {
	w := relatedWorld(t)
	for _, tt := range []struct{ path, want string }{
		{"applications/?organization__icontains=a", `400 Invalid organization id: a`},
		{"applications/?organization__icontains=1", `400 Related Field got invalid lookup: icontains`},
		{"applications/?organization__regex=1", `400 Related Field got invalid lookup: regex`},
		{"applications/?organization__iexact=1", `400 organization is not a text field and cannot be filtered by case-insensitive search`},
		{"applications/?organization__gt=null", `400 Cannot use None as a query value`},
		{"applications/?organization_id=orgA", `400 Invalid organization id: orgA`},
		{"applications/?oauth2accesstoken=x", `400 Invalid oauth2accesstoken id: x`},
		{"applications/?id__iexact=1", `400 id is not a text field and cannot be filtered by case-insensitive search`},
		{"applications/?id__int=abc", `400 invalid literal for int() with base 10: 'abc'`},
		{"applications/?id__icontains=x", `400 ["“x” value must be an integer."]`},
		{"applications/?organization__name__search=a", `400 organization__name is not searchable`},
		{"applications/?or__organization__search=a", `400 OAuth2Application has no field named 'or'`},
		{"applications/?__search=a", `400 Query string field name not provided.`},
		{"applications/?not__=a", `400 Query string field name not provided.`},
		{"applications/?é=1", `400 'é' is not an allowed field name. Must be ascii encodable.`},
		{"applications/?name=a%00b", `400 Null characters are not allowed.`},
		{"applications/?role_level=admin_role", `400 Cannot apply role_level filter to this list because its model does not use roles for access control.`},
		{"applications/?organization__admin_role=1", `400 Filtering on this field is not supported.`},
		{"applications/?organization__admin_role__name=x", `400 Role has no field named 'name'`},
		{"tokens/?user__created=1", `400 User has no field named 'created'`},
		{"users/?created=x", `400 ["“x” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."]`},
		{"users/?modified__gt=2020-01-01", `400 User has no field named 'modified'`},
		{"users/?is_system_auditor=true", `400 User has no field named 'is_system_auditor'`},
		{"users/?roles=1", `400 Filtering on this field is not supported.`},
		{"me/?nosuch=1", `400 User has no field named 'nosuch'`},
		// All parameters are read before any becomes a condition, and filters before the order.
		{"applications/?organization__icontains=1&nosuch=1", `400 OAuth2Application has no field named 'nosuch'`},
		{"applications/?order_by=nosuch&client_secret=1", `403 Filtering on client_secret is not allowed.`},
		// On a detail URL filters come before the object, whose absence comes before permission.
		{"applications/99/?nosuch=1", `400 OAuth2Application has no field named 'nosuch'`},
		{"applications/99/?name=one", `404 No OAuth2Application matches the given query.`},
		{"tokens/1/?scope=write", `404 No OAuth2AccessToken matches the given query.`},
		{"users/6/?main_oauth2accesstoken__application=3", `404 No User matches the given query.`},
		{"organizations/2/?applications__name=nosuch", `404 No Organization matches the given query.`},
		{"activity_stream/1/?operation=delete", `404 No ActivityStream matches the given query.`},
	} {
		t.Run(tt.path, func(t *testing.T) {
			got := w.call(t, "admin", "GET", "/api/v2/"+onTheLine.Replace(tt.path), "")
			var body struct{ Detail string }
			if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
				t.Fatal(err)
			}
			if text := fmt.Sprintf("%d %s", got.Code, body.Detail); text != tt.want {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}

// AWX looks for the object of every method through the filters.
func TestFilter_NarrowsChangesToo(t *testing.T) {
	w := relatedWorld(t)
	for _, tt := range []struct {
		method, path string
		status       int
	}{
		{"PATCH", "applications/1/?nosuch=1", 400},
		{"PATCH", "applications/1/?name=two", 404},
		{"PATCH", "applications/1/?name=one", 200},
		{"DELETE", "tokens/1/?scope=write", 404},
		{"DELETE", "tokens/1/?scope=read", 204},
		{"OPTIONS", "applications/1/?nosuch=1", 200},
		{"POST", "applications/1/tokens/?nosuch=1", 201},
	} {
		if got := w.call(t, "admin", tt.method, "/api/v2/"+tt.path, "{}"); got.Code != tt.status {
			t.Errorf("%s %s: got %d %s", tt.method, tt.path, got.Code, got.Body)
		}
	}
}
