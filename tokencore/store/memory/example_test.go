package memory_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

func Example() {
	ctx := context.Background()
	store := memory.New()
	defer store.Close()

	store.Watch(ctx, func(c tokencore.Change) {
		if c.Kind == tokencore.ChangeToken {
			fmt.Println("changed: token", c.ID)
		}
	})

	digest := tokencore.NewSecret("6dJcUs5AQPLTf0YDuGFxLDrZRmbwfj").Digest(tokencore.KindAccess)
	token := tokencore.Token{Digest: digest, UserID: 1, Scope: "read", Expires: time.Now().Add(time.Hour)}
	err := store.Update(ctx, func(tx tokencore.Tx) error { return tx.CreateToken(ctx, &token) })
	fmt.Println("created:", token.ID, err)

	err = store.Update(ctx, func(tx tokencore.Tx) error { return tx.DeleteToken(ctx, token.ID) })
	fmt.Println("deleted:", err)

	_, err = store.TokenByDigest(ctx, digest)
	fmt.Println("gone:", errors.Is(err, tokencore.ErrNotFound))
	// Output:
	// created: 1 <nil>
	// changed: token 1
	// deleted: <nil>
	// gone: true
}
