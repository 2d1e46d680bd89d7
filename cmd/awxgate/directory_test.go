package main

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/internal/awxstub"
)

// AWX takes over what local accounts say, which may come as a surprise.
func TestLocalAccountsBeforeAnAWXAreWarnedOf(t *testing.T) {
	const warning = "AWX takes over names, e-mail addresses and superusers"
	for upstream, want := range map[string]int{"": 0, "http://127.0.0.1:9": 1} {
		w := newWorld(t)
		w.extra = append(w.extra, "AWXGATE_UPSTREAM="+upstream)
		if got := strings.Count(w.start().log.String(), warning); got != want {
			t.Errorf("%q: warned %d times", upstream, got)
		}
	}
}

// A small site sets two variables, and in AWX the key: that is all.
func TestAWXIsTheDirectoryByTwoVariables(t *testing.T) {
	stub := awxstub.New(nil, []awxstub.User{
		{ID: 1, AnsibleID: "00000001-8a52-4c1c-9f5e-2d6b8f6d1a11", Username: "admin", Password: "pw", IsSuperuser: true},
		{ID: 5, AnsibleID: "00000005-8a52-4c1c-9f5e-2d6b8f6d1a11", Username: "alice", Password: "pw", Email: "alice@example.org"},
	}, nil)
	awx := httptest.NewServer(stub)
	t.Cleanup(awx.Close)
	w := newWorld(t)
	w.extra = []string{"AWXGATE_DIRECTORY=awx", "AWXGATE_UPSTREAM=" + awx.URL + "/"}

	_, errOut, status := w.run("create_oauth2_token", "--user", "alice", "--config", w.config)
	if status != 1 || !strings.Contains(errOut, "AWX refused the look-up account of the directory") {
		t.Errorf("before AWX has the key: status %d, %s", status, errOut)
	}
	settings, errOut, status := w.run("awx-settings", "--form", "conf.d", "--config", w.config)
	line := regexp.MustCompile(`(?m)^ANSIBLE_BASE_JWT_KEY = (".*")$`).FindStringSubmatch(settings)
	if status != 0 || line == nil {
		t.Fatalf("status %d, %s", status, errOut)
	}
	key, err := strconv.Unquote(line[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := stub.SetJWTKey(key); err != nil {
		t.Fatal(err)
	}

	out, errOut, status := w.run("create_oauth2_token", "--user", "alice", "--config", w.config)
	if status != 0 || !oneToken.MatchString(out) || errOut != "" {
		t.Fatalf("status %d, stdout %q, stderr %q", status, out, errOut)
	}
	token := "Bearer " + strings.TrimSpace(out)
	if _, errOut, status := w.run("create_oauth2_token", "--user", "nosuch", "--config", w.config); status != 1 || errOut != "CommandError: The user does not exist.\n" {
		t.Errorf("nobody: status %d, %q", status, errOut)
	}
	s := w.start()
	if strings.Contains(s.log.String(), "the password of the new user") {
		t.Error("a local user was created")
	}
	if status, body := s.ask(http.MethodGet, "/api/v2/me/", token, ""); status != http.StatusOK || !strings.Contains(body, `"username":"alice"`) {
		t.Errorf("status %d, %s", status, body)
	}
	if alice, _ := stub.User("alice"); alice.Email != "alice@example.org" || alice.FromJWT {
		t.Errorf("AWX's record was changed: %+v", alice)
	}
	if out, errOut, status := w.run("revoke_oauth2_tokens", "--user", "alice", "--config", w.config); status != 0 || !strings.HasPrefix(out, "revoked OAuth2AccessToken ") {
		t.Errorf("status %d, %s %s", status, out, errOut)
	}
	eventually(t, func() bool {
		status, _ := s.ask(http.MethodGet, "/api/v2/me/", token, "")
		return status == http.StatusUnauthorized
	})
}
