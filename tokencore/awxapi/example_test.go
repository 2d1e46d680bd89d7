package awxapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// An API is mounted like any handler. Here a client asks who is alive, and a
// person gets a personal token with a password.
func Example() {
	store := memory.New()
	err := store.Update(context.Background(), func(tx tokencore.Tx) error {
		return tx.CreateUser(context.Background(), &tokencore.User{Username: "alice", IsActive: true})
	})
	if err != nil {
		panic(err)
	}
	svc, err := tokencore.New(store, storeDirectory{store}, tokencore.Config{})
	if err != nil {
		panic(err)
	}
	api, err := awxapi.New(svc, awxapi.Config{})
	if err != nil {
		panic(err)
	}

	ping := httptest.NewRecorder()
	api.ServeHTTP(ping, httptest.NewRequest(http.MethodGet, "/api/v2/ping/", nil))
	fmt.Println(ping.Code, strings.Contains(ping.Body.String(), `"version":"24.6.1"`))

	request := httptest.NewRequest(http.MethodPost, "/api/v2/users/alice/personal_tokens/", strings.NewReader(`{"scope": "read"}`))
	request.Header.Set("Content-Type", "application/json")
	request.SetBasicAuth("alice", password)
	created := httptest.NewRecorder()
	api.ServeHTTP(created, request)
	fmt.Println(created.Code, created.Header().Get("Location"))

	// Output:
	// 200 true
	// 201 /api/v2/tokens/1/
}

// In front of an AWX, three kinds of requests are told apart. Here the AWX, which is of
// after 24.6.1, lists its resources, and the client sees those of this API among them.
func ExampleAPI_ServeMerged() {
	store := memory.New()
	svc, err := tokencore.New(store, storeDirectory{store}, tokencore.Config{})
	if err != nil {
		panic(err)
	}
	api, err := awxapi.New(svc, awxapi.Config{})
	if err != nil {
		panic(err)
	}
	upstream := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { // a httputil.ReverseProxy, in earnest
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ping":"/api/v2/ping/","credentials":"/api/v2/credentials/","jobs":"/api/v2/jobs/"}`)
	})
	gateway := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case api.Owns(r):
			api.ServeHTTP(w, r)
		case api.Merges(r):
			api.ServeMerged(w, r, upstream)
		default:
			upstream.ServeHTTP(w, r)
		}
	})
	answer := httptest.NewRecorder()
	gateway.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/api/v2/", nil))
	fmt.Println(answer.Body)
	// Output:
	// {"ping":"/api/v2/ping/","credentials":"/api/v2/credentials/","applications":"/api/v2/applications/","tokens":"/api/v2/tokens/","jobs":"/api/v2/jobs/"}
}
