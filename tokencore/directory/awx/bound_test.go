package awx

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	memorystore "github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/tokencache"
)

// chain is a directory with a cache of verified tokens in front; each has half of the bound.
type chain struct {
	*clock
	verifier tokencore.Verifier
	token    tokencore.Digest
}

const bound = 10 * time.Second

func newChain(t *testing.T, f *fakeAWX) *chain {
	t.Helper()
	d, c := newDirectory(t, f, func(config *Config) { config.TTL, config.Grace = bound/2, bound })
	store := memorystore.New()
	service, err := tokencore.New(store, d, tokencore.Config{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := service.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: 6})
	if err != nil {
		t.Fatal(err)
	}
	cache, err := tokencache.New(store, tokencache.Config{TTL: bound / 2, NegativeTTL: bound / 2, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cache.Close)
	return &chain{c, cache.Verifier(service), issued.Access.Digest(tokencore.KindAccess)}
}

func (c *chain) verify(t *testing.T) string {
	t.Helper()
	switch _, err := c.verifier.Verify(t.Context(), c.token); {
	case err == nil:
		return "accepted"
	case errors.Is(err, tokencore.ErrInvalidToken):
		return "refused"
	default:
		return "unavailable"
	}
}

// However the two ages fall together, a token is accepted for the bound at most after its
// user was disabled.
func TestBound_ADirectoryAndACacheAreTogetherAsOldAsTheirSum(t *testing.T) {
	for offset := range 10 { // seconds between the directory's question and the cache's
		f := newFakeAWX(t)
		c := newChain(t, f) // asks AWX
		c.advance(time.Duration(offset) * time.Second)
		if got := c.verify(t); got != "accepted" {
			t.Fatalf("after %ds: %s", offset, got)
		}
		f.change(func() { f.person("alice").disabled = true })
		for second := range int(bound/time.Second) + 5 {
			got := c.verify(t)
			if second >= int(bound/time.Second) && got != "refused" {
				t.Errorf("offset %ds: %s %ds after the user was disabled", offset, got, second)
			}
			c.advance(time.Second)
		}
		f.change(func() { f.person("alice").disabled = false })
		c.advance(bound)
		if got := c.verify(t); got != "accepted" {
			t.Errorf("offset %ds: %s, %s after the user was enabled again", offset, got, bound)
		}
	}
}

func TestBound_AnOutageIsNeverARefusalAndEndsAfterTheGrace(t *testing.T) {
	f := newFakeAWX(t)
	c := newChain(t, f)
	if got := c.verify(t); got != "accepted" {
		t.Fatal(got)
	}
	f.breaks(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	for second := range 30 {
		got := c.verify(t)
		if got == "refused" {
			t.Errorf("refused %ds after AWX went down", second)
		}
		if limit := int(2 * bound / time.Second); second < int(bound/time.Second) && got != "accepted" || second >= limit && got != "unavailable" {
			t.Errorf("%s %ds after AWX went down", got, second)
		}
		c.advance(time.Second)
	}
	f.breaks(nil)
	c.advance(retryAfter)
	if got := c.verify(t); got != "accepted" {
		t.Errorf("%s when AWX was back", got)
	}
}

func TestRecheck_WhatIsKnownIsAskedForAgainButCountsInAnOutage(t *testing.T) {
	f := newFakeAWX(t)
	d, c := newTimed(t, f)
	user := func() tokencore.User {
		u, err := d.User(t.Context(), 6)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	user()
	if _, err := d.User(t.Context(), 7); !errors.Is(err, tokencore.ErrNotFound) {
		t.Fatal(err)
	}
	f.change(func() {
		f.person("alice").fields["username"] = "alicia"
		f.people = append(f.people, newPerson(7, "bob", "uuid-bob"))
	})
	if u := user(); u.Username != "alice" {
		t.Fatalf("got %+v", u)
	}
	d.Recheck()
	c.advance(1)
	f.breaks(func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusBadGateway)
		return true
	})
	if u := user(); u.Username != "alice" {
		t.Errorf("in an outage: %+v", u)
	}
	f.breaks(nil)
	c.advance(retryAfter)
	if u := user(); u.Username != "alicia" {
		t.Errorf("got %+v", u)
	}
	if u, err := d.User(t.Context(), 7); err != nil || u.Username != "bob" {
		t.Errorf("got %+v, %v", u, err)
	}
}

func TestOrganizationByName(t *testing.T) {
	f := newFakeAWX(t)
	d, _ := newTimed(t, f)
	if o, err := d.OrganizationByName(t.Context(), "org2"); err != nil || o.ID != 2 {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, name := range []string{"nosuch", "ORG2", "", "a\x00b"} {
		if o, err := d.OrganizationByName(t.Context(), name); !errors.Is(err, tokencore.ErrNotFound) {
			t.Errorf("%q: %+v, %v", name, o, err)
		}
	}
}
