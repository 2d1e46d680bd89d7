package oauth_test

import (
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/oauth"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
)

func TestMain(m *testing.M) {
	// Enough for every build; go test -rapid.checks 1000 looks longer.
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
	os.Exit(pgtest.Run(m))
}

// TestAFamilyHasOneLiveTokenOrNone does what clients and thieves may do with the tokens of
// one grant, in any order: refresh, refresh at once from several places, present an old
// refresh token, revoke. It compares with what RFC 9700, 4.14.2, asks for.
func TestAFamilyHasOneLiveTokenOrNone(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) tokencore.Store{
		"memory": func(*testing.T) tokencore.Store { return memory.New() },
		"postgres": func(t *testing.T) tokencore.Store {
			t.Helper()
			store, err := postgres.Open(t.Context(), pgtest.Shared(t).Database(t), postgres.Options{Migrate: true})
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorldWith(t, open(t), oauth.Config{})
			rapid.Check(t, func(rt *rapid.T) {
				f := &family{w: w, t: t, tokens: []fields{w.login(t)}, live: true}
				rt.Repeat(map[string]func(*rapid.T){
					"refresh":         f.refresh,
					"refresh at once": f.refreshAtOnce,
					"replay":          f.replay,
					"revoke access":   f.revokeAccess,
					"revoke refresh":  f.revokeRefresh,
					"":                f.check,
				})
			})
		})
	}
}

// family is what should be true of a grant.
type family struct {
	w      *world
	t      *testing.T
	tokens []fields // all that were ever given, the newest last
	live   bool     // the newest access token
	ended  bool     // nothing can come of the newest refresh token any more
}

func (f *family) newest() fields { return f.tokens[len(f.tokens)-1] }

func (f *family) refresh(rt *rapid.T) {
	answer := f.w.refresh(f.newest().RefreshToken, f.w.machine)
	if f.ended {
		f.refused(rt, answer)
		return
	}
	if answer.status != 200 {
		rt.Fatalf("refreshing got %d %s", answer.status, answer.body)
	}
	f.tokens = append(f.tokens, answer.json(f.t))
	f.live = true
}

// refreshAtOnce: one request wins, and each of the others is a replay of what it used up.
func (f *family) refreshAtOnce(rt *rapid.T) {
	newest := f.newest().RefreshToken
	var won []fields
	for _, answer := range atOnce(rapid.IntRange(2, 4).Draw(rt, "clients"), func() answer { return f.w.refresh(newest, f.w.machine) }) {
		if answer.status == 200 {
			won = append(won, answer.json(f.t))
		} else {
			f.refused(rt, answer)
		}
	}
	want := 1
	if f.ended {
		want = 0
	}
	if len(won) != want {
		rt.Fatalf("%d requests won, want %d", len(won), want)
	}
	f.tokens = append(f.tokens, won...)
	f.live, f.ended = false, true
}

// replay presents a refresh token that was exchanged before.
func (f *family) replay(rt *rapid.T) {
	if len(f.tokens) < 2 {
		rt.Skip("there is no old one")
	}
	old := rapid.IntRange(0, len(f.tokens)-2).Draw(rt, "which")
	f.refused(rt, f.w.refresh(f.tokens[old].RefreshToken, f.w.machine))
	f.live, f.ended = false, true
}

// revokeAccess: the refresh token stays, of no use, as in AWX.
func (f *family) revokeAccess(rt *rapid.T) {
	which := rapid.IntRange(0, len(f.tokens)-1).Draw(rt, "which")
	f.revoke(rt, f.tokens[which].AccessToken)
	if which == len(f.tokens)-1 {
		f.live, f.ended = false, true
	}
}

func (f *family) revokeRefresh(rt *rapid.T) {
	which := rapid.IntRange(0, len(f.tokens)-1).Draw(rt, "which")
	f.revoke(rt, f.tokens[which].RefreshToken)
	if which == len(f.tokens)-1 {
		f.live, f.ended = false, true
	}
}

func (f *family) revoke(rt *rapid.T, token string) {
	if answer := f.w.revoke(form("token", token), basic(f.w.machine)); answer.status != 200 {
		rt.Fatalf("revoking got %d %s", answer.status, answer.body)
	}
}

func (f *family) refused(rt *rapid.T, answer answer) {
	if answer.status != 400 || answer.body != invalidGrant {
		rt.Fatalf("got %d %s, want invalid_grant", answer.status, answer.body)
	}
}

// check looks at every token that was ever given, and at the rows.
func (f *family) check(rt *rapid.T) {
	for i, token := range f.tokens {
		want := f.live && i == len(f.tokens)-1
		if got := f.w.accepted(f.t, token.AccessToken); got != want {
			rt.Fatalf("access token %d of %d is accepted: %t, want %t", i+1, len(f.tokens), got, want)
		}
	}
	row, err := f.w.store.RefreshTokenByDigest(f.t.Context(), tokencore.DigestOf(tokencore.KindRefresh, f.newest().RefreshToken))
	if err != nil {
		rt.Fatal(err)
	}
	family := tokencore.Query{Where: tokencore.Eq("grant", row.GrantID)}
	refresh, _, err := f.w.store.RefreshTokens(f.t.Context(), family)
	if err != nil {
		rt.Fatal(err)
	}
	usable := 0
	for _, r := range refresh {
		if r.Live() && r.TokenID != 0 {
			usable++
		}
	}
	if want := map[bool]int{false: 1, true: 0}[f.ended]; usable != want {
		rt.Fatalf("%d refresh tokens can be exchanged, want %d", usable, want)
	}
}
