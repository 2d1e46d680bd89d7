package awx

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

func TestAuthenticate(t *testing.T) {
	for name, test := range map[string]struct {
		username, password string
		disabled           bool
		want               error
		asked              int
	}{
		"right password":            {"alice", alicePassword, false, nil, 1},
		"wrong password":            {"alice", "guess", false, tokencore.ErrBadCredentials, 1},
		"unknown user":              {"bob", alicePassword, false, tokencore.ErrBadCredentials, 1},
		"disabled user":             {"alice", alicePassword, true, tokencore.ErrBadCredentials, 1},
		"a colon ends no name":      {"alice:" + alicePassword, "x", false, tokencore.ErrBadCredentials, 0},
		"a colon begins nothing":    {"alice", ":" + alicePassword, false, tokencore.ErrBadCredentials, 1},
		"no name":                   {"", alicePassword, false, tokencore.ErrBadCredentials, 0},
		"no password":               {"alice", "", false, tokencore.ErrBadCredentials, 0},
		"a name with a NUL":         {"alice\x00", alicePassword, false, tokencore.ErrBadCredentials, 0},
		"password beyond a header":  {"alice", strings.Repeat("x", maxPassword+1), false, tokencore.ErrBadCredentials, 0},
		"the look-up account's own": {"lookup", lookUpPassword, false, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeAWX(t)
			f.person("alice").disabled = test.disabled
			d, _ := newDirectory(t, f, nil)
			u, err := d.Authenticate(t.Context(), test.username, tokencore.NewSecret(test.password))
			if !errors.Is(err, test.want) || errors.Is(err, tokencore.ErrUnavailable) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if test.want == nil && (u.Username != test.username || u.AnsibleID == "" || !u.IsActive) {
				t.Errorf("got %+v", u)
			}
			if got := f.asked(); got != test.asked {
				t.Errorf("%d requests, want %d", got, test.asked)
			}
		})
	}
}

func TestAuthenticate_RemembersNoPassword(t *testing.T) {
	f := newFakeAWX(t)
	d, _ := newDirectory(t, f, nil)
	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret(alicePassword)); err != nil {
		t.Fatal(err)
	}
	f.change(func() { f.person("alice").password = "changed" })
	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret(alicePassword)); !errors.Is(err, tokencore.ErrBadCredentials) {
		t.Errorf("the old password: %v", err)
	}
	f.breaks(refusing(http.StatusBadGateway))
	if _, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret("changed")); !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("while AWX is down: %v", err)
	}
}

func TestAuthenticate_TakesAlongNoSessionOfAnotherUser(t *testing.T) {
	f := newFakeAWX(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := newDirectory(t, f, func(c *Config) { c.Client.Jar = jar })
	for _, password := range []string{alicePassword, "guess"} {
		_, _ = d.Authenticate(t.Context(), "alice", tokencore.NewSecret(password))
	}
	if _, err := d.User(t.Context(), 6); err != nil {
		t.Fatal(err)
	}
	for _, r := range f.seen() {
		if r.Header.Get("Cookie") != "" {
			t.Errorf("%s was sent with %q", r.URL, r.Header.Get("Cookie"))
		}
	}
}

func TestAuthenticate_AnythingButARefusalIsAnOutage(t *testing.T) {
	for name, broken := range outages {
		t.Run(name, func(t *testing.T) {
			f := newFakeAWX(t)
			f.breaks(broken)
			d, _ := newDirectory(t, f, nil)
			_, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret(alicePassword))
			if !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, tokencore.ErrBadCredentials) {
				t.Errorf("got %v", err)
			}
			if leaks(err.Error()) {
				t.Errorf("%v", err)
			}
		})
	}
}
