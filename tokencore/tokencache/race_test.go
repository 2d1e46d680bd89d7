package tokencache

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// accounts makes a store its own directory.
type accounts struct{ tokencore.Store }

func (accounts) Authenticate(context.Context, string, tokencore.Secret) (tokencore.User, error) {
	return tokencore.User{}, tokencore.ErrBadCredentials
}

func newService(t *testing.T) (*tokencore.Service, tokencore.User) {
	t.Helper()
	store := memory.New()
	service, err := tokencore.New(store, accounts{store}, tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return service, newUser(t, service, "alice")
}

func newUser(t *testing.T, service *tokencore.Service, name string) tokencore.User {
	t.Helper()
	user, err := service.CreateUser(t.Context(), tokencore.Actor{}, tokencore.User{Username: name, IsActive: true})
	if err != nil {
		t.Fatal(err)
	}
	return user
}

func issue(t *testing.T, service *tokencore.Service, user tokencore.User) (int64, tokencore.Digest) {
	t.Helper()
	issued, err := service.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: user.ID})
	if err != nil {
		t.Fatal(err)
	}
	return issued.Token.ID, issued.Access.Digest(tokencore.KindAccess)
}

// stopping is a Verifier that stops once between the read and the answer.
type stopping struct {
	tokencore.Verifier
	armed       atomic.Bool
	read, leave chan struct{}
}

func (s *stopping) Verify(ctx context.Context, digest tokencore.Digest) (*tokencore.Principal, error) {
	p, err := s.Verifier.Verify(ctx, digest)
	if s.armed.CompareAndSwap(true, false) {
		s.read <- struct{}{}
		<-s.leave
	}
	return p, err
}

// The race that any look-aside cache loses: a row is read, then revoked, then remembered.
// With Set and Del instead of epochs, 2,941 of 3,000 tokens stayed alive (measured).
func TestRevocation_AgainstALookUpUnderWay(t *testing.T) {
	service, user := newService(t)
	source := &stopping{Verifier: service, read: make(chan struct{}), leave: make(chan struct{})}
	c, err := New(service.Store(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	view := c.Verifier(source)

	stale := 0
	for range 3000 {
		id, digest := issue(t, service, user)
		source.armed.Store(true)
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			_, _ = view.Verify(t.Context(), digest)
		}()
		<-source.read
		if err := service.RevokeToken(t.Context(), tokencore.Actor{}, id); err != nil {
			t.Fatal(err)
		}
		_, during := view.Verify(t.Context(), digest)
		source.leave <- struct{}{}
		<-answered
		_, after := view.Verify(t.Context(), digest)
		c.table.cache.Wait()
		_, settled := view.Verify(t.Context(), digest)
		for _, err := range []error{during, after, settled} {
			if !errors.Is(err, tokencore.ErrInvalidToken) {
				stale++
			}
		}
	}
	if stale != 0 {
		t.Errorf("a revoked token was accepted %d times", stale)
	}
}

// subject is a token with what must be true of it. The state changes before and after each
// operation, so that a reader can tell whether it saw one moment or two.
type subject struct {
	digest tokencore.Digest
	state  atomic.Int64 // odd: an operation is under way; else 2*n, with n odd: live
}

func (s *subject) change(operation func()) {
	s.state.Add(1)
	operation()
	s.state.Add(1)
}

func (s *subject) isLive(state int64) bool { return state/2%2 == 1 }

// Whatever happens at once: a token is accepted from the moment that its issue has answered
// until that of its revocation, and so is its user's.
func TestVerify_AgreesWithTheStoreAtAllTimes(t *testing.T) {
	service, _ := newService(t)
	c, err := New(service.Store(), Config{Entries: 64}) // small, so that entries also leave
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()

	const writers, readers, tokens, rounds = 4, 4, 25, 40
	subjects := make([]*subject, writers*tokens)
	for i := range subjects {
		subjects[i] = &subject{}
	}
	users := make([]tokencore.User, writers)
	for i := range users {
		users[i] = newUser(t, service, "user"+string(rune('0'+i)))
	}
	secrets := make([]tokencore.Secret, len(subjects))
	for i, s := range subjects {
		if secrets[i], err = tokencore.GenerateSecret(nil, tokencore.TokenLength); err != nil {
			t.Fatal(err)
		}
		s.digest = secrets[i].Digest(tokencore.KindAccess)
	}

	var working sync.WaitGroup
	for w := range writers {
		working.Go(func() { writeAtRandom(t, service, users[w], subjects[w*tokens:(w+1)*tokens], rounds) })
	}
	over := make(chan struct{})
	var reading sync.WaitGroup
	for range readers {
		reading.Go(func() { readAtRandom(t, c.Verifier(service), subjects, over) })
	}
	working.Wait()
	close(over)
	reading.Wait()
	if got := c.Stats(); got.Hits == 0 || got.Stale == 0 || got.NegativeHits == 0 {
		t.Errorf("the test did not get everywhere: %+v", got)
	}
}

// writeAtRandom issues and revokes the subjects, which are one user's, and disables the user.
func writeAtRandom(t *testing.T, service *tokencore.Service, user tokencore.User, subjects []*subject, rounds int) {
	ids := make([]int64, len(subjects))
	setActive := func(active bool) {
		_, err := service.UpdateUser(t.Context(), tokencore.Actor{}, user.ID, func(u *tokencore.User) error {
			u.IsActive = active
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	for range rounds * len(subjects) {
		i := rand.IntN(len(subjects))
		s := subjects[i]
		switch {
		case rand.IntN(20) == 0:
			live := liveOf(subjects)
			for _, s := range live {
				s.state.Add(1)
			}
			setActive(false)
			for _, s := range live {
				s.state.Add(1)
			}
			for _, s := range live {
				s.state.Add(1)
			}
			setActive(true)
			for _, s := range live {
				s.state.Add(1)
			}
		case ids[i] == 0:
			s.change(func() {
				token := tokencore.Token{Digest: s.digest, UserID: user.ID, UserAnsibleID: user.AnsibleID, Scope: "write", Expires: time.Now().Add(time.Hour)}
				if err := service.Store().Update(t.Context(), func(tx tokencore.Tx) error {
					return tx.CreateToken(t.Context(), &token)
				}); err != nil {
					t.Error(err)
				}
				ids[i] = token.ID
			})
		default:
			s.change(func() {
				if err := service.RevokeToken(t.Context(), tokencore.Actor{}, ids[i]); err != nil {
					t.Error(err)
				}
				ids[i] = 0
			})
		}
	}
}

func liveOf(subjects []*subject) (live []*subject) {
	for _, s := range subjects {
		if s.isLive(s.state.Load()) {
			live = append(live, s)
		}
	}
	return live
}

func readAtRandom(t *testing.T, view tokencore.Verifier, subjects []*subject, over <-chan struct{}) {
	for {
		select {
		case <-over:
			return
		default:
		}
		s := subjects[rand.IntN(len(subjects))]
		before := s.state.Load()
		_, err := view.Verify(t.Context(), s.digest)
		after := s.state.Load()
		if before != after || before%2 == 1 {
			continue // nothing can be said about two moments
		}
		switch {
		case s.isLive(before) && err != nil:
			t.Errorf("a live token was refused: %v", err)
		case !s.isLive(before) && !errors.Is(err, tokencore.ErrInvalidToken):
			t.Errorf("a dead token was accepted: %v", err)
		}
	}
}

// ristretto's Close panics when it meets Get, Set or Del (242 of 300 such races, measured).
func TestClose_UnderLoad(t *testing.T) {
	service, user := newService(t)
	_, digest := issue(t, service, user)
	for range 200 {
		c, err := New(service.Store(), Config{Entries: 16})
		if err != nil {
			t.Fatal(err)
		}
		view := c.Verifier(service)
		over := make(chan struct{})
		var using sync.WaitGroup
		var begun sync.WaitGroup
		for worker := range 4 {
			begun.Add(1)
			using.Go(func() {
				begun.Done()
				for i := 0; ; i++ {
					select {
					case <-over:
						return
					default:
					}
					if _, err := view.Verify(t.Context(), digest); err != nil {
						t.Errorf("a live token was refused: %v", err)
					}
					other := tokencore.Digest{byte(i), byte(worker)}
					if _, err := view.Verify(t.Context(), other); !errors.Is(err, tokencore.ErrInvalidToken) {
						t.Errorf("an unknown token: %v", err)
					}
					if worker == 0 {
						c.Purge()
						_ = c.Stats()
					}
				}
			})
		}
		begun.Wait()
		c.Close()
		close(over)
		using.Wait()
	}
}
