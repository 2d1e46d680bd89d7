package awxapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filterWorld has applications one, two, three of orgA and one of orgB.
func filterWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.application(t, "one", orgA)
	w.application(t, "two", orgA)
	w.application(t, "three", orgA)
	w.application(t, "one", orgB)
	return w
}

// onTheLine escapes what may not stand in a request line.
var onTheLine = strings.NewReplacer(" ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", "\n", "%0A", `\`, "%5C", "#", "%23")

func TestFilter_Applications(t *testing.T) {
	w := filterWorld(t)
	tests := []struct {
		query string
		ids   []int64
	}{
		{"name=one", []int64{1, 4}},
		{"name=ONE", nil},
		{"name=one&organization=2", []int64{1}},
		{"name=one&name=two", nil},
		{"id=2", []int64{2}},
		{"pk=2", []int64{2}},
		{"id__in=1,2", []int64{1, 2}},
		{"id__gt=2", []int64{3, 4}},
		{"id__gte=2&id__lt=4", []int64{2, 3}},
		{"name__in=two,three", []int64{2, 3}},
		{"or__id=1&or__name=two", []int64{1, 2}},
		{"or__id=1&or__name=two&organization=3", nil},
		{"not__name=one", []int64{2, 3}},
		{"or__not__name=one&or__id=4", []int64{2, 3, 4}},
		{"chain__name=one", []int64{1, 4}},
		{"name__exact=one", []int64{1, 4}},
		{"name__iexact=ONE", []int64{1, 4}},
		{"name__icontains=O", []int64{1, 2, 4}},
		{"name__contains=O", nil},
		{"name__startswith=t", []int64{2, 3}},
		{"name__istartswith=T", []int64{2, 3}},
		{"name__endswith=o", []int64{2}},
		{"name__iendswith=O", []int64{2}},
		{"name__isnull=true", nil},
		{"organization__name=orgA", []int64{1, 2, 3}},
		{"organization__isnull=false", []int64{1, 2, 3, 4}},
		{"organization=null", nil},
		{"user=null", []int64{1, 2, 3, 4}},
		{"user__username=admin", nil},
		{"client_type=confidential", []int64{1, 2, 3, 4}},
		{"skip_authorization=True", nil},
		{"created__gt=2020-01-01", []int64{1, 2, 3, 4}},
		{"created__lt=2020-01-01T00:00:00Z", nil},
		{"updated__gt=2020-01-01+10:00", []int64{1, 2, 3, 4}},
		{"modified__gt=2020-01-01", []int64{1, 2, 3, 4}},
		{"search=on", []int64{1, 4}},
		{"search=o,tw", []int64{2}},
		{"organization__search=orgB", []int64{4}},
		{"type=o_auth2_application", []int64{1, 2, 3, 4}},
		{"type=o_auth2_access_token", nil},
		{"order_by=-id", []int64{4, 3, 2, 1}},
		{"order=name,-id", []int64{4, 1, 3, 2}},
		{"order_by=", []int64{1, 3, 2, 4}},
		{"order_by=,", []int64{1, 3, 2, 4}},
		{"name=%zz", nil},
		{"name=a|b^c`{}\"<>", nil},
		{"name=a+b%2Bc", nil},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			query := tt.query
			if !strings.Contains(query, "order") {
				query += "&order_by=id"
			}
			got := []int64{}
			for _, row := range w.list(t, "admin", "/api/v2/applications/?"+onTheLine.Replace(query)).Results {
				got = append(got, row.ID)
			}
			if diff := cmp.Diff(append([]int64{}, tt.ids...), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestFilter_Refused(t *testing.T) {
	w := filterWorld(t)
	tests := []struct{ path, want string }{
		{"applications/?nosuch=1", `400 OAuth2Application has no field named 'nosuch'`},
		{"applications/?nosuch__name=1", `400 OAuth2Application has no field named 'nosuch'`},
		{"applications/?name__nosuch=1", `400 No related model for field nosuch.`},
		{"applications/?organization__nosuch=1", `400 Organization has no field named 'nosuch'`},
		{"applications/?not__chain__name=app1", `400 OAuth2Application has no field named 'chain'`},
		{"applications/?_=123", `400 OAuth2Application has no field named '_'`},
		{"applications/?__name=1", `400 OAuth2Application has no field named ''`},
		{"applications/?=1", `400 Query string field name not provided.`},
		{"applications/?url=1", `400 OAuth2Application has no field named 'url'`},
		{"applications/?order_by=nosuch", `400 OAuth2Application has no field named 'nosuch'`},
		{"applications/?order_by=type", `400 OAuth2Application has no field named 'type'`},
		{"applications/?order_by=organization__nosuch", `400 Organization has no field named 'nosuch'`},
		{"applications/?organization=orgA", `400 Invalid organization id: orgA`},
		{"applications/?id=abc", `400 ["“abc” value must be an integer."]`},
		{"applications/?id__in=1,abc", `400 ["“abc” value must be an integer."]`},
		{"applications/?name__in=", `400 cannot provide empty value for __in`},
		{"applications/?name__isnull=abc", `400 Unable to convert "abc" to boolean`},
		{"applications/?skip_authorization=abc", `400 Unable to convert "abc" to boolean`},
		{"applications/?created__gt=abc", `400 ["“abc” value has an invalid format. It must be in YYYY-MM-DD HH:MM[:ss[.uuuuuu]][TZ] format."]`},
		{"applications/?name__search=a", `400 name is not searchable`},
		{"applications/?nosuch__search=a", `400 OAuth2Application has no field named 'nosuch'`},
		{"applications/?access_token=zzz", `400 OAuth2Application has no field named 'access_token'`},
		{"tokens/?user=alice", `400 Invalid user id: alice`},
		{"tokens/?nosuch=1", `400 OAuth2AccessToken has no field named 'nosuch'`},
		{"tokens/?token__startswith=a", `403 Filtering on token is not allowed.`},
		{"tokens/?order_by=token", `403 Filtering on token is not allowed.`},
		{"tokens/?user__password__startswith=p", `403 Filtering on password is not allowed.`},
		{"tokens/?application__client_secret=x", `403 Filtering on client_secret is not allowed.`},
		{"applications/?client_id=nosuch", `403 Filtering on client_id is not allowed.`},
		{"applications/?order_by=client_secret", `403 Filtering on client_secret is not allowed.`},
		{"applications/?order_by=user__password", `403 Filtering on password is not allowed.`},
		{"applications/1/?nosuch=1", `400 OAuth2Application has no field named 'nosuch'`},
		{"applications/1/?name=two", `404 No OAuth2Application matches the given query.`},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got := w.call(t, "admin", "GET", "/api/v2/"+tt.path, "")
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

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"name=a", "or__not__id__in=1,2", "page=last&page_size=2", "order_by=-id,", "%zz=%", "search=a b,c"} {
		f.Add(seed)
	}
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, raw string) {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v2/tokens/", nil)
		r.SetBasicAuth("admin", password)
		r.URL.RawQuery = raw
		if got := w.serve(r); got.Code >= http.StatusInternalServerError {
			t.Errorf("got %d %s", got.Code, got.Body)
		}
	})
}
