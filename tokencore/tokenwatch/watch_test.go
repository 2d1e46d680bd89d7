package tokenwatch_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/tokenwatch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second // for what should take milliseconds

// world is a service over a memory store, whose answers the test can hold up or break.
type world struct {
	*tokencore.Service
	store  *memory.Store
	ahead  atomic.Int64 // of the clock, in nanoseconds
	broken atomic.Bool
	asked  atomic.Int64
	watch  *tokenwatch.Watch
	user   tokencore.User
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// Verify implements tokencore.Verifier.
func (w *world) Verify(ctx context.Context, d tokencore.Digest) (*tokencore.Principal, error) {
	w.asked.Add(1)
	if w.broken.Load() {
		return nil, tokencore.ErrUnavailable
	}
	return w.Service.Verify(ctx, d)
}

func newWorld(t *testing.T, config tokenwatch.Config) *world {
	t.Helper()
	w := &world{store: memory.New()}
	var err error
	if w.Service, err = tokencore.New(w.store, local.New(w.store, local.Config{}), tokencore.Config{Now: w.now}); err != nil {
		t.Fatal(err)
	}
	if w.user, err = w.CreateUser(t.Context(), tokencore.Actor{}, tokencore.User{Username: "alice", IsActive: true}); err != nil {
		t.Fatal(err)
	}
	config.Now = w.now
	w.watch = tokenwatch.New(w.store, config)
	t.Cleanup(func() {
		w.watch.Close()
		_ = w.store.Close()
	})
	return w
}

// issue makes a token and returns it with its digest.
func (w *world) issue(t *testing.T) (tokencore.Token, tokencore.Digest) {
	t.Helper()
	issued, err := w.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: w.user.ID, Scope: "read write"})
	if err != nil {
		t.Fatal(err)
	}
	return issued.Token, issued.Access.Digest(tokencore.KindAccess)
}

func (w *world) hold(t *testing.T, digest tokencore.Digest, required tokencore.Scope) context.Context {
	t.Helper()
	held, release, err := w.watch.Hold(t.Context(), digest, w, required)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return held
}

func wantEnd(held context.Context, t *testing.T, want error) {
	t.Helper()
	select {
	case <-held.Done():
		if cause := context.Cause(held); !errors.Is(cause, want) {
			t.Errorf("ended because of %v, want %v", cause, want)
		}
	case <-time.After(patience):
		t.Fatal("not ended")
	}
}

// never is an interval at which nothing is noticed but what the store tells.
var never = tokenwatch.Config{Interval: time.Hour, Grace: 2 * time.Hour}

func TestHoldEndsByWhatTheStoreTells(t *testing.T) {
	for name, change := range map[string]func(context.Context, *world, tokencore.Token) (error, error){
		"the token is revoked": func(ctx context.Context, w *world, token tokencore.Token) (error, error) {
			return tokencore.ErrInvalidToken, w.RevokeToken(ctx, tokencore.Actor{}, token.ID)
		},
		"the user is disabled": func(ctx context.Context, w *world, _ tokencore.Token) (error, error) {
			_, err := w.UpdateUser(ctx, tokencore.Actor{}, w.user.ID, func(u *tokencore.User) error { u.IsActive = false; return nil })
			return tokencore.ErrInvalidToken, err
		},
		"the user is deleted": func(ctx context.Context, w *world, _ tokencore.Token) (error, error) {
			return tokencore.ErrInvalidToken, w.DeleteUser(ctx, tokencore.Actor{}, w.user.ID)
		},
		"the scope is taken away": func(ctx context.Context, w *world, token tokencore.Token) (error, error) {
			token.Scope = ""
			return tokencore.ErrScope, w.store.Update(ctx, func(tx tokencore.Tx) error { return tx.UpdateToken(ctx, token) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, never)
			token, digest := w.issue(t)
			held, also := w.hold(t, digest, tokencore.ScopeRead), w.hold(t, digest, tokencore.ScopeRead)
			want, err := change(t.Context(), w, token)
			if err != nil {
				t.Fatal(err)
			}
			wantEnd(held, t, want)
			wantEnd(also, t, want)
			if _, release, err := w.watch.Hold(t.Context(), digest, w, tokencore.ScopeRead); !errors.Is(err, want) {
				release()
				t.Errorf("held once more: %v", err)
			}
		})
	}
}

func TestHoldOfAWiderScopeEndsAlone(t *testing.T) {
	w := newWorld(t, never)
	token, digest := w.issue(t)
	reads, writes := w.hold(t, digest, tokencore.ScopeRead), w.hold(t, digest, tokencore.ScopeWrite)
	_, err := w.UpdateToken(t.Context(), tokencore.Actor{}, token.ID, func(changed *tokencore.Token) error { changed.Scope = "read"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	wantEnd(writes, t, tokencore.ErrScope)
	if reads.Err() != nil {
		t.Error("what only reads was ended, too")
	}
}

func TestHoldOfAnotherTokenGoesOn(t *testing.T) {
	w := newWorld(t, never)
	token, digest := w.issue(t)
	_, other := w.issue(t)
	held, bystander := w.hold(t, digest, tokencore.ScopeRead), w.hold(t, other, tokencore.ScopeRead)
	if err := w.RevokeToken(t.Context(), tokencore.Actor{}, token.ID); err != nil {
		t.Fatal(err)
	}
	wantEnd(held, t, tokencore.ErrInvalidToken)
	if bystander.Err() != nil {
		t.Error("the other token's was ended, too")
	}
}

func TestHoldEndsAtTheExpiry(t *testing.T) {
	w := newWorld(t, tokenwatch.Config{Interval: time.Millisecond})
	token, digest := w.issue(t)
	token.Expires = time.Now().Add(time.Hour)
	err := w.store.Update(t.Context(), func(tx tokencore.Tx) error { return tx.UpdateToken(t.Context(), token) })
	if err != nil {
		t.Fatal(err)
	}
	held := w.hold(t, digest, tokencore.ScopeRead)
	w.ahead.Store(int64(time.Hour))
	wantEnd(held, t, tokencore.ErrInvalidToken)
}

// A change that the store does not tell about, as those of a remote directory.
func TestHoldEndsByAChangeThatNobodyTells(t *testing.T) {
	w := newWorld(t, tokenwatch.Config{Interval: time.Millisecond})
	_, digest := w.issue(t)
	var gone atomic.Bool
	held, release, err := w.watch.Hold(t.Context(), digest, verifierFunc(func(ctx context.Context, d tokencore.Digest) (*tokencore.Principal, error) {
		if gone.Load() {
			return nil, tokencore.ErrInvalidToken
		}
		return w.Verify(ctx, d)
	}), tokencore.ScopeRead)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	gone.Store(true)
	wantEnd(held, t, tokencore.ErrInvalidToken)
}

type verifierFunc func(context.Context, tokencore.Digest) (*tokencore.Principal, error)

func (f verifierFunc) Verify(ctx context.Context, d tokencore.Digest) (*tokencore.Principal, error) {
	return f(ctx, d)
}

func TestOutageEndsHoldsAfterTheGraceOnly(t *testing.T) {
	w := newWorld(t, tokenwatch.Config{Interval: time.Millisecond, Grace: time.Hour})
	_, digest := w.issue(t)
	held := w.hold(t, digest, tokencore.ScopeRead)
	w.broken.Store(true)
	for before, deadline := w.asked.Load(), time.Now().Add(patience); w.asked.Load() < before+10; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the token was not asked for again")
		}
	}
	if held.Err() != nil {
		t.Fatalf("ended at once: %v", context.Cause(held))
	}
	if _, _, err := w.watch.Hold(t.Context(), digest, w, tokencore.ScopeRead); !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("a new one was given: %v", err)
	}
	w.ahead.Store(int64(time.Hour))
	wantEnd(held, t, tokencore.ErrUnavailable)
}

func TestHoldsSurviveAShortOutage(t *testing.T) {
	w := newWorld(t, tokenwatch.Config{Interval: time.Millisecond, Grace: time.Hour})
	token, digest := w.issue(t)
	held := w.hold(t, digest, tokencore.ScopeRead)
	w.broken.Store(true)
	if err := w.RevokeToken(t.Context(), tokencore.Actor{}, token.ID); err != nil {
		t.Fatal(err)
	}
	w.broken.Store(false)
	wantEnd(held, t, tokencore.ErrInvalidToken) // the change was not forgotten
}

func TestVerifiersThatPanicAreUnavailable(t *testing.T) {
	w := newWorld(t, never)
	_, digest := w.issue(t)
	_, _, err := w.watch.Hold(t.Context(), digest, verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		panic("out of order")
	}), tokencore.ScopeRead)
	if !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestCloseEndsWhatIsHeld(t *testing.T) {
	w := newWorld(t, never)
	_, digest := w.issue(t)
	held := w.hold(t, digest, tokencore.ScopeRead)
	w.watch.Close()
	wantEnd(held, t, tokencore.ErrUnavailable)
	if _, _, err := w.watch.Hold(t.Context(), digest, w, tokencore.ScopeRead); !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("held after Close: %v", err)
	}
}

// Whatever the order in which revoking and holding happen, nothing outlives both.
func TestNoHoldOutlivesARevocation(t *testing.T) {
	const rounds, holders = 200, 4
	w := newWorld(t, never)
	for range rounds {
		token, digest := w.issue(t)
		held := make([]context.Context, holders)
		var wait sync.WaitGroup
		for n := range holders {
			wait.Go(func() {
				ctx, release, err := w.watch.Hold(t.Context(), digest, w, tokencore.ScopeRead)
				if err != nil {
					if !errors.Is(err, tokencore.ErrInvalidToken) {
						t.Error(err)
					}
					return
				}
				t.Cleanup(release)
				held[n] = ctx //nolint:fatcontext // each its own
			})
		}
		wait.Go(func() {
			if err := w.RevokeToken(t.Context(), tokencore.Actor{}, token.ID); err != nil {
				t.Error(err)
			}
		})
		wait.Wait()
		for _, ctx := range held {
			if ctx != nil {
				wantEnd(ctx, t, tokencore.ErrInvalidToken)
			}
		}
	}
	if stats := w.watch.Stats(); stats.Held != 0 {
		t.Errorf("%+v", stats)
	}
}

func TestReleaseForgets(t *testing.T) {
	w := newWorld(t, never)
	_, digest := w.issue(t)
	held, release, err := w.watch.Hold(t.Context(), digest, w, tokencore.ScopeRead)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.watch.Stats().Held; got != 1 {
		t.Errorf("%d held", got)
	}
	release()
	release()
	wantEnd(held, t, context.Canceled)
	if got := w.watch.Stats(); got != (tokenwatch.Stats{}) {
		t.Errorf("%+v", got)
	}
}
