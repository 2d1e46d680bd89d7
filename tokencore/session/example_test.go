package session_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/session"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// A page with a login. The browser brings the form's token back, or nothing happens.
func Example() {
	store := memory.New()
	service, err := tokencore.New(store, local.New(store, local.Config{}), tokencore.Config{})
	if err != nil {
		log.Fatal(err)
	}
	hash, err := local.HashPassword(tokencore.NewSecret("correct horse"))
	if err != nil {
		log.Fatal(err)
	}
	alice := tokencore.User{Username: "alice", IsActive: true, PasswordHash: hash}
	if _, err := service.CreateUser(context.Background(), tokencore.Actor{}, alice); err != nil {
		log.Fatal(err)
	}
	sessions, err := session.New(service, session.Config{})
	if err != nil {
		log.Fatal(err)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		token, err := sessions.FormToken(w, r)
		if err != nil {
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, token) // a page would have it in a hidden field
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.CheckCSRF(r, r.PostFormValue(session.FormField)); err != nil {
			session.WriteForbidden(w, r)
			return
		}
		password := tokencore.NewSecret(r.PostFormValue("password"))
		if _, err := sessions.SignIn(w, r, r.PostFormValue("username"), password); err != nil {
			http.Error(w, "no", http.StatusUnauthorized) // or 503, if it is tokencore.ErrUnavailable
		}
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		actor, err := sessions.Actor(w, r)
		if err != nil {
			fmt.Fprint(w, "hello stranger") // or 503, unless it is session.ErrNone
			return
		}
		fmt.Fprint(w, "hello ", actor.User.Username)
	})

	server := httptest.NewServer(mux)
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	read := func(form url.Values, path string) string {
		send := func() (*http.Response, error) { return browser.Get(server.URL + path) }
		if form != nil {
			send = func() (*http.Response, error) { return browser.PostForm(server.URL+path, form) }
		}
		response, err := send()
		if err != nil {
			log.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			log.Fatal(err)
		}
		return string(body)
	}
	fmt.Println(read(nil, "/"))
	token := read(nil, "/login")
	read(url.Values{session.FormField: {token}, "username": {"alice"}, "password": {"correct horse"}}, "/login")
	fmt.Println(read(nil, "/"))
	// Output:
	// hello stranger
	// hello alice
}
