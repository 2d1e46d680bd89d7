// Command embed is a Go program with tokens of its own: it guards a handler, makes a
// personal token and prints it once. It links neither fosite nor Caddy nor a database.
//
//	go run ./examples/embed -listen localhost:8080
//	curl -H 'Authorization: Bearer …' http://localhost:8080/
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

func main() {
	listen := flag.String("listen", os.Getenv("LISTEN"), "address to listen on (default: $LISTEN, or any free port of localhost)")
	flag.Parse()
	if err := run(context.Background(), *listen); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, address string) error {
	store := memory.New() // sqlite.Open keeps tokens over a restart
	service, err := tokencore.New(store, local.New(store, local.Config{}), tokencore.Config{})
	if err != nil {
		return err
	}
	alice, err := service.CreateUser(ctx, tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true})
	if err != nil {
		return err
	}
	issued, err := service.Issue(ctx, tokencore.Actor{User: alice}, tokencore.TokenRequest{UserID: alice.ID, Scope: "read"})
	if err != nil {
		return err
	}

	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := bearer.FromContext(r.Context())
		fmt.Fprintf(w, "hello, %s\n", p.User.Username)
	})
	if address == "" {
		address = "localhost:0"
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	// The one place that knows the token. From here on there is only its digest.
	fmt.Printf("listening on http://%s\nalice's token: %s\n", listener.Addr(), issued.Access.Reveal())
	server := &http.Server{Handler: bearer.Require(service)(hello), ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}
