package awxapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

// Whoever deletes what another process has deleted is told 404, and this process must not
// go on accepting the tokens, although the other's word may be under way.
func TestDelete_OfWhatIsGoneIsAnnounced(t *testing.T) {
	w := newWorld(t)
	all := []tokencore.Change{{Kind: tokencore.ChangeAll}}
	for _, test := range []struct {
		user, path string
		want       []tokencore.Change
	}{
		{"admin", "/api/v2/tokens/777/", []tokencore.Change{{Kind: tokencore.ChangeToken, ID: 777}}},
		{"alice", "/api/v2/tokens/777/", []tokencore.Change{{Kind: tokencore.ChangeToken, ID: 777}}},
		{"admin", "/api/v2/applications/777/", []tokencore.Change{{Kind: tokencore.ChangeApplication, ID: 777}}},
		{"admin", "/api/v2/applications/nosuch++Default/", all},
		{"alice", "/api/v2/applications/nosuch++Default/", nil}, // not for everybody to cause
		{"admin", "/api/v2/users/777/", []tokencore.Change{{Kind: tokencore.ChangeUser, ID: 777}}},
		{"admin", "/api/v2/organizations/777/", all},
		{"alice", "/api/v2/organizations/777/", nil},
	} {
		var heard []tokencore.Change
		w.store.Watch(t.Context(), func(c tokencore.Change) { heard = append(heard, c) })
		if got := w.call(t, test.user, "DELETE", test.path, "").Code; got != 404 {
			t.Errorf("%s: %s got %d", test.path, test.user, got)
		}
		if diff := cmp.Diff(test.want, heard); diff != "" {
			t.Errorf("%s by %s (-want +got):\n%s", test.path, test.user, diff)
		}
		if got := w.call(t, test.user, "GET", test.path, "").Code; got != 404 || len(heard) != len(test.want) {
			t.Errorf("%s: looking got %d and announced something: %v", test.path, got, heard)
		}
	}
}
