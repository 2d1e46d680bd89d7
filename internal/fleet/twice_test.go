package fleet_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

// Who revokes what another node revoked a moment ago is told that it is gone. That is a
// promise, too, also of a node that has not heard of it yet.
func TestARevocationThatFindsNothingIsAPromiseToo(t *testing.T) {
	f := started(t, pgtest.Shared(t), fleet.Options{})
	for _, test := range []struct {
		name   string
		revoke func(n *fleet.Node, token fleet.Token) fleet.Answer
		again  int // what the second one is told
	}{
		{"by its id", func(n *fleet.Node, token fleet.Token) fleet.Answer { return n.Revoke(t.Context(), token.ID) }, http.StatusNotFound},
		{"by its value", func(n *fleet.Node, token fleet.Token) fleet.Answer { return n.RevokeByValue(t.Context(), token.Access) }, http.StatusOK},
		{"by its refresh token", func(n *fleet.Node, token fleet.Token) fleet.Answer {
			return n.RevokeByValue(t.Context(), token.Refresh)
		}, http.StatusOK},
	} {
		t.Run(test.name, func(t *testing.T) {
			for range 10 {
				if revokedTwice(t, f, test.revoke, test.again) {
					return
				}
			}
			t.Error("the second node heard of the first revocation each time")
		})
	}
}

// revokedTwice reports whether the second node did not know of the first revocation.
func revokedTwice(t *testing.T, f *fleet.Fleet, revoke func(*fleet.Node, fleet.Token) fleet.Answer, again int) bool {
	t.Helper()
	one, two := f.Nodes[0], f.Nodes[1]
	token, made := one.MintRefreshable(t.Context())
	if made.Status != http.StatusCreated {
		t.Fatalf("making a token: %d %v", made.Status, made.Err)
	}
	await(t, func() bool { return two.Use(t.Context(), token.Access).Status == http.StatusOK })

	sessions, err := f.Sessions(t.Context(), true)
	must(t, err)
	must(t, freezeFeeds(t.Context(), f))
	defer func() {
		var err error
		for _, pid := range sessions {
			err = errors.Join(err, f.Cluster.ThawSession(pid))
		}
		must(t, err)
		must(t, f.AwaitHealth(t.Context()))
	}()
	if first := revoke(one, token); first.Status != http.StatusNoContent && first.Status != http.StatusOK {
		t.Fatalf("the first revocation: %d %s", first.Status, first.Body)
	}
	remembered := two.Use(t.Context(), token.Access).Status == http.StatusOK
	if second := revoke(two, token); second.Status != again {
		t.Fatalf("the second revocation: %d %s", second.Status, second.Body)
	}
	if used := two.Use(t.Context(), token.Access); used.Status == http.StatusOK {
		t.Error("the second node accepted the token after its answer")
	}
	return remembered
}
