package postgres_test

import (
	"context"
	"fmt"
	"log"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

func ExampleOpen() {
	ctx := context.Background()
	s, err := postgres.Open(ctx, "postgres://awxgate@db.example.com/awxgate?sslmode=verify-full", postgres.Options{Migrate: true})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	s.Watch(ctx, func(c tokencore.Change) { fmt.Println("changed:", c) })
}
