package oauth_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

func Example() {
	ctx := context.Background()
	store := memory.New()
	users := local.New(store, local.Config{})
	service, err := tokencore.New(store, users, tokencore.Config{})
	if err != nil {
		log.Fatal(err)
	}
	hash, err := local.HashPassword(tokencore.NewSecret("correct horse"))
	if err != nil {
		log.Fatal(err)
	}
	nobody := tokencore.Actor{}
	if _, err := service.CreateUser(ctx, nobody, tokencore.User{Username: "alice", IsActive: true, PasswordHash: hash}); err != nil {
		log.Fatal(err)
	}
	app, secret, err := service.CreateApplication(ctx, nobody, tokencore.Application{
		Name: "pipeline", ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword,
	})
	if err != nil {
		log.Fatal(err)
	}

	provider, err := oauth.New(service, oauth.Config{})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/o/token/", provider.ServeToken)
	mux.HandleFunc("/api/o/revoke_token/", provider.ServeRevoke)
	mux.HandleFunc("/api/o/authorize/", provider.ServeAuthorize)

	form := url.Values{"grant_type": {"password"}, "username": {"alice"}, "password": {"correct horse"}, "scope": {"read"}}
	request := httptest.NewRequest(http.MethodPost, "/api/o/token/", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(app.ClientID, secret.Reveal())
	response := httptest.NewRecorder()
	mux.ServeHTTP(response, request)

	tokens, count, err := store.Tokens(ctx, tokencore.Query{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Code, count, tokens[0].Scope)
	// Output: 200 1 read
}
