package awxapi

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/awxgate/awxgate/tokencore"
)

// listed lists rows of nothing from a source.
func listRows(t *testing.T, raw string, rows rowSource[struct{}]) (answer, error) {
	t.Helper()
	hr := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v2/tokens/", nil)
	hr.URL.RawQuery = raw
	r := newRequest(hr, &route{}, nil)
	return list(r, tokenModel, tokencore.And{}, rows, func([]struct{}) ([]struct{}, error) { return nil, nil })
}

func TestList_GivesUpOnAStoreThatNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := listRows(t, "", func(ctx context.Context, _ tokencore.Query) ([]struct{}, int, error) {
			<-ctx.Done()
			return nil, 0, ctx.Err()
		})
		if !errors.Is(err, tokencore.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
}

// Only the store knows what a pattern costs.
func TestList_APatternThatCostsTooMuchIsTheClientsFault(t *testing.T) {
	_, err := listRows(t, "description__regex=a", func(context.Context, tokencore.Query) ([]struct{}, int, error) {
		return nil, 0, tokencore.ErrField
	})
	if p := problemOf(err); p.status != 400 {
		t.Errorf("got %v", err)
	}
}

func TestOrder(t *testing.T) {
	const asc, desc = false, true
	for raw, want := range map[string][]tokencore.Order{
		"":                                   {{Field: "organization.name"}, {Field: "name"}},
		"order_by=":                          {{Field: "organization.name"}, {Field: "name"}},
		"order_by=-id":                       {{Field: "id", Descending: desc}, {Field: "organization.name"}, {Field: "name"}},
		"order_by=id&order=created":          {{Field: "created"}, {Field: "organization.name"}, {Field: "name"}},
		"order=created&order_by=id":          {{Field: "id"}, {Field: "organization.name"}, {Field: "name"}},
		"order_by=id&order_by=user":          {{Field: "user"}, {Field: "organization.name"}, {Field: "name"}},
		"order_by=-organization":             {{Field: "organization.name", Descending: desc}, {Field: "organization.name"}, {Field: "name"}},
		"order_by=organization_id":           {{Field: "organization", Descending: asc}, {Field: "organization.name"}, {Field: "name"}},
		"order_by=logo_data,,user__username": {{Field: "user.username"}, {Field: "organization.name"}, {Field: "name"}},
	} {
		r := &request{query: parseQuery(raw)}
		got, err := r.order(applicationModel)
		if err != nil || len(got) != len(want) {
			t.Errorf("%s: got %v, %v", raw, got, err)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %v, want %v", raw, got, want)
			}
		}
	}
}

func TestOrder_Refused(t *testing.T) {
	for name, want := range map[string]string{
		"nosuch":                             "OAuth2Application has no field named 'nosuch'",
		"type":                               "OAuth2Application has no field named 'type'",
		"-":                                  "OAuth2Application has no field named ''",
		"--id":                               "OAuth2Application has no field named '-id'",
		"name__id":                           "No related model for field id.",
		"oauth2accesstoken":                  "Ordering by oauth2accesstoken is not supported.",
		"oauth2accesstoken__id":              "Ordering by oauth2accesstoken__id is not supported.",
		"organization__created_by__username": "Ordering by organization__created_by__username is not supported.",
		"organization__admin_role":           "Ordering by organization__admin_role is not supported.",
	} {
		r := &request{query: parseQuery("order_by=" + name)}
		_, err := r.order(applicationModel)
		if p := problemOf(err); p.status != 400 || p.body != (message{want}) {
			t.Errorf("%s: got %+v, want %s", name, p.body, want)
		}
	}
}
