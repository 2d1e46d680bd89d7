package oauth_test

import (
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// succeed gives alice's id and name to somebody else, as a directory that was restored
// from a backup may do.
func (w *world) succeed(t *testing.T) {
	t.Helper()
	successor := w.alice
	successor.AnsibleID = "11111111-2222-4333-8444-555555555555"
	if err := w.store.Update(t.Context(), func(tx tokencore.Tx) error { return tx.UpdateUser(t.Context(), successor) }); err != nil {
		t.Fatal(err)
	}
}

func TestWhoGetsAnOldIDGetsNothingThatWasGrantedToIt(t *testing.T) {
	w := newWorld(t)
	login := w.login(t)
	code := w.authorize(w.web).code(t)

	w.succeed(t)

	if w.accepted(t, login.AccessToken) {
		t.Error("the successor's requests pass with the old access token")
	}
	w.refresh(login.RefreshToken, w.machine).want(t, 400, invalidGrant)
	w.redeem(code, w.web).want(t, 400, invalidGrant)

	own := w.login(t)
	if !w.accepted(t, own.AccessToken) {
		t.Error("the successor's own token is refused")
	}
	w.refresh(own.RefreshToken, w.machine).ok(t)
}

func TestTokensOfAnApplicationWithAUserAreThatUsers(t *testing.T) {
	w := newWorld(t)
	robot := w.user(t, tokencore.User{Username: "robot", IsActive: true})
	imported := w.machine.Application
	imported.UserID = robot.ID
	if err := w.store.Update(t.Context(), func(tx tokencore.Tx) error { return tx.UpdateApplication(t.Context(), imported) }); err != nil {
		t.Fatal(err)
	}
	got := w.login(t)
	renewed := w.refresh(got.RefreshToken, w.machine).ok(t)
	p, err := w.svc.Verify(t.Context(), tokencore.DigestOf(tokencore.KindAccess, renewed.AccessToken))
	if err != nil || p.User.ID != robot.ID {
		t.Fatalf("got %+v, %v, want the application's user %d", p, err, robot.ID)
	}
}
