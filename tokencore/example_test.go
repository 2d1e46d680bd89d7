package tokencore_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// Accounts in the store itself serve as the directory here; a real program would
// use tokencore/directory/local or its own.
type accounts struct{ tokencore.Store }

func (accounts) Authenticate(context.Context, string, tokencore.Secret) (tokencore.User, error) {
	return tokencore.User{}, tokencore.ErrBadCredentials
}

func Example() {
	ctx := context.Background()
	store := memory.New()
	service, err := tokencore.New(store, accounts{store}, tokencore.Config{})
	if err != nil {
		log.Fatal(err)
	}
	alice, err := service.CreateUser(ctx, tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true})
	if err != nil {
		log.Fatal(err)
	}

	issued, err := service.Issue(ctx, tokencore.Actor{User: alice}, tokencore.TokenRequest{UserID: alice.ID, Scope: "read"})
	if err != nil {
		log.Fatal(err)
	}
	digest := issued.Access.Digest(tokencore.KindAccess)
	principal, err := service.Verify(ctx, digest)
	fmt.Println(principal.User.Username, principal.Scope, err, issued.Access)

	if err := service.RevokeToken(ctx, tokencore.Actor{}, issued.Token.ID); err != nil {
		log.Fatal(err)
	}
	_, err = service.Verify(ctx, digest)
	fmt.Println(errors.Is(err, tokencore.ErrInvalidToken))
	// Output:
	// alice read <nil> [redacted]
	// true
}
