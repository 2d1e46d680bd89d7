package dabjwt_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

var noon = time.Unix(1767225600, 0) // 2026-01-01

func alice() *tokencore.User {
	return &tokencore.User{
		ID: 6, AnsibleID: "0f3a9f5e-8a52-4c1c-9f5e-2d6b8f6d1a11", Username: "alice", FirstName: "Alice",
		LastName: "Ångström", IsActive: true, PasswordHash: "argon2id", External: "ldap", LDAPDN: "cn=alice",
	}
}

func golden(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(content), "\n")
}

func goldenKey(t *testing.T) *dabjwt.Key {
	t.Helper()
	key, err := dabjwt.ParseKey([]byte(golden(t, "golden_key.pem")))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newMinter(t *testing.T, config dabjwt.Config) *dabjwt.Minter {
	t.Helper()
	if config.Now == nil {
		config.Now = func() time.Time { return noon }
	}
	minter, err := dabjwt.New(goldenKey(t), config)
	if err != nil {
		t.Fatal(err)
	}
	return minter
}

func mint(t *testing.T, m *dabjwt.Minter, u *tokencore.User) string {
	t.Helper()
	token, err := m.Mint(u)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// The recorded token was made with openssl dgst, not with this package.
func TestMint_IsByteForByteWhatDABAccepts(t *testing.T) {
	token := mint(t, newMinter(t, dabjwt.Config{}), alice())
	if diff := cmp.Diff(golden(t, "golden.jwt"), token); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	parts := strings.Split(token, ".")
	for n, want := range []string{`{"alg":"RS256","typ":"JWT"}`, golden(t, "golden.json")} {
		decoded, err := base64.RawURLEncoding.DecodeString(parts[n])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(decoded)); diff != "" {
			t.Errorf("part %d (-want +got):\n%s", n, diff)
		}
	}
	if len(token) > 1500 {
		t.Errorf("%d bytes in one header line", len(token))
	}
}

func TestMint_FieldByField(t *testing.T) {
	claims := claimsOf(t, mint(t, newMinter(t, dabjwt.Config{Life: time.Minute}), alice()))
	noRoles := sha256.Sum256([]byte(`{"global_roles":[],"object_roles":{}}`))
	for _, test := range []struct {
		name string
		want any
	}{
		{"version", "1"},
		{"iss", "ansible-issuer"},
		{"aud", "ansible-services"},
		{"sub", alice().AnsibleID},
		{"exp", float64(noon.Unix() + 60)},
		{"service_id", "a9c5a4f6-3f0e-4b8e-9d5e-6f1b7a2c8d90"},
		{"user_data", map[string]any{"username": "alice", "first_name": "Alice", "last_name": "Ångström", "email": "", "is_superuser": false}},
		{"objects", map[string]any{}},
		{"object_roles", map[string]any{}},
		{"global_roles", []any{}},
		{"claims_hash", hex.EncodeToString(noRoles[:])},
	} {
		if diff := cmp.Diff(test.want, claims[test.name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		delete(claims, test.name)
	}
	if len(claims) != 0 {
		t.Errorf("the token says more than is needed: %v", claims)
	}
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	decoded, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(decoded, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestMint_RefusesUsersWhomAWXWouldGetWrong(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*tokencore.User)
	}{
		{"disabled, which DAB does not check", func(u *tokencore.User) { u.IsActive = false }},
		{"without an ansible_id", func(u *tokencore.User) { u.AnsibleID = "" }},
		{"with a number for an ansible_id", func(u *tokencore.User) { u.AnsibleID = "6" }},
		{"with a malformed ansible_id", func(u *tokencore.User) { u.AnsibleID = "0f3a9f5e-8a52-4c1c-9f5e_2d6b8f6d1a11" }},
		{"with an ansible_id in braces", func(u *tokencore.User) { u.AnsibleID = "{" + u.AnsibleID + "}" }},
		{"without a name", func(u *tokencore.User) { u.Username = "" }},
		{"with a name that is not UTF-8", func(u *tokencore.User) { u.Username = "alice\xff" }},
		{"with an address that is not UTF-8", func(u *tokencore.User) { u.Email = "\xc0@example.org" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := alice()
			test.change(u)
			if token, err := newMinter(t, dabjwt.Config{}).Mint(u); err == nil || !token.IsZero() {
				t.Errorf("got a token, and the error %v", err)
			}
		})
	}
}

func TestMint_HandsOutATokenForTheFirstHalfOfItsLifeOnly(t *testing.T) {
	now := noon.Add(300 * time.Millisecond)
	minter := newMinter(t, dabjwt.Config{Life: 100 * time.Second, Now: func() time.Time { return now }})
	first := mint(t, minter, alice())
	for _, test := range []struct {
		name  string
		after time.Duration
		same  bool
	}{
		{"at once", 0, true},
		{"with exactly half of its life left", 50 * time.Second, true},
		{"with less", 50*time.Second + time.Millisecond, false},
	} {
		now = noon.Add(test.after)
		if got := mint(t, minter, alice()); (got == first) != test.same {
			t.Errorf("%s: the same token is %v", test.name, !test.same)
		}
	}
	now = noon.Add(-time.Hour)
	if exp := claimsOf(t, mint(t, minter, alice()))["exp"]; exp != float64(now.Unix()+100) {
		t.Errorf("after the clock was set back, a token expires at %v", exp)
	}
}

func TestMint_AChangeOfTheUserMakesANewToken(t *testing.T) {
	minter := newMinter(t, dabjwt.Config{})
	seen := map[string]string{mint(t, minter, alice()): "unchanged"}
	for name, change := range map[string]func(*tokencore.User){
		"ansible_id": func(u *tokencore.User) { u.AnsibleID = "1" + u.AnsibleID[1:] },
		"name":       func(u *tokencore.User) { u.Username = "Alice" },
		"first name": func(u *tokencore.User) { u.FirstName = "" },
		"last name":  func(u *tokencore.User) { u.LastName = "A" },
		"e-mail":     func(u *tokencore.User) { u.Email = "alice@example.org" },
		"promoted":   func(u *tokencore.User) { u.IsSuperuser = true },
	} {
		u := alice()
		change(u)
		token := mint(t, minter, u)
		if other, repeated := seen[token]; repeated {
			t.Errorf("%s: the token is that of %s", name, other)
		}
		seen[token] = name
	}
	u := alice()
	u.LastLogin, u.ID = noon, 7
	if _, same := seen[mint(t, minter, u)]; !same {
		t.Error("what is not in the token made a new one")
	}
}

func TestMint_RemembersABoundedNumber(t *testing.T) {
	minter := newMinter(t, dabjwt.Config{Entries: 3})
	for range 2 {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			u := alice()
			u.Username = name
			if got := claimsOf(t, mint(t, minter, u))["user_data"].(map[string]any)["username"]; got != name {
				t.Errorf("%s got the token of %s", name, got)
			}
		}
	}
	if n := dabjwt.Remembered(minter); n != 3 {
		t.Errorf("%d tokens are remembered", n)
	}
}

func TestMint_ConcurrentCallersGetTheirOwnTokens(t *testing.T) {
	var now atomic.Int64
	now.Store(noon.Unix())
	minter := newMinter(t, dabjwt.Config{Entries: 4, Life: 10 * time.Second, Now: func() time.Time { return time.Unix(now.Load(), 0) }})
	var wait sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		wait.Go(func() {
			u := alice()
			u.Username = name
			for n := range 50 {
				token, err := minter.Mint(u)
				if err != nil {
					t.Error(err)
					return
				}
				claims := claimsOf(t, token.Reveal())
				if got := claims["user_data"].(map[string]any)["username"]; got != name {
					t.Errorf("%s got the token of %s", name, got)
				}
				if n%10 == 0 {
					now.Add(1)
				}
			}
		})
	}
	wait.Wait()
}

func TestMint_AHitNeitherSignsNorAllocates(t *testing.T) {
	minter, u := newMinter(t, dabjwt.Config{}), alice()
	if allocated := testing.AllocsPerRun(100, func() { mint(t, minter, u) }); allocated != 0 {
		t.Errorf("%v allocations", allocated)
	}
}

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	for name, config := range map[string]dabjwt.Config{
		"a life too short to reach AWX": {Life: time.Second},
		"a life of a day":               {Life: 24 * time.Hour},
		"a negative life":               {Life: -time.Minute},
		"a life that exp cannot say":    {Life: 10*time.Second + time.Millisecond},
		"a negative number of entries":  {Entries: -1},
		"a service id that is no UUID":  {ServiceID: "awxgate"},
	} {
		if _, err := dabjwt.New(goldenKey(t), config); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}
