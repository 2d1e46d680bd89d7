// Command stub plays AWX, to try the gateway without one. It knows the users admin, alice
// and bob, whose passwords are their names and "-password", and believes the gateway whose
// public key it is given:
//
//	go run ./examples/awx/stub -listen 127.0.0.1:8013 -gateway http://127.0.0.1:8052
//
// It keeps nothing and protects nothing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/awxgate/awxgate/internal/awxstub"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8013", "the `address` to listen on")
	gateway := flag.String("gateway", "", "the `URL` of a gateway that is believed, as ANSIBLE_BASE_JWT_KEY would have it")
	key := flag.String("key", "", "a `file` with the public key instead")
	flag.Parse()
	if err := run(*listen, *gateway, *key); err != nil {
		log.Fatal(err)
	}
}

func run(listen, gateway, keyFile string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	awx := awxstub.New(nil, users, organizations)
	server := &http.Server{Addr: listen, Handler: awx, ReadHeaderTimeout: 10 * time.Second}
	switch {
	case keyFile != "":
		key, err := os.ReadFile(keyFile) //nolint:gosec // the file is named by who runs this
		if err != nil {
			return fmt.Errorf("reading the key: %w", err)
		}
		if err := awx.SetJWTKey(string(key)); err != nil {
			return err
		}
	case gateway != "":
		go waitForKey(ctx, awx, gateway)
	}
	go func() {
		<-ctx.Done()
		_ = server.Close() // nothing to lose
	}()
	log.Printf("a stand-in for AWX listens on http://%s", listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// waitForKey asks until the gateway is up.
func waitForKey(ctx context.Context, awx *awxstub.Stub, gateway string) {
	for tick := time.NewTicker(time.Second); ctx.Err() == nil; {
		if key, err := fetchKey(ctx, gateway); err == nil && awx.SetJWTKey(key) == nil {
			log.Printf("the gateway at %s is believed", gateway)
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func fetchKey(ctx context.Context, gateway string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gateway+"/api/gateway/v1/jwt_key/", nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", response.StatusCode)
	}
	const most = 16 << 10
	key, err := io.ReadAll(io.LimitReader(response.Body, most))
	return string(key), err
}

var users = []awxstub.User{
	{
		ID: 1, AnsibleID: "9c9f3f1e-0000-4000-8000-000000000001", Username: "admin", Password: "admin-password",
		Email: "admin@example.org", IsSuperuser: true,
	},
	{
		ID: 2, AnsibleID: "9c9f3f1e-0000-4000-8000-000000000002", Username: "alice", Password: "alice-password",
		FirstName: "Alice", Email: "alice@example.org",
	},
	{
		ID: 3, AnsibleID: "9c9f3f1e-0000-4000-8000-000000000003", Username: "bob", Password: "bob-password",
		FirstName: "Bob", Email: "bob@example.org",
	},
}

var organizations = []awxstub.Organization{
	{ID: 1, AnsibleID: "9c9f3f1e-0000-4000-8000-00000000000a", Name: "Default", Members: []int64{2, 3}, Admins: []int64{1}},
}
