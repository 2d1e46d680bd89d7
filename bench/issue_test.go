package bench_test

import (
	"errors"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func BenchmarkIssue(b *testing.B) {
	for _, store := range stores {
		b.Run(store.name, func(b *testing.B) {
			g := newGateway(b, store.open(b))
			for b.Loop() {
				g.issue(b)
			}
		})
		b.Run(store.name+"-parallel", func(b *testing.B) {
			g := newGateway(b, store.open(b))
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, err := g.service.Issue(b.Context(), tokencore.Actor{User: g.user}, tokencore.TokenRequest{UserID: g.user.ID, Scope: "read"})
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkRevoke measures the life of a token: made, used, revoked, refused.
func BenchmarkRevoke(b *testing.B) {
	for _, store := range stores {
		b.Run(store.name, func(b *testing.B) {
			g := newGateway(b, store.open(b))
			verifier := g.cached(b)
			for b.Loop() {
				issued := g.issue(b)
				r := request("Bearer " + issued.Access.Reveal())
				check(b, r, verifier)
				must(b, g.service.RevokeToken(b.Context(), tokencore.Actor{User: g.user}, issued.Token.ID))
				if _, err := bearer.Check(r, verifier); !errors.Is(err, tokencore.ErrInvalidToken) {
					b.Fatalf("accepted after the revocation: %v", err)
				}
			}
		})
	}
}
