package local_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

func Example() {
	ctx := context.Background()
	store := memory.New()
	defer store.Close()

	generated, created, err := local.Bootstrap(ctx, store, tokencore.Secret{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("created:", created, "password:", generated) // Reveal would show it, once

	directory := local.New(store, local.Config{})
	admin, err := directory.Authenticate(ctx, "admin", generated)
	fmt.Println(admin.Username, admin.IsSuperuser, err)

	_, err = directory.Authenticate(ctx, "admin", tokencore.NewSecret("guess"))
	fmt.Println("refused:", errors.Is(err, tokencore.ErrBadCredentials))
	// Output:
	// created: true password: [redacted]
	// admin true <nil>
	// refused: true
}
