package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
)

func TestRevokeEndsTheClientsOwnTokens(t *testing.T) {
	for _, test := range []struct {
		name    string
		token   func(fields) string
		hint    []string
		refresh bool // the refresh token is marked as used
	}{
		{"access token", func(f fields) string { return f.AccessToken }, nil, false},
		{"access token with the wrong hint", func(f fields) string { return f.AccessToken }, []string{"token_type_hint", "refresh_token"}, false},
		{"access token with a bogus hint", func(f fields) string { return f.AccessToken }, []string{"token_type_hint", "bogus"}, false},
		{"refresh token", func(f fields) string { return f.RefreshToken }, nil, true},
		{"refresh token with its hint", func(f fields) string { return f.RefreshToken }, []string{"token_type_hint", "refresh_token"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			got := w.login(t)
			before := w.rows(t)
			request := form(append([]string{"token", test.token(got)}, test.hint...)...)

			revoked := w.revoke(request, basic(w.machine))
			revoked.want(t, 200, "")
			want := http.Header{
				"Content-Type": {"text/html; charset=utf-8"}, "Vary": {"Accept-Language, Origin, Cookie"}, "Content-Language": {"en"},
			}
			if diff := cmp.Diff(want, revoked.header); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
			if w.accepted(t, got.AccessToken) {
				t.Error("the access token outlived its revocation")
			}
			rows := w.rows(t)
			if len(rows.Tokens) != 0 || len(rows.Refresh) != 1 || rows.Refresh[0].Live() == test.refresh || rows.Activities != before.Activities+1 {
				t.Errorf("got %+v", rows)
			}
			w.refresh(got.RefreshToken, w.machine).want(t, 400, invalidGrant)

			again := w.revoke(request, basic(w.machine))
			again.want(t, 200, "")
			if vary := again.header.Get("Vary"); vary != "Accept-Language, Origin" {
				t.Errorf("Vary is %q", vary)
			}
		})
	}
}

func TestRevokeByAPublicClient(t *testing.T) {
	w := newWorld(t)
	got := w.token(form("grant_type", "password", "username", "alice", "password", password, "client_id", w.gadget.ClientID)).ok(t)
	w.revoke(form("token", got.AccessToken, "client_id", w.gadget.ClientID)).want(t, 200, "")
	if w.accepted(t, got.AccessToken) {
		t.Error("the token outlived its revocation")
	}
}

func TestRevokeLeavesOtherTokensAlone(t *testing.T) {
	w := newWorld(t)
	got := w.login(t)
	personal, err := w.svc.Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: w.alice.ID})
	if err != nil {
		t.Fatal(err)
	}
	before := w.rows(t)
	for name, token := range map[string]string{
		"another client's access token":  got.AccessToken,
		"another client's refresh token": got.RefreshToken,
		"a personal token":               personal.Access.Reveal(),
		"an unknown token":               "nosuch",
		"what no token can be":           "a b",
	} {
		answered := w.revoke(form("token", token), basic(w.web))
		answered.want(t, 200, "")
		if vary := answered.header.Get("Vary"); vary != "Accept-Language, Origin" {
			t.Errorf("%s: Vary %q gives away that it exists", name, vary)
		}
	}
	if diff := cmp.Diff(before, w.rows(t)); diff != "" {
		t.Errorf("something was revoked:\n%s", diff)
	}
}

func TestRevokeIsRefusedAsAWXDoes(t *testing.T) {
	w := newWorld(t)
	got := w.login(t)
	before := w.rows(t)
	w.revoke(form("token", got.AccessToken)).want(t, 401, invalidClient)
	w.revoke(form("token", got.AccessToken), basic(client{w.machine.Application, w.web.secret})).want(t, 401, invalidClient)
	w.revoke(form(), basic(w.machine)).want(t, 400, missing("Missing token parameter."))
	w.revoke(form("token", ""), basic(w.machine)).want(t, 400, missing("Missing token parameter."))
	post(w.ServeRevoke, "/api/o/revoke_token/?a=1", "token=x", basic(w.machine)).want(t, 400, noQuery)
	post(w.ServeRevoke, "/api/o/revoke_token/?token="+got.AccessToken, "", basic(w.machine)).want(t, 400, noQuery)
	post(w.ServeRevoke, "/api/o/revoke_token/", `{"token": "`+got.AccessToken+`"}`, basic(w.machine),
		header("Content-Type", "application/json")).want(t, 400, missing("Missing token parameter."))
	for _, method := range []string{"GET", "HEAD", "PUT"} {
		if got := do(w.ServeRevoke, httptest.NewRequest(method, "/api/o/revoke_token/", nil)); got.status != 405 || got.header.Get("Allow") != "POST, OPTIONS" {
			t.Errorf("%s: got %d, Allow %q", method, got.status, got.header.Get("Allow"))
		}
	}
	if diff := cmp.Diff(before, w.rows(t)); diff != "" {
		t.Errorf("something was revoked:\n%s", diff)
	}
}

func TestRevokeNeverAnswers200WhenTheTokenMayLive(t *testing.T) {
	for _, kind := range []struct {
		name   string
		token  func(fields) string
		writes int
	}{
		{"access token", func(f fields) string { return f.AccessToken }, 2},
		{"refresh token", func(f fields) string { return f.RefreshToken }, 3},
	} {
		t.Run(kind.name, func(t *testing.T) {
			w := newWorld(t)
			got := w.login(t)
			before := w.rows(t)
			for n := 1; n <= kind.writes; n++ {
				w.store.arm(n)
				w.revoke(form("token", kind.token(got)), basic(w.machine)).want(t, 503, unavailable)
			}
			w.store.arm(0)
			w.store.failCommit = true
			w.revoke(form("token", kind.token(got)), basic(w.machine)).want(t, 503, unavailable)
			w.store.failCommit, w.store.failReads = false, true
			w.revoke(form("token", kind.token(got)), basic(w.machine)).want(t, 503, unavailable)
			w.store.failReads = false
			if diff := cmp.Diff(before, w.rows(t)); diff != "" {
				t.Errorf("something is half done:\n%s", diff)
			}
			w.revoke(form("token", kind.token(got)), basic(w.machine)).want(t, 200, "")
		})
	}
}
