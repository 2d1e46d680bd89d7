package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

func ExampleOpen() {
	ctx := context.Background()
	directory, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(directory)
	path := filepath.Join(directory, "awxgate.db")

	_, err = sqlite.Open(ctx, path, sqlite.Options{})
	fmt.Println("without Migrate nothing is created:", errors.Is(err, os.ErrNotExist))

	store, err := sqlite.Open(ctx, path, sqlite.Options{Migrate: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	user := tokencore.User{Username: "admin", IsActive: true}
	err = store.Update(ctx, func(tx tokencore.Tx) error { return tx.CreateUser(ctx, &user) })
	fmt.Println("created user", user.ID, err)
	// Output:
	// without Migrate nothing is created: true
	// created user 1 <nil>
}
