package awx

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

const ttl, grace = 10 * time.Second, 30 * time.Second

func newTimed(t *testing.T, f *fakeAWX) (*Directory, *clock) {
	t.Helper()
	return newDirectory(t, f, func(c *Config) { c.TTL, c.Grace = ttl, grace })
}

func TestStaleness_AChangeIsSeenAfterTheTTLAndNotBefore(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fakeAWX)
		seen   func(tokencore.User, error) bool
	}{
		"disabled": {
			func(f *fakeAWX) { f.person("alice").disabled = true },
			func(u tokencore.User, err error) bool { return err == nil && !u.IsActive },
		},
		"demoted": {
			func(f *fakeAWX) { f.person("alice").fields["is_superuser"] = false },
			func(u tokencore.User, err error) bool { return err == nil && !u.IsSuperuser },
		},
		"renamed": {
			func(f *fakeAWX) { f.person("alice").fields["username"] = "alicia" },
			func(u tokencore.User, err error) bool { return err == nil && u.Username == "alicia" },
		},
		"deleted": {
			func(f *fakeAWX) { f.people = f.people[:1] },
			func(_ tokencore.User, err error) bool { return errors.Is(err, tokencore.ErrNotFound) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeAWX(t)
			f.person("alice").fields["is_superuser"] = true
			d, c := newTimed(t, f)
			if u, err := d.User(t.Context(), 6); test.seen(u, err) {
				t.Fatalf("already: %+v, %v", u, err)
			}
			f.change(func() { test.change(f) })
			asked := f.asked()
			c.advance(ttl - 1)
			if u, err := d.User(t.Context(), 6); test.seen(u, err) || f.asked() != asked {
				t.Errorf("before the TTL: %+v, %v, %d requests more", u, err, f.asked()-asked)
			}
			c.advance(1)
			if u, err := d.User(t.Context(), 6); !test.seen(u, err) {
				t.Errorf("after the TTL: %+v, %v", u, err)
			}
		})
	}
}

func TestStaleness_RolesFollowAfterTheTTL(t *testing.T) {
	f := newFakeAWX(t)
	f.person("alice").admin = []int64{1}
	d, c := newTimed(t, f)
	for _, want := range []int{1, 0} {
		if held, err := d.Roles(t.Context(), 6); err != nil || len(held.Admin) != want {
			t.Errorf("%+v, %v, want %d", held, err, want)
		}
		f.change(func() { f.person("alice").admin = nil })
		c.advance(ttl)
	}
}

func TestStaleness_ANewUserIsSeenAfterTheTTL(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newTimed(t, f)
	unknown := func() {
		t.Helper()
		if _, err := d.UserByName(t.Context(), "bob"); !errors.Is(err, tokencore.ErrNotFound) {
			t.Fatal(err)
		}
	}
	unknown()
	asked := f.asked()
	f.change(func() { f.people = append(f.people, newPerson(7, "bob", "uuid-bob")) })
	c.advance(ttl - 1)
	unknown()
	if f.asked() != asked {
		t.Error("a name that was just not found was asked for again")
	}
	c.advance(1)
	if u, err := d.UserByName(t.Context(), "bob"); err != nil || u.ID != 7 {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestGrace_WhatWasKnownGoesOnForSoLongAndNoLonger(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newTimed(t, f)
	for name, err := range everything(t.Context(), d) {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	f.breaks(refusing(http.StatusBadGateway))
	for _, by := range []time.Duration{ttl, grace - 1} {
		c.advance(by)
		for name, err := range everything(t.Context(), d) {
			if err != nil {
				t.Errorf("within the grace, %s: %v", name, err)
			}
		}
		_, err := d.User(t.Context(), 7) // who was not known
		wantUnavailable(t, map[string]error{"User": err})
	}
	c.advance(1)
	wantUnavailable(t, everything(t.Context(), d))
	f.breaks(nil)
	for name, err := range everything(t.Context(), d) {
		if err != nil {
			t.Errorf("after the outage, %s: %v", name, err)
		}
	}
}

func TestGrace_NegativeIsNone(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newDirectory(t, f, func(c *Config) { c.TTL, c.Grace = ttl, -1 })
	everything(t.Context(), d)
	f.breaks(refusing(http.StatusBadGateway))
	c.advance(ttl)
	wantUnavailable(t, everything(t.Context(), d))
}

func TestGrace_IsForOutagesAndNotForAnswers(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newTimed(t, f)
	everything(t.Context(), d)
	f.change(func() { f.people = f.people[:1] })
	c.advance(ttl)
	if _, err := d.User(t.Context(), 6); !errors.Is(err, tokencore.ErrNotFound) {
		t.Fatal(err)
	}
	f.breaks(refusing(http.StatusBadGateway))
	if _, err := d.User(t.Context(), 6); !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("within the TTL of that answer: %v", err)
	}
	c.advance(ttl)
	_, err := d.User(t.Context(), 6)
	wantUnavailable(t, map[string]error{"User": err})
}

func TestGrace_DoesNotAskForEachRequest(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newTimed(t, f)
	everything(t.Context(), d)
	f.breaks(refusing(http.StatusBadGateway))
	c.advance(ttl)
	user := func() {
		t.Helper()
		if _, err := d.User(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
	}
	asked := f.asked()
	for range 5 {
		user()
	}
	if n := f.asked() - asked; n != 1 {
		t.Errorf("asked %d times", n)
	}
	c.advance(retryAfter)
	f.breaks(nil)
	f.change(func() { f.person("alice").fields["email"] = "new@example.com" })
	if u, err := d.User(t.Context(), 6); err != nil || u.Email != "new@example.com" {
		t.Errorf("once AWX is back: %+v, %v", u, err)
	}
}

func TestStaleness_AClockThatIsPutBackMakesNothingLast(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newTimed(t, f)
	everything(t.Context(), d)
	c.advance(-time.Hour)
	f.breaks(refusing(http.StatusBadGateway))
	wantUnavailable(t, everything(t.Context(), d))
}
