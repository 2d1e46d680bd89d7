package postgres_test

import (
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/store/storetest"
)

// Every test of the contract wants an empty store; emptying one is quicker than making one.
func TestStore(t *testing.T) {
	dsn := database(t)
	storetest.Run(t, func(t *testing.T) tokencore.Store {
		execute(t, dsn, `TRUNCATE applications, tokens, refresh_tokens, codes, sessions, users, organizations, roles, settings,
			activities RESTART IDENTITY`)
		s, err := postgres.Open(t.Context(), dsn, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// Of any number of callers, on any number of nodes, exactly one uses a refresh token.
func TestUpdate_OneOfAHundredUsesARefreshToken(t *testing.T) {
	one, two := pair(t)
	r := tokencore.RefreshToken{Digest: tokencore.DigestOf(tokencore.KindRefresh, "r"), UserID: 1}
	apply(t, one, func(tx tokencore.Tx) error { return tx.CreateRefreshToken(t.Context(), &r) })
	var all sync.WaitGroup
	results := make(chan error, 100)
	for i := range cap(results) {
		s := []*postgres.Store{one, two}[i%2]
		all.Go(func() {
			results <- s.Update(t.Context(), func(tx tokencore.Tx) error { return tx.RevokeRefreshToken(t.Context(), r.ID, time.Now()) })
		})
	}
	all.Wait()
	close(results)
	winners := 0
	for err := range results {
		if err == nil {
			winners++
		} else {
			wantOnly(t, err, tokencore.ErrConsumed)
		}
	}
	if winners != 1 {
		t.Errorf("%d winners", winners)
	}
}

// database makes a database that is set up, and returns its DSN.
func database(t testing.TB) string {
	t.Helper()
	dsn := pgtest.Shared(t).Database(t)
	if err := open(t, dsn, postgres.Options{Migrate: true}).Close(); err != nil {
		t.Fatal(err)
	}
	return dsn
}

// open opens a database that a test works with; the caller closes it.
func open(t testing.TB, dsn string, options postgres.Options) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), dsn, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// opened is closed at the end of the test.
func opened(t testing.TB, dsn string, options postgres.Options) *postgres.Store {
	t.Helper()
	s := open(t, dsn, options)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// pair opens one database twice, as two nodes do.
func pair(t *testing.T) (one, two *postgres.Store) {
	t.Helper()
	dsn := database(t)
	return opened(t, dsn, postgres.Options{}), opened(t, dsn, postgres.Options{})
}

func apply(t *testing.T, s *postgres.Store, fn func(tx tokencore.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// execute runs SQL as another program would, in a database of the shared cluster.
func execute(t testing.TB, dsn, statements string) string {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := pgtest.Shared(t).SQL(t.Context(), strings.TrimPrefix(address.Path, "/"), statements)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func numbered(n int64) tokencore.Token {
	return tokencore.Token{Digest: tokencore.DigestOf(tokencore.KindAccess, strconv.FormatInt(n, 10)), UserID: 1, Expires: tokencore.LatestExpiry}
}
