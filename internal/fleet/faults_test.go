package fleet_test

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

// bound is when the other nodes must know of a revocation, whatever is broken: the promise
// is 3 s, and a busy machine may be late by some more.
const bound = 5 * time.Second

// fault is something that breaks, and what ends it.
type fault struct {
	name  string
	cause func(ctx context.Context, f *fleet.Fleet) error
	// lasts says when the fault has lasted for long enough: at the latest when the clients
	// of every node have met what it does.
	lasts func(ctx context.Context, t *testing.T, f *fleet.Fleet)
	heal  func(ctx context.Context, f *fleet.Fleet) error
}

func TestClientsMeet503AtWorst(t *testing.T) {
	cluster := pgtest.Start(t, pgtest.Options{})
	f := started(t, cluster, fleet.Options{})
	for _, test := range []fault{
		{
			"when PostgreSQL is killed",
			func(context.Context, *fleet.Fleet) error { return cluster.Kill() },
			untilUnavailable,
			func(ctx context.Context, _ *fleet.Fleet) error { return cluster.Start(ctx) },
		},
		{
			"when all connections are cut, again and again",
			func(ctx context.Context, f *fleet.Fleet) error {
				for range 20 {
					if err := cut(ctx, f); err != nil {
						return err
					}
				}
				return nil
			},
			atOnce,
			func(context.Context, *fleet.Fleet) error { return nil },
		},
		{
			"when the link that carries changes falls silent",
			freezeFeeds,
			untilFeedsAreBack,
			func(context.Context, *fleet.Fleet) error { return cluster.Thaw() },
		},
		{
			"when the whole server falls silent",
			func(context.Context, *fleet.Fleet) error { return cluster.Freeze() },
			untilUnavailable,
			func(context.Context, *fleet.Fleet) error { return cluster.Thaw() },
		},
		{
			"when the server takes no more connections",
			func(ctx context.Context, f *fleet.Fleet) error {
				_, err := f.SQL(ctx, `ALTER DATABASE `+f.Database+` CONNECTION LIMIT 0`)
				return errors.Join(err, cutOnce(ctx, f)) // 53300 from now on
			},
			untilUnavailable,
			func(ctx context.Context, f *fleet.Fleet) error {
				_, err := f.SQL(ctx, `ALTER DATABASE `+f.Database+` CONNECTION LIMIT -1`)
				return err
			},
		},
		{
			"when somebody locks the table of tokens",
			lockTokens,
			func(ctx context.Context, t *testing.T, f *fleet.Fleet) {
				t.Helper()
				untilUnavailable(ctx, t, f) // lock_timeout has struck
				<-time.After(*lockFor)
			},
			unlockTokens,
		},
		{
			"when the server becomes a replica, and is promoted",
			func(ctx context.Context, f *fleet.Fleet) error {
				signal := filepath.Join(cluster.Directory(), "data", "standby.signal")
				return errors.Join(cluster.Stop(), os.WriteFile(signal, nil, 0o600), chownLike(signal, cluster.Directory()), cluster.Start(ctx))
			},
			untilReadOnly,
			func(ctx context.Context, f *fleet.Fleet) error {
				_, err := f.SQL(ctx, `SELECT pg_promote()`)
				return err
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) { try(t, f, test) })
	}
	t.Run("and what a node remembers is not trusted for long when the server falls silent", func(t *testing.T) { forgets(t, f) })
}

// forgets: perhaps the token was revoked, and nobody could say so.
func forgets(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	token, answer := f.Nodes[0].Mint(t.Context())
	if answer.Status != http.StatusCreated {
		t.Fatalf("making a token got %d", answer.Status)
	}
	for _, n := range f.Nodes {
		if status := n.UseDefinitely(t.Context(), token.Access).Status; status != http.StatusOK {
			t.Fatalf("using it got %d", status)
		}
	}
	must(t, f.Cluster.Freeze())
	frozen := time.Now()
	var last time.Time // when a use began that was accepted
	for _, n := range f.Nodes {
		await(t, func() bool {
			answer := n.Use(t.Context(), token.Access)
			if answer.Status == http.StatusOK && answer.Began.After(last) {
				last = answer.Began
			}
			return answer.Status == http.StatusServiceUnavailable
		})
	}
	must(t, f.Cluster.Thaw())
	if late := last.Sub(frozen); late > bound {
		t.Errorf("it was accepted for %v", late)
	}
	must(t, f.AwaitHealth(t.Context()))
	t.Logf("accepted for the last time %v after the server fell silent", last.Sub(frozen).Round(time.Millisecond))
}

func try(t *testing.T, f *fleet.Fleet, test fault) {
	t.Helper()
	traffic, err := f.StartTraffic(t.Context(), bound)
	must(t, err)
	began := time.Now()
	must(t, test.cause(t.Context(), f))
	test.lasts(t.Context(), t, f)
	ended := time.Now()
	must(t, test.heal(t.Context(), f))
	must(t, f.AwaitHealth(t.Context()))
	healthy := time.Now()
	report, err := traffic.Stop(t.Context())
	must(t, err)
	if len(report.Violations) > 0 {
		t.Errorf("%d violations, such as %q", len(report.Violations), report.Violations[:min(5, len(report.Violations))])
	}
	if report.Answers[http.StatusOK] == 0 || report.Dead == 0 {
		t.Errorf("there was no traffic: %v, %d revoked", report.Answers, report.Dead)
	}
	t.Logf("lasted %v; %s; all well after %v; slowest answer %v; answers %v; %d good and %d revoked tokens",
		ended.Sub(began).Round(time.Millisecond), report.Outage(began, ended), healthy.Sub(ended).Round(time.Millisecond),
		report.Slowest.Round(time.Millisecond), report.Answers, report.Good, report.Dead)
}

func atOnce(context.Context, *testing.T, *fleet.Fleet) {}

// untilUnavailable waits until no node accepts any token.
func untilUnavailable(ctx context.Context, t *testing.T, f *fleet.Fleet) {
	t.Helper()
	for _, n := range f.Nodes {
		await(t, func() bool {
			return n.Use(ctx, "nosuchtokennosuchtokennosuchto").Status == http.StatusServiceUnavailable
		})
	}
}

// untilFeedsAreBack waits until every node listens on a new connection.
func untilFeedsAreBack(ctx context.Context, t *testing.T, f *fleet.Fleet) {
	t.Helper()
	await(t, func() bool {
		sessions, err := f.Sessions(ctx, true)
		must(t, err)
		return len(sessions) >= 2*len(f.Nodes) // the halted ones are still there
	})
}

// untilReadOnly waits until every node makes no token, but accepts those that there are.
func untilReadOnly(ctx context.Context, t *testing.T, f *fleet.Fleet) {
	t.Helper()
	for _, n := range f.Nodes {
		await(t, func() bool { return n.Use(ctx, "nosuchtokennosuchtokennosuchto").Status == http.StatusUnauthorized })
		if _, answer := n.Mint(ctx); answer.Status != http.StatusServiceUnavailable {
			t.Errorf("making a token got %d", answer.Status)
		}
	}
}

// lockFor is for a look by hand at locks that are held for longer than a test should.
var lockFor = flag.Duration("lock", 0, "how much longer than lock_timeout to lock the table of tokens")

// lockTokens returns when another session has the lock, and keeps it until unlockTokens.
func lockTokens(ctx context.Context, f *fleet.Fleet) error {
	ended := make(chan error, 1)
	go func() {
		_, err := f.SQL(ctx, `SET application_name = 'locker'; BEGIN; LOCK TABLE tokens IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)`)
		ended <- err // it is ended by force
	}()
	for {
		locked, err := f.SQL(ctx, `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'locker' AND wait_event = 'PgSleep'`)
		if err != nil || locked == "1" {
			return err
		}
		select {
		case err := <-ended:
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func unlockTokens(ctx context.Context, f *fleet.Fleet) error {
	_, err := f.SQL(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'locker'`)
	return err
}

// chownLike gives a file to the owner of another.
func chownLike(path, other string) error {
	info, err := os.Stat(other)
	if err != nil {
		return err
	}
	owner := info.Sys().(*syscall.Stat_t)
	return os.Chown(path, int(owner.Uid), int(owner.Gid))
}

func freezeFeeds(ctx context.Context, f *fleet.Fleet) error {
	sessions, err := f.Sessions(ctx, true)
	for _, pid := range sessions {
		err = errors.Join(err, f.Cluster.FreezeSession(pid))
	}
	return err
}

// cut ends the sessions of all nodes, and returns when new ones are there.
func cut(ctx context.Context, f *fleet.Fleet) error {
	err := cutOnce(ctx, f)
	for begun := time.Now(); err == nil && time.Since(begun) < fleet.Patience; {
		var sessions []int
		if sessions, err = f.Sessions(ctx, false); len(sessions) > 0 {
			return err
		}
	}
	return err
}

func cutOnce(ctx context.Context, f *fleet.Fleet) error {
	_, err := f.SQL(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '`+fleet.Role+`'`)
	return err
}

func await(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(fleet.Patience); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not come about")
		}
	}
}
