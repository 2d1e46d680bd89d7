package postgres_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

func TestRead_AServerThatIsGoneIsATechnicalFailureAndHealsByItself(t *testing.T) {
	c := pgtest.Start(t, pgtest.Options{})
	dsn := c.Database(t)
	s := opened(t, dsn, postgres.Options{Migrate: true, ConnectTimeout: time.Second, StatementTimeout: time.Second})
	heard := listen(t, s)
	token := numbered(1)
	apply(t, s, func(tx tokencore.Tx) error { return tx.CreateToken(t.Context(), &token) })
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeIssued, ID: token.Digest.Key()})
	for fault, test := range map[string]struct{ cause, heal func() error }{
		"killed": {c.Kill, func() error { return c.Start(t.Context()) }},
		"frozen": {c.Freeze, c.Thaw},
	} {
		if err := test.cause(); err != nil {
			t.Fatal(err)
		}
		_, err := s.TokenByDigest(t.Context(), token.Digest)
		wantOnly(t, err, tokencore.ErrUnavailable)
		wantOnly(t, s.Update(t.Context(), func(tokencore.Tx) error { return nil }), tokencore.ErrUnavailable)
		wantOnly(t, s.Ping(t.Context()), tokencore.ErrUnavailable)
		expect(t, heard, lost)
		if err := test.heal(); err != nil {
			t.Fatal(err)
		}
		expect(t, heard, restored)
		if got, err := s.TokenByDigest(t.Context(), token.Digest); err != nil || got.ID != token.ID {
			t.Errorf("after it was %s: %v", fault, err)
		}
		if err := s.Update(t.Context(), func(tokencore.Tx) error { return nil }); err != nil {
			t.Errorf("after it was %s: %v", fault, err)
		}
	}
}

// A cut while the commit is on its way leaves its outcome unknown. The caller is told so,
// and if it took effect, this node hears of it as of another's.
func TestUpdate_AnUnknownCommitIsATechnicalFailureAndItsChangesAreHeard(t *testing.T) {
	dsn := database(t)
	cut := newCutter(t, dsn)
	s := opened(t, cut.dsn, postgres.Options{MaxConns: 1, Heartbeat: time.Hour, StatementTimeout: time.Minute})
	heard := listen(t, s)
	apply(t, s, func(tx tokencore.Tx) error { return tx.DeleteSetting(t.Context(), "A") }) // everything is prepared
	expect(t, heard, settings)
	token := numbered(1)
	err := s.Update(t.Context(), func(tx tokencore.Tx) error {
		err := tx.CreateToken(t.Context(), &token)
		cut.armed.Store(true)
		return err
	})
	wantOnly(t, err, tokencore.ErrUnavailable)
	expect(t, heard, tokencore.Change{Kind: tokencore.ChangeIssued, ID: token.Digest.Key()})
	if _, err := s.TokenByDigest(t.Context(), token.Digest); err != nil {
		t.Errorf("the token that was committed: %v", err)
	}
}

func TestUpdate_SaysWhenAnotherNodeHoldsTheLock(t *testing.T) {
	dsn := database(t)
	one, two := opened(t, dsn, postgres.Options{}), opened(t, dsn, postgres.Options{LockTimeout: 50 * time.Millisecond})
	apply(t, one, func(tokencore.Tx) error {
		err := two.Update(t.Context(), func(tokencore.Tx) error { return nil })
		wantOnly(t, err, tokencore.ErrUnavailable)
		if err == nil || !strings.Contains(err.Error(), "lock timeout") {
			t.Errorf("got %v", err)
		}
		if _, err := two.StoredSettings(t.Context()); err != nil {
			t.Errorf("reading must go on: %v", err)
		}
		return nil
	})
}

// A node that freezes in the middle of a transaction must not stop the others for ever.
func TestUpdate_ATransactionThatFallsSilentIsEnded(t *testing.T) {
	dsn := database(t)
	silent := opened(t, dsn, postgres.Options{IdleTimeout: 100 * time.Millisecond})
	other := opened(t, dsn, postgres.Options{LockTimeout: patience, StatementTimeout: patience})
	token := numbered(1)
	err := silent.Update(t.Context(), func(tx tokencore.Tx) error {
		if err := tx.CreateToken(t.Context(), &token); err != nil {
			return err
		}
		return other.Update(t.Context(), func(tokencore.Tx) error { return nil })
	})
	wantOnly(t, err, tokencore.ErrUnavailable)
	_, err = other.TokenByDigest(t.Context(), token.Digest)
	wantOnly(t, err, tokencore.ErrNotFound)
}

func TestUpdate_AFailureThatFnIgnoresIsReported(t *testing.T) {
	s := opened(t, database(t), postgres.Options{})
	err := s.Update(t.Context(), func(tx tokencore.Tx) error {
		_ = tx.CreateToken(t.Context(), new(numbered(1)))
		_ = tx.GrantRole(t.Context(), 1, 1, "no such role") // breaks a CHECK
		if err := tx.CreateToken(t.Context(), new(numbered(2))); !errors.Is(err, tokencore.ErrUnavailable) {
			t.Errorf("the write after the failure: %v", err)
		}
		return nil
	})
	wantOnly(t, err, tokencore.ErrUnavailable)
	if _, count, err := s.Tokens(t.Context(), tokencore.Query{}); err != nil || count != 0 {
		t.Errorf("%d tokens, %v", count, err)
	}
}

func TestUpdate_ContextsThatEndAtAnyMomentLeaveNoTransactionBehind(t *testing.T) {
	s := opened(t, database(t), postgres.Options{MaxConns: 2})
	written := 0
	for i := range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*50*time.Microsecond)
		token := numbered(int64(i))
		err := s.Update(ctx, func(tx tokencore.Tx) error { return tx.CreateToken(ctx, &token) })
		cancel()
		if err == nil {
			written++
		} else {
			wantOnly(t, err, tokencore.ErrUnavailable)
		}
	}
	apply(t, s, func(tx tokencore.Tx) error { return tx.CreateToken(t.Context(), new(numbered(9999))) })
	if _, count, err := s.Tokens(t.Context(), tokencore.Query{}); err != nil || count != written+1 {
		t.Errorf("%d tokens, %v; %d were acknowledged", count, err, written+1)
	}
}

func TestTouchTokens_DoesNotWaitForARowThatSomebodyHolds(t *testing.T) {
	dsn := database(t)
	s := opened(t, dsn, postgres.Options{})
	held, free := numbered(1), numbered(2)
	apply(t, s, func(tx tokencore.Tx) error {
		return errors.Join(tx.CreateToken(t.Context(), &held), tx.CreateToken(t.Context(), &free))
	})
	var holding sync.WaitGroup
	holding.Go(func() {
		execute(t, dsn, `SET application_name = 'holder'; BEGIN; SELECT FROM tokens WHERE id = 1 FOR UPDATE;
			DO $$ BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END $$`)
	})
	defer holding.Wait()
	await(t, func() bool {
		return execute(t, dsn, `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'`) == "1"
	})
	now := time.Now().UTC().Truncate(time.Microsecond)
	apply(t, s, func(tx tokencore.Tx) error {
		return tx.TouchTokens(t.Context(), []tokencore.TokenUse{{TokenID: held.ID, Time: now}, {TokenID: free.ID, Time: now}})
	})
	execute(t, dsn, `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'`)
	for id, want := range map[int64]time.Time{held.ID: {}, free.ID: now} {
		if got, err := s.Token(t.Context(), id); err != nil || !got.LastUsed.Equal(want) {
			t.Errorf("token %d: last used %v, %v", id, got.LastUsed, err)
		}
	}
}

// await asks again until it holds.
func await(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come about")
		}
	}
}

// wantOnly fails unless the error says one thing: unknown is not invalid.
func wantOnly(t *testing.T, err, want error) {
	t.Helper()
	for _, sentinel := range []error{tokencore.ErrUnavailable, tokencore.ErrNotFound, tokencore.ErrConsumed, tokencore.ErrConflict, tokencore.ErrField} {
		if errors.Is(err, sentinel) != errors.Is(want, sentinel) {
			t.Errorf("got %v, want only %q", err, want)
			return
		}
	}
}

// cutter is a link to the server that can be cut when the server has answered and before
// the client hears it.
type cutter struct {
	dsn   string
	armed atomic.Bool
}

func newCutter(t *testing.T, dsn string) *cutter {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	server := address.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	address.Host = listener.Addr().String()
	c := &cutter{dsn: address.String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.forward(client, server)
		}
	}()
	return c
}

func (c *cutter) forward(client net.Conn, server string) {
	defer client.Close()
	upstream, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer upstream.Close()
	var cutting atomic.Bool
	go func() {
		defer client.Close()
		buffer := make([]byte, 1<<16)
		for {
			n, err := upstream.Read(buffer)
			if err != nil || cutting.Load() {
				return
			}
			if _, err := client.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			if cutting.Load() {
				_, _ = io.Copy(io.Discard, upstream)
			}
			return
		}
		if c.armed.CompareAndSwap(true, false) {
			cutting.Store(true)
		}
		if _, err := upstream.Write(buffer[:n]); err != nil {
			return
		}
	}
}
