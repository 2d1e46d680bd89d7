package awxapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/awxgate/awxgate/tokencore"
)

// library is a generic OAuth2 client library, pointed at the site.
func library(base string, app tokencore.Application, secret string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: app.ClientID, ClientSecret: secret, RedirectURL: "https://client.example/callback", Scopes: []string{"read", "write"},
		Endpoint: oauth2.Endpoint{AuthURL: base + "/api/o/authorize/", TokenURL: base + "/api/o/token/"},
	}
}

// signInBrowser signs in as admin and follows redirects within the site only.
func signInBrowser(t *testing.T, base string) *client {
	t.Helper()
	c := newClient(t, base)
	c.http.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if "http://"+r.URL.Host != base {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return c
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// submit posts the form of a page with all its hidden fields.
func (c *client) submit(want int, page reply, path string, more url.Values) reply {
	c.t.Helper()
	for _, m := range hiddenField.FindAllStringSubmatch(page.text, -1) {
		if !more.Has(m[1]) {
			more.Set(m[1], m[2])
		}
	}
	return c.call(want, "POST", path, more)
}

// consent lets the user of the browser agree and returns what the callback gets.
func consent(t *testing.T, base, authURL string) url.Values {
	t.Helper()
	c := signInBrowser(t, base)
	path := authURL[len(base):]
	login := c.call(200, "GET", path, nil) // redirected to the login page
	if login.Request.URL.Path != "/api/login/" {
		t.Fatalf("got to %s without a session", login.Request.URL)
	}
	page := c.submit(200, login, "/api/login/", url.Values{
		"username": {"admin"}, "password": {password}, "next": {login.Request.URL.Query().Get("next")},
	})
	answer := c.submit(302, page, path, url.Values{"allow": {"Authorize"}})
	callback, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || callback.Host != "client.example" {
		t.Fatalf("sent to %q", answer.Header.Get("Location"))
	}
	return callback.Query()
}

func TestClient_OAuth2LibraryCodeWithPKCEAndRefresh(t *testing.T) {
	for _, clientType := range []tokencore.ClientType{tokencore.Confidential, tokencore.Public} {
		t.Run(string(clientType), func(t *testing.T) {
			w, base := newSite(t)
			app, secret := oauthApplication(t, w, clientType, tokencore.GrantAuthorizationCode)
			if clientType == tokencore.Public {
				secret = ""
			}
			config, verifier := library(base, app, secret), oauth2.GenerateVerifier()
			callback := consent(t, base, config.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier)))
			if callback.Get("state") != "a state" || callback.Get("code") == "" {
				t.Fatalf("got %v", callback)
			}
			token, err := config.Exchange(t.Context(), callback.Get("code"), oauth2.VerifierOption(verifier))
			if err != nil {
				t.Fatal(err)
			}
			if lives := token.Extra("expires_in"); token.TokenType != "Bearer" || lives != 31_536_000_000.0 || token.RefreshToken == "" || !token.Valid() {
				t.Errorf("got type %q, expires in %v, refresh token %t", token.TokenType, lives, token.RefreshToken != "")
			}
			newClient(t, base).as(token.AccessToken).call(200, "GET", "/api/v2/me/", nil)

			old := *token
			token.Expiry = time.Now().Add(-time.Hour) // the library refreshes what it believes expired
			renewed, err := config.TokenSource(t.Context(), token).Token()
			if err != nil {
				t.Fatal(err)
			}
			newClient(t, base).as(renewed.AccessToken).call(200, "GET", "/api/v2/me/", nil)
			newClient(t, base).as(old.AccessToken).call(401, "GET", "/api/v2/me/", nil)

			// A second use of a refresh token, or of a code, ends everything that the grant began.
			old.Expiry = token.Expiry
			refusedGrant(t, second(config.TokenSource(t.Context(), &old).Token()))
			newClient(t, base).as(renewed.AccessToken).call(401, "GET", "/api/v2/me/", nil)
			refusedGrant(t, second(config.Exchange(t.Context(), callback.Get("code"), oauth2.VerifierOption(verifier))))
		})
	}
}

func TestClient_OAuth2LibraryCodeReuseRevokesItsTokens(t *testing.T) {
	w, base := newSite(t)
	app, secret := oauthApplication(t, w, tokencore.Confidential, tokencore.GrantAuthorizationCode)
	config := library(base, app, secret)
	code := consent(t, base, config.AuthCodeURL("s")).Get("code")
	token, err := config.Exchange(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	refusedGrant(t, second(config.Exchange(t.Context(), code)))
	newClient(t, base).as(token.AccessToken).call(401, "GET", "/api/v2/me/", nil)
}

func TestClient_OAuth2LibraryPassword(t *testing.T) {
	w, base := newSite(t)
	app, secret := oauthApplication(t, w, tokencore.Confidential, tokencore.GrantPassword)
	config := library(base, app, secret)
	token, err := config.PasswordCredentialsToken(t.Context(), "admin", password)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/api/v2/me/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := config.Client(context.WithoutCancel(t.Context()), token).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("got %d, %v", response.StatusCode, err)
	}
	refusedGrant(t, second(config.PasswordCredentialsToken(t.Context(), "admin", "wrong")))
}

func second(_ *oauth2.Token, err error) error { return err }

// refusedGrant expects RFC 6749's invalid_grant, as the library reads it.
func refusedGrant(t *testing.T, err error) {
	t.Helper()
	if refused := (*oauth2.RetrieveError)(nil); !errors.As(err, &refused) || refused.ErrorCode != "invalid_grant" {
		t.Errorf("got %v", err)
	}
}
