package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

const djangoHashOfPassword = "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$3stk8nYcOvbsUUIWDNMdepEt7hXHqFbJCF4eT8gFor4="

func newStore(t *testing.T, users ...tokencore.User) *memory.Store {
	t.Helper()
	store := memory.New()
	err := store.Update(t.Context(), func(tx tokencore.Tx) error {
		for _, u := range users {
			if err := tx.CreateUser(t.Context(), &u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func hashed(t *testing.T, password string) string {
	t.Helper()
	hash, err := HashPassword(tokencore.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestAuthenticate(t *testing.T) {
	hash := hashed(t, "password")
	for name, test := range map[string]struct {
		user               tokencore.User
		username, password string
		want               error
	}{
		"right password":               {tokencore.User{IsActive: true, PasswordHash: hash}, "alice", "password", nil},
		"wrong password":               {tokencore.User{IsActive: true, PasswordHash: hash}, "alice", "Password", tokencore.ErrBadCredentials},
		"unknown user":                 {tokencore.User{IsActive: true, PasswordHash: hash}, "bob", "password", tokencore.ErrBadCredentials},
		"names are case-sensitive":     {tokencore.User{IsActive: true, PasswordHash: hash}, "Alice", "password", tokencore.ErrBadCredentials},
		"disabled user":                {tokencore.User{PasswordHash: hash}, "alice", "password", tokencore.ErrBadCredentials},
		"no password":                  {tokencore.User{IsActive: true}, "alice", "password", tokencore.ErrBadCredentials},
		"unusable password":            {tokencore.User{IsActive: true, PasswordHash: "!x"}, "alice", "password", tokencore.ErrBadCredentials},
		"unreadable hash":              {tokencore.User{IsActive: true, PasswordHash: "bcrypt$x"}, "alice", "password", tokencore.ErrBadCredentials},
		"neither name nor password":    {tokencore.User{IsActive: true, PasswordHash: hash}, "", "", tokencore.ErrBadCredentials},
		"password beyond every bound":  {tokencore.User{IsActive: true, PasswordHash: hash}, "alice", strings.Repeat("x", 5000), tokencore.ErrBadCredentials},
		"hash of an imported password": {tokencore.User{IsActive: true, PasswordHash: djangoHashOfPassword}, "alice", "password", nil},
	} {
		t.Run(name, func(t *testing.T) {
			test.user.Username = "alice"
			d := New(newStore(t, test.user), Config{})
			u, err := d.Authenticate(t.Context(), test.username, tokencore.NewSecret(test.password))
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if u.PasswordHash != "" {
				t.Error("the hash left the directory")
			}
			if want := test.want == nil; (u.Username == "alice") != want {
				t.Errorf("got user %q", u.Username)
			}
		})
	}
}

// Whoever measures how long a refusal takes must not learn which users exist.
func TestAuthenticate_RefusesEverybodyWhileLocalAccountsAreOff(t *testing.T) {
	store := newStore(t, tokencore.User{Username: "alice", IsActive: true, PasswordHash: hashed(t, "password")})
	directory := New(store, Config{})
	for value, want := range map[string]error{"true": tokencore.ErrBadCredentials, "false": nil} {
		err := store.Update(t.Context(), func(tx tokencore.Tx) error {
			return tx.PutSetting(t.Context(), tokencore.SettingLocalAuthOff, json.RawMessage(value))
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := directory.Authenticate(t.Context(), "alice", tokencore.NewSecret("password")); !errors.Is(err, want) {
			t.Errorf("DISABLE_LOCAL_AUTH %s: got %v, want %v", value, err, want)
		}
	}
}

func TestAuthenticate_EveryRefusalTakesTheWorkOfOneHash(t *testing.T) {
	hash := hashed(t, "password")
	store := newStore(t,
		tokencore.User{Username: "active", IsActive: true, PasswordHash: hash},
		tokencore.User{Username: "disabled", PasswordHash: hash},
		tokencore.User{Username: "imported-disabled", PasswordHash: djangoHashOfPassword},
		tokencore.User{Username: "unusable", IsActive: true, PasswordHash: "!"},
		tokencore.User{Username: "none", IsActive: true},
	)
	for _, username := range []string{"active", "disabled", "imported-disabled", "unusable", "none", "unknown"} {
		t.Run(username, func(t *testing.T) {
			d := New(store, Config{})
			var checks []passwordHash
			d.check = func(h passwordHash, password string) bool {
				checks = append(checks, h)
				return h.matches(password)
			}
			if _, err := d.Authenticate(t.Context(), username, tokencore.NewSecret("wrong")); !errors.Is(err, tokencore.ErrBadCredentials) {
				t.Fatalf("got %v", err)
			}
			if len(checks) != 1 || !checks[0].current() {
				t.Errorf("checked %d hashes, want exactly one of today's strength", len(checks))
			}
		})
	}
}

func TestAuthenticate_NothingGetsInThroughTheDecoy(t *testing.T) {
	d := New(newStore(t, tokencore.User{Username: "disabled", PasswordHash: hashed(t, "password")}), Config{})
	d.check = func(passwordHash, string) bool { return true }
	for _, username := range []string{"disabled", "unknown"} {
		if _, err := d.Authenticate(t.Context(), username, tokencore.NewSecret("password")); !errors.Is(err, tokencore.ErrBadCredentials) {
			t.Errorf("%s: got %v", username, err)
		}
	}
}

func TestAuthenticate_RenewsAnImportedHashOnSuccessOnly(t *testing.T) {
	store := newStore(t, tokencore.User{Username: "alice", IsActive: true, PasswordHash: djangoHashOfPassword, Email: "a@example.com"})
	d := New(store, Config{})
	stored := func() tokencore.User {
		t.Helper()
		u, err := store.UserByName(t.Context(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		return u
	}

	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("wrong")); !errors.Is(err, tokencore.ErrBadCredentials) {
		t.Fatalf("got %v", err)
	}
	if stored().PasswordHash != djangoHashOfPassword {
		t.Fatal("a wrong password changed the hash")
	}
	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("password")); err != nil {
		t.Fatal(err)
	}
	renewed := stored()
	if h, ok := parseHash(renewed.PasswordHash); !ok || !h.current() {
		t.Error("the hash was not renewed")
	}
	if renewed.Email != "a@example.com" || !renewed.IsActive {
		t.Error("renewing lost a column")
	}
	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("password")); err != nil {
		t.Errorf("the renewed hash does not match: %v", err)
	}
	if stored().PasswordHash != renewed.PasswordHash {
		t.Error("a current hash was renewed")
	}
}

// readOnly refuses to write.
type readOnly struct{ tokencore.Store }

func (readOnly) Update(context.Context, func(tokencore.Tx) error) error {
	return tokencore.Unavailable("writing", errors.New("disk full"))
}

func TestAuthenticate_ALoginSurvivesAFailedRenewal(t *testing.T) {
	var log bytes.Buffer
	store := newStore(t, tokencore.User{Username: "alice", IsActive: true, PasswordHash: djangoHashOfPassword})
	d := New(readOnly{store}, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("password")); err != nil {
		t.Fatal(err)
	}
	if line := log.String(); !strings.Contains(line, "disk full") || strings.Contains(line, "pbkdf2") || strings.Contains(line, "argon2") {
		t.Errorf("logged %q", line)
	}
}

func TestAuthenticate_DoesNotOverwriteAPasswordThatWasChangedMeanwhile(t *testing.T) {
	store := newStore(t, tokencore.User{Username: "alice", IsActive: true, PasswordHash: djangoHashOfPassword})
	d := New(store, Config{})
	d.check = func(h passwordHash, password string) bool {
		err := store.Update(t.Context(), func(tx tokencore.Tx) error {
			u, err := tx.UserByName(t.Context(), "alice")
			u.PasswordHash = "changed"
			return errors.Join(err, tx.UpdateUser(t.Context(), u))
		})
		if err != nil {
			t.Error(err)
		}
		return h.matches(password)
	}
	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("password")); err != nil {
		t.Fatal(err)
	}
	if u, err := store.UserByName(t.Context(), "alice"); err != nil || u.PasswordHash != "changed" {
		t.Errorf("the new password was overwritten (%v)", err)
	}
}

func TestDirectory_AnOutageIsNeverAnAnswer(t *testing.T) {
	store := newStore(t, tokencore.User{Username: "alice", IsActive: true, PasswordHash: hashed(t, "password")})
	d := New(store, Config{})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, userErr := d.User(ctx, 1)
	_, nameErr := d.UserByName(ctx, "alice")
	_, passwordErr := d.Authenticate(ctx, "alice", tokencore.NewSecret("password"))
	_, organizationErr := d.Organization(ctx, 1)
	_, rolesErr := d.Roles(ctx, 1)
	for call, err := range map[string]error{
		"User": userErr, "UserByName": nameErr, "Authenticate": passwordErr, "Organization": organizationErr, "Roles": rolesErr,
	} {
		if !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, tokencore.ErrNotFound) || errors.Is(err, tokencore.ErrBadCredentials) {
			t.Errorf("%s: got %v", call, err)
		}
	}
}

func TestDirectory_UnknownIsNotFound(t *testing.T) {
	d := New(newStore(t), Config{})
	_, userErr := d.User(t.Context(), 1)
	_, nameErr := d.UserByName(t.Context(), "alice")
	_, organizationErr := d.Organization(t.Context(), 1)
	for _, err := range []error{userErr, nameErr, organizationErr} {
		if !errors.Is(err, tokencore.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAuthenticate_WaitsForItsTurnAndNoLongerThanItsContext(t *testing.T) {
	d := New(newStore(t, tokencore.User{Username: "alice", IsActive: true, PasswordHash: hashed(t, "password")}), Config{Concurrency: 1})
	checking, release := make(chan struct{}), make(chan struct{})
	d.check = func(passwordHash, string) bool {
		checking <- struct{}{}
		<-release
		return true
	}
	first := make(chan error, 1)
	go func() {
		_, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("password"))
		first <- err
	}()
	<-checking

	ctx, cancel := context.WithCancel(t.Context())
	second := make(chan error, 1)
	go func() {
		_, err := d.Authenticate(ctx, "alice", tokencore.NewSecret("password"))
		second <- err
	}()
	cancel()
	if err := <-second; !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, tokencore.ErrBadCredentials) {
		t.Errorf("who could not wait got %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("who had the turn got %v", err)
	}
}

func TestAuthenticate_HashesNoMoreThanConcurrencyAtATime(t *testing.T) {
	const concurrency, logins = 2, 8
	d := New(newStore(t, tokencore.User{Username: "alice", IsActive: true, PasswordHash: hashed(t, "password")}), Config{Concurrency: concurrency})
	var running, most atomic.Int32
	checking, release := make(chan struct{}, logins), make(chan struct{})
	d.check = func(passwordHash, string) bool {
		now := running.Add(1)
		for seen := most.Load(); now > seen && !most.CompareAndSwap(seen, now); seen = most.Load() {
		}
		checking <- struct{}{}
		<-release
		running.Add(-1)
		return true
	}
	done := make(chan error, logins)
	for range logins {
		go func() {
			_, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("password"))
			done <- err
		}()
	}
	for range concurrency {
		<-checking
	}
	close(release)
	for range logins {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := most.Load(); got != concurrency {
		t.Errorf("%d passwords were hashed at a time, want %d", got, concurrency)
	}
}
