package storetest

import (
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

var transactionTests = []test{
	{"fn runs exactly once", func(t *testing.T, s store) {
		runs := 0
		s.update(t, func(tokencore.Tx) error { runs++; return nil })
		same(t, "runs", runs, 1)
	}},
	{"a transaction reads its own writes", func(t *testing.T, s store) {
		s.update(t, func(tx tokencore.Tx) error {
			u := tokencore.User{Username: "ann"}
			if err := tx.CreateUser(s.ctx, &u); err != nil {
				return err
			}
			again, err := tx.UserByName(s.ctx, "ann")
			same(t, "id", found(t, again, err).ID, u.ID)
			return nil
		})
	}},
	{"an error of fn is returned and undoes everything", func(t *testing.T, s store) {
		before := everyKind(t, s)
		refusal := errors.New("refused")
		err := s.Update(s.ctx, func(tx tokencore.Tx) error {
			if err := before.destroy(s, tx); err != nil {
				t.Errorf("destroying: %v", err)
			}
			return refusal
		})
		if !errors.Is(err, refusal) {
			t.Errorf("got %v, want the error of fn", err)
		}
		before.check(t, s)
	}},
	{"a panic in fn propagates, undoes everything and leaves the store usable", func(t *testing.T, s store) {
		before := everyKind(t, s)
		func() {
			defer func() { same(t, "recovered", recover(), any("boom")) }()
			_ = s.Update(s.ctx, func(tx tokencore.Tx) error {
				if err := before.destroy(s, tx); err != nil {
					t.Errorf("destroying: %v", err)
				}
				panic("boom")
			})
		}()
		before.check(t, s)
		s.user(t, "after")
	}},
	{"a conflict leaves the rest of the transaction usable", func(t *testing.T, s store) {
		s.user(t, "ann")
		s.update(t, func(tx tokencore.Tx) error {
			if err := tx.CreateUser(s.ctx, &tokencore.User{Username: "ann"}); !errors.Is(err, tokencore.ErrConflict) {
				t.Errorf("got %v, want a conflict", err)
			}
			return tx.CreateUser(s.ctx, &tokencore.User{Username: "bob"})
		})
		_, err := s.UserByName(s.ctx, "bob")
		found(t, "bob", err)
	}},
	{"concurrent updates run one after the other", func(t *testing.T, s store) {
		const n = 16
		errs := inParallel(n, func() error {
			return s.Update(s.ctx, func(tx tokencore.Tx) error {
				settings, err := tx.StoredSettings(s.ctx)
				if err != nil {
					return err
				}
				count, _ := strconv.Atoi(string(settings["COUNT"]))
				return tx.PutSetting(s.ctx, "COUNT", json.RawMessage(strconv.Itoa(count+1)))
			})
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		settings, err := s.StoredSettings(s.ctx)
		same(t, "count", string(found(t, settings, err)["COUNT"]), strconv.Itoa(n))
	}},
	{"a reader sees all of a transaction or nothing", func(t *testing.T, s store) {
		done := make(chan struct{})
		var reading sync.WaitGroup
		reading.Go(func() {
			for {
				settings, err := s.StoredSettings(s.ctx)
				if err != nil {
					t.Errorf("reading: %v", err)
				}
				if a, b := string(settings["A"]), string(settings["B"]); a != b {
					t.Errorf("saw A %s and B %s", a, b)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
		for i := range 30 {
			value := json.RawMessage(strconv.Itoa(i))
			s.update(t, func(tx tokencore.Tx) error {
				return errors.Join(tx.PutSetting(s.ctx, "A", value), tx.PutSetting(s.ctx, "B", value))
			})
		}
		close(done)
		reading.Wait()
	}},
	{"a transaction that has ended refuses to work", func(t *testing.T, s store) {
		var late tokencore.Tx
		s.update(t, func(tx tokencore.Tx) error { late = tx; return nil })
		if err := late.CreateUser(s.ctx, &tokencore.User{Username: "late"}); !errors.Is(err, tokencore.ErrUnavailable) {
			t.Errorf("got %v, want %q", err, tokencore.ErrUnavailable)
		}
		_, err := s.UserByName(s.ctx, "late")
		missing(t, "late", err)
	}},
	{"Ping answers", func(t *testing.T, s store) {
		if err := s.Ping(s.ctx); err != nil {
			t.Error(err)
		}
	}},
}

// inParallel calls f in n goroutines at once and returns their errors.
func inParallel(n int, f func() error) []error {
	errs := make([]error, n)
	ready := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-ready
			errs[i] = f()
		})
	}
	close(ready)
	all.Wait()
	return errs
}

// oneWinner fails unless one error is nil and all others are ErrConsumed.
func oneWinner(t *testing.T, errs []error) {
	t.Helper()
	winners := 0
	for _, err := range errs {
		switch {
		case err == nil:
			winners++
		case !errors.Is(err, tokencore.ErrConsumed):
			t.Errorf("a loser got %v, want %q", err, tokencore.ErrConsumed)
		}
	}
	same(t, "winners", winners, 1)
}
