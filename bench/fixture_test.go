package bench_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
	"github.com/awxgate/awxgate/tokencore/tokencache"
)

// stores opens each kind of store, empty.
var stores = []struct {
	name string
	open func(b *testing.B) tokencore.Store
}{
	{"memory", func(*testing.B) tokencore.Store { return memory.New() }},
	{"sqlite", func(b *testing.B) tokencore.Store {
		b.Helper()
		store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{Migrate: true})
		if err != nil {
			b.Fatal(err)
		}
		return store
	}},
	{"postgres", func(b *testing.B) tokencore.Store {
		b.Helper()
		server := pgtest.Start(b, pgtest.Options{})
		store, err := postgres.Open(b.Context(), server.Database(b), postgres.Options{Migrate: true})
		must(b, err)
		return store
	}},
}

// gateway is a service with one user.
type gateway struct {
	service *tokencore.Service
	user    tokencore.User
}

func newGateway(b *testing.B, store tokencore.Store) gateway {
	b.Helper()
	b.Cleanup(func() { must(b, store.Close()) })
	service, err := tokencore.New(store, local.New(store, local.Config{}), tokencore.Config{})
	must(b, err)
	user, err := service.CreateUser(b.Context(), tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true})
	must(b, err)
	return gateway{service, user}
}

func (g gateway) cached(b *testing.B) tokencore.Verifier {
	b.Helper()
	cache, err := tokencache.New(g.service.Store(), tokencache.Config{})
	must(b, err)
	b.Cleanup(cache.Close)
	return cache.Verifier(g.service)
}

func (g gateway) issue(b *testing.B) tokencore.Issued {
	b.Helper()
	issued, err := g.service.Issue(b.Context(), tokencore.Actor{User: g.user}, tokencore.TokenRequest{UserID: g.user.ID, Scope: "read"})
	must(b, err)
	return issued
}

// authorizations returns a header value for each of n new tokens.
func (g gateway) authorizations(b *testing.B, n int) []string {
	b.Helper()
	out := make([]string, n)
	for i := range out {
		out[i] = "Bearer " + g.issue(b).Access.Reveal()
	}
	return out
}

// request looks like one of AWX's command line client; an empty authorization is none.
func request(authorization string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/api/v2/job_templates/7/", nil)
	r.Header.Set("Accept", "*/*")
	r.Header.Set("Accept-Encoding", "gzip, deflate")
	r.Header.Set("Connection", "keep-alive")
	r.Header.Set("User-Agent", "python-requests/2.31.0")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return r
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(fmt.Errorf("benchmark: %w", err))
	}
}
