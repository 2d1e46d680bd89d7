package postgres_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

var (
	lost     = tokencore.Change{Kind: tokencore.FeedLost}
	restored = tokencore.Change{Kind: tokencore.FeedRestored}
	settings = tokencore.Change{Kind: tokencore.ChangeSettings}
)

func TestWatch_ChangesOfAnotherNodeArrive(t *testing.T) {
	for name, options := range map[string]postgres.Options{
		"listening": {},
		"polling":   {PollInterval: 10 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := database(t)
			one, two := opened(t, dsn, options), opened(t, dsn, options)
			heard, heardByTwo := listen(t, one), listen(t, two)
			token := numbered(1)
			apply(t, two, func(tx tokencore.Tx) error { return tx.CreateToken(t.Context(), &token) })
			issued := tokencore.Change{Kind: tokencore.ChangeIssued, ID: token.Digest.Key()}
			expect(t, heard, issued)
			apply(t, one, func(tx tokencore.Tx) error { return tx.DeleteToken(t.Context(), token.ID) })
			revoked := tokencore.Change{Kind: tokencore.ChangeToken, ID: token.ID}
			// Each hears of its own changes once, and of the others' in order.
			expect(t, heard, revoked)
			expect(t, heardByTwo, issued)
			expect(t, heardByTwo, revoked)
			// Nothing is published about sessions, though the transaction is counted.
			apply(t, one, func(tx tokencore.Tx) error { return tx.CreateSession(t.Context(), tokencore.Session{UserID: 1}) })
			apply(t, two, func(tx tokencore.Tx) error { return tx.DeleteSetting(t.Context(), "A") })
			expect(t, heard, settings)
			expect(t, heardByTwo, settings)
		})
	}
}

func TestWatch_ManyChangesOfOneTransactionArrive(t *testing.T) {
	one, two := pair(t)
	heard := listen(t, one)
	const tokens = 2000
	issued := make(map[tokencore.Change]bool)
	apply(t, two, func(tx tokencore.Tx) error {
		for n := range int64(tokens) {
			token := tokencore.Token{Digest: tokencore.DigestOf(tokencore.KindAccess, strconv.FormatInt(n, 10)), UserID: 1}
			issued[tokencore.Change{Kind: tokencore.ChangeIssued, ID: token.Digest.Key()}] = true
			if err := tx.CreateToken(t.Context(), &token); err != nil {
				return err
			}
		}
		return nil
	})
	for range tokens {
		if change := next(t, heard); !issued[change] {
			t.Fatalf("heard %v", change)
		} else {
			delete(issued, change)
		}
	}
}

func TestWatch_WhoWouldHearTooMuchIsToldThatAnythingMayHaveChanged(t *testing.T) {
	dsn := database(t)
	two := opened(t, dsn, postgres.Options{})
	listening, polling := listen(t, opened(t, dsn, postgres.Options{})), listen(t, opened(t, dsn, postgres.Options{PollInterval: time.Millisecond}))
	apply(t, two, func(tx tokencore.Tx) error {
		for i := range 40_000 {
			if err := tx.DeleteSetting(t.Context(), strconv.Itoa(i)); err != nil {
				return err
			}
		}
		return nil
	})
	expect(t, listening, tokencore.Change{Kind: tokencore.ChangeAll})
	expect(t, polling, tokencore.Change{Kind: tokencore.ChangeAll})
}

func TestWatch_ReportsAFeedThatIsCutOffAndRestored(t *testing.T) {
	dsn := database(t)
	one, two := opened(t, dsn, postgres.Options{}), opened(t, dsn, postgres.Options{})
	heard := listen(t, one)
	execute(t, dsn, `SELECT pg_terminate_backend(`+feedPID(t, dsn, 0)+`)`)
	expect(t, heard, lost)
	expect(t, heard, restored)
	apply(t, two, func(tx tokencore.Tx) error { return tx.PutSetting(t.Context(), "A", json.RawMessage(`1`)) })
	expect(t, heard, settings)
	if stats := one.FeedStats(); stats.Losses != 1 || stats.Lost || stats.Gap <= 0 || stats.Lag <= 0 {
		t.Errorf("got %+v", stats)
	}
}

// Nothing answers, and nobody says that the connection is gone: as when packets are dropped.
func TestWatch_ReportsAFeedThatFallsSilent(t *testing.T) {
	dsn := database(t)
	s := opened(t, dsn, postgres.Options{Heartbeat: 100 * time.Millisecond})
	heard := listen(t, s)
	c := pgtest.Shared(t)
	pid, err := strconv.Atoi(feedPID(t, dsn, 0))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.FreezeSession(pid); err != nil {
		t.Fatal(err)
	}
	expect(t, heard, lost)
	expect(t, heard, restored) // over another connection
	if err := c.ThawSession(pid); err != nil {
		t.Error(err)
	}
}

func TestWatch_WhoComesWhileTheFeedIsLostIsTold(t *testing.T) {
	c := pgtest.Start(t, pgtest.Options{NoSync: true})
	dsn := c.Database(t)
	listening := opened(t, dsn, postgres.Options{Migrate: true, Heartbeat: 100 * time.Millisecond})
	polling := opened(t, dsn, postgres.Options{PollInterval: 10 * time.Millisecond, Heartbeat: 100 * time.Millisecond})
	for _, s := range []*postgres.Store{listening, polling} {
		heard := listen(t, s)
		if err := c.Freeze(); err != nil {
			t.Fatal(err)
		}
		expect(t, heard, lost)
		late := listen(t, s)
		expect(t, late, lost)
		if !s.FeedStats().Lost {
			t.Error("the feed does not count as lost")
		}
		if err := c.Thaw(); err != nil {
			t.Fatal(err)
		}
		expect(t, heard, restored)
		expect(t, late, restored)
	}
}

func TestClose_EndsEveryGoroutine(t *testing.T) {
	dsn := database(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, options := range []postgres.Options{{}, {PollInterval: time.Second}} {
		s := open(t, dsn, options)
		s.Watch(t.Context(), func(tokencore.Change) {})
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// feedPID is the server's process of the feed that was connected n-th.
func feedPID(t *testing.T, dsn string, n int) string {
	t.Helper()
	return execute(t, dsn, `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'awxgate feed'
		ORDER BY backend_start OFFSET `+strconv.Itoa(n)+` LIMIT 1`)
}

func listen(t *testing.T, s *postgres.Store) <-chan tokencore.Change {
	t.Helper()
	heard := make(chan tokencore.Change, 10_000)
	s.Watch(t.Context(), func(c tokencore.Change) { heard <- c })
	return heard
}

func expect(t *testing.T, heard <-chan tokencore.Change, want tokencore.Change) {
	t.Helper()
	if got := next(t, heard); got != want {
		t.Fatalf("heard %v, want %v", got, want)
	}
}

func next(t *testing.T, heard <-chan tokencore.Change) tokencore.Change {
	t.Helper()
	select {
	case got := <-heard:
		return got
	case <-time.After(patience):
		t.Fatal("heard nothing")
		panic("unreachable")
	}
}
