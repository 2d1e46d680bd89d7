package tokencache_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/netip"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/tokencache"
)

// accounts makes the store its own directory; a real program would use
// tokencore/directory/local.
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
	cache, err := tokencache.New(store, tokencache.Config{})
	if err != nil {
		log.Fatal(err)
	}
	verifier := cache.Verifier(service)

	alice, err := service.CreateUser(ctx, tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true})
	if err != nil {
		log.Fatal(err)
	}
	issued, err := service.Issue(ctx, tokencore.Actor{User: alice}, tokencore.TokenRequest{UserID: alice.ID})
	if err != nil {
		log.Fatal(err)
	}
	digest := issued.Access.Digest(tokencore.KindAccess)

	p, err := verifier.Verify(ctx, digest)
	fmt.Println(p.User.Username, err)

	if err := service.RevokeToken(ctx, tokencore.Actor{User: alice}, issued.Token.ID); err != nil {
		log.Fatal(err)
	}
	_, err = verifier.Verify(ctx, digest)
	fmt.Println("accepted after the revocation:", !errors.Is(err, tokencore.ErrInvalidToken))
	cache.Close()
	// Output:
	// alice <nil>
	// accepted after the revocation: false
}

func ExampleUsage() {
	store := memory.New()
	usage := tokencache.NewUsage(store, tokencache.UsageConfig{})

	// For each request that bearer.Check let pass:
	p := &tokencore.Principal{TokenID: 7}
	for range 1000 {
		usage.Used(p, netip.MustParseAddr("192.0.2.1"))
	}

	usage.Close() // writes what is waiting
	fmt.Printf("%+v\n", usage.Stats())
	// Output: {Written:1 Dropped:0 Failed:0}
}
