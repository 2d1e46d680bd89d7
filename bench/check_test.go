package bench_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

const manyTokens = 10_000

func BenchmarkCheck(b *testing.B) {
	b.Run("hit", func(b *testing.B) { benchmarkHit(b, 1) })
	b.Run("hit-10k", func(b *testing.B) { benchmarkHit(b, manyTokens) })
	b.Run("hit-parallel", func(b *testing.B) { benchmarkHitParallel(b, 1) })
	b.Run("hit-10k-parallel", func(b *testing.B) { benchmarkHitParallel(b, manyTokens) })
	b.Run("refused", func(b *testing.B) {
		g := newGateway(b, memory.New())
		verifier, r := g.cached(b), request("Bearer 9999999999999999999999dead9999")
		for b.Loop() {
			if _, err := bearer.Check(r, verifier); !errors.Is(err, tokencore.ErrInvalidToken) {
				b.Fatal(err)
			}
		}
	})
	for _, store := range stores {
		b.Run("miss-"+store.name, func(b *testing.B) {
			g := newGateway(b, store.open(b))
			r := request(g.authorizations(b, 1)[0])
			for b.Loop() {
				check(b, r, g.service)
			}
		})
		b.Run("miss-"+store.name+"-parallel", func(b *testing.B) {
			g := newGateway(b, store.open(b))
			r := request(g.authorizations(b, 1)[0])
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					check(b, r, g.service)
				}
			})
		})
	}
}

func benchmarkHit(b *testing.B, tokens int) {
	g := newGateway(b, memory.New())
	verifier, values := g.cached(b), g.authorizations(b, tokens)
	warm(b, verifier, values)
	next := byTurns(values, 0)
	for b.Loop() {
		check(b, next(), verifier)
	}
}

func benchmarkHitParallel(b *testing.B, tokens int) {
	g := newGateway(b, memory.New())
	verifier, values := g.cached(b), g.authorizations(b, tokens)
	warm(b, verifier, values)
	var worker atomic.Int64
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		next := byTurns(values, int(worker.Add(1))*tokens/2)
		for pb.Next() {
			check(b, next(), verifier)
		}
	})
}

// byTurns returns one request over and over, each time with the next token.
func byTurns(values []string, start int) func() *http.Request {
	r := request("-")
	field := r.Header["Authorization"]
	i := start % len(values)
	return func() *http.Request {
		field[0] = values[i]
		if i++; i == len(values) {
			i = 0
		}
		return r
	}
}

// warm asks for every token until ristretto, which takes entries in later, has most of them.
func warm(b *testing.B, verifier tokencore.Verifier, values []string) {
	b.Helper()
	next := byTurns(values, 0)
	for range 3 * len(values) {
		check(b, next(), verifier)
	}
}

func check(b *testing.B, r *http.Request, verifier tokencore.Verifier) {
	if _, err := bearer.Check(r, verifier); err != nil {
		b.Error(err)
	}
}

func BenchmarkPart(b *testing.B) {
	g := newGateway(b, memory.New())
	values := g.authorizations(b, 1)
	r := request(values[0])
	secret, err := bearer.Parse(r.Header)
	must(b, err)
	digest := secret.Digest(tokencore.KindAccess)
	verifier := g.cached(b)
	warm(b, verifier, values)
	identity := []string{"X-DAB-JW-TOKEN", "X-Trusted-Proxy", "X-Awx-User", "X-Forwarded-User", "X-Remote-User", "Remote-User"}

	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			_, _ = bearer.Parse(r.Header)
		}
	})
	b.Run("digest", func(b *testing.B) {
		for b.Loop() {
			_ = secret.Digest(tokencore.KindAccess)
		}
	})
	b.Run("verify-hit", func(b *testing.B) {
		for b.Loop() {
			_, _ = verifier.Verify(r.Context(), digest)
		}
	})
	b.Run("scope", func(b *testing.B) {
		for b.Loop() {
			_ = tokencore.ScopeRead.Allows(r.Method)
		}
	})
	b.Run("ambiguous-path", func(b *testing.B) {
		for b.Loop() {
			_ = bearer.AmbiguousPath(r)
		}
	})
	b.Run("clean", func(b *testing.B) {
		hygiene := bearer.NewHygiene(bearer.HygieneConfig{Names: identity})
		for b.Loop() {
			hygiene.Clean(r)
		}
	})
	b.Run("generate-secret", func(b *testing.B) {
		for b.Loop() {
			_, _ = tokencore.GenerateSecret(nil, tokencore.TokenLength)
		}
	})
}
