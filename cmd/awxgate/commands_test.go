package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var oneToken = regexp.MustCompile(`^[A-Za-z0-9]{30}\n$`)

func TestCreateTokenWorksBeforeTheFirstStart(t *testing.T) {
	w := newWorld(t)
	w.extra = nil // so that a password is generated
	out, errOut, status := w.run("create_oauth2_token", "--user", "admin", "--config", w.config)
	if status != 0 || !oneToken.MatchString(out) {
		t.Fatalf("status %d, stdout %q, stderr %q", status, out, errOut)
	}
	generated := regexp.MustCompile(`the password of the new user "admin" is ([A-Za-z0-9]{24}) `).FindStringSubmatch(errOut)
	if generated == nil || strings.Count(errOut, "\n") != 1 {
		t.Fatalf("stderr %q", errOut)
	}
	out, errOut, status = w.run("create_oauth2_token", "--user=admin", "--config", w.config)
	if status != 0 || !oneToken.MatchString(out) || errOut != "" {
		t.Errorf("the second time: status %d, stdout %q, stderr %q", status, out, errOut)
	}
	s := w.start()
	if status, body := s.ask(http.MethodGet, "/api/v2/jobs/", "Bearer "+strings.TrimSpace(out), ""); status != http.StatusOK ||
		!strings.Contains(body, `"username": "admin"`) || !strings.Contains(body, `"authorization_header_received": false`) {
		t.Errorf("status %d, %s", status, body)
	}
	if strings.Contains(s.log.String(), generated[1]) || strings.Contains(s.log.String(), "the password of") {
		t.Error("the server printed the password again")
	}
}

func TestFirstStartPrintsTheGeneratedPasswordOnce(t *testing.T) {
	w := newWorld(t)
	w.extra = nil
	s := w.start()
	if n := strings.Count(s.log.String(), "the password of the new user"); n != 1 {
		t.Errorf("%d times:\n%s", n, s.log)
	}
	s.stop()
	if again := w.start(); strings.Contains(again.log.String(), "the password of the new user") {
		t.Error("printed again at the second start")
	}
}

func TestCommandsAnswerLikeAWX(t *testing.T) {
	w := newWorld(t)
	w.create()
	const usageOfCreate = "usage: awxgate create_oauth2_token [--user USERNAME] [--config FILE]\n"
	for _, test := range []struct {
		name   string
		args   []string
		status int
		stdout string
		stderr string
	}{
		{
			"create without a user",
			[]string{"create_oauth2_token"},
			1, "",
			"CommandError: Username not supplied. Usage: awx-manage create_oauth2_token --user=username.\n",
		},
		{
			"create with an empty user",
			[]string{"create_oauth2_token", "--user="},
			1, "",
			"CommandError: Username not supplied. Usage: awx-manage create_oauth2_token --user=username.\n",
		},
		{
			"create for nobody",
			[]string{"create_oauth2_token", "--user", "nosuch", "--config", w.config},
			1, "",
			"CommandError: The user does not exist.\n",
		},
		{
			"create for a number",
			[]string{"create_oauth2_token", "--user", "1", "--config", w.config},
			1, "",
			"CommandError: The user does not exist.\n",
		},
		{
			"create without the argument",
			[]string{"create_oauth2_token", "--user"},
			2, "",
			usageOfCreate + "awxgate create_oauth2_token: error: argument --user: expected one argument\n",
		},
		{
			"create with a positional argument",
			[]string{"create_oauth2_token", "alice"},
			2, "",
			usageOfCreate + "awxgate create_oauth2_token: error: unrecognized arguments: alice\n",
		},
		{
			"create with an unknown option",
			[]string{"create_oauth2_token", "--name", "x"},
			2, "",
			usageOfCreate + "awxgate create_oauth2_token: error: unrecognized arguments: --name\n",
		},
		{
			"revoke for nobody",
			[]string{"revoke_oauth2_tokens", "--user", "nosuch", "--config", w.config},
			1, "",
			"CommandError: A user with that username does not exist.\n",
		},
		{"clean up quietly", []string{"cleanup_tokens", "-v", "0", "--config", w.config}, 0, "", ""},
		{
			"clean up",
			[]string{"cleanup_tokens", "--config", w.config},
			0, "",
			"Expired OAuth 2 Access Tokens deleted: 0\nExpired OAuth 2 Refresh Tokens deleted: 0\n",
		},
		{
			"clean up, talkative",
			[]string{"cleanup_tokens", "--verbosity=2", "--config", w.config},
			0, "",
			"Expired OAuth 2 Access Tokens deleted: 0\nExpired OAuth 2 Refresh Tokens deleted: 0\n",
		},
		{
			"clean up, too talkative",
			[]string{"cleanup_tokens", "-v", "9", "--config", w.config},
			2, "",
			"usage: awxgate cleanup_tokens [-v {0,1,2,3}] [--config FILE]\n" +
				"awxgate cleanup_tokens: error: argument -v/--verbosity: invalid choice: 9 (choose from 0, 1, 2, 3)\n",
		},
		{
			"no configuration",
			[]string{"cleanup_tokens"},
			1, "",
			"CommandError: There is no Caddyfile here; name the server's configuration by --config FILE.\n",
		},
		{"migrate", []string{"migrate", "--config", w.config}, 0, "The token store was up to date already.\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, status := w.run(test.args...)
			if status != test.status || stdout != test.stdout || stderr != test.stderr {
				t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
			}
		})
	}
}

func TestRevokeListsStandInsAndThenNothing(t *testing.T) {
	w := newWorld(t)
	first, second := w.create(), w.create()
	out, errOut, status := w.run("revoke_oauth2_tokens", "--user", "admin", "--config", w.config)
	if lines := regexp.MustCompile(`(?m)^revoked OAuth2AccessToken \S{30}$`).FindAllString(out, -1); status != 0 || len(lines) != 2 || errOut != "" {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errOut)
	}
	if strings.Contains(out, first) || strings.Contains(out, second) {
		t.Error("a token was printed")
	}
	if out, errOut, status := w.run("revoke_oauth2_tokens", "--all", "--config", w.config); out != "" || errOut != "" || status != 0 {
		t.Errorf("the second time: status %d, stdout %q, stderr %q", status, out, errOut)
	}
}

func TestRevokeNeedsAStore(t *testing.T) {
	w := newWorld(t)
	for _, command := range []string{"revoke_oauth2_tokens", "cleanup_tokens"} {
		if _, errOut, status := w.run(command, "--config", w.config); status != 1 || !strings.HasPrefix(errOut, "CommandError: There is no token store yet.") {
			t.Errorf("%s: status %d, %s", command, status, errOut)
		}
	}
	if files, err := os.ReadDir(w.data); err != nil || len(files) != 0 {
		t.Errorf("they left %v, %v", files, err)
	}
}

func TestRevokeReachesTheRunningServer(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	token := w.create()
	if status := s.use(token); status != http.StatusOK {
		t.Fatalf("before: %d", status)
	}
	w.run("revoke_oauth2_tokens", "--user", "admin", "--config", w.config)
	answered := time.Now()
	eventually(t, func() bool { return s.use(token) == http.StatusUnauthorized })
	t.Logf("refused %v after the command had ended", time.Since(answered).Round(time.Millisecond))
}

func TestConfigurationIsFoundInTheWorkingDirectory(t *testing.T) {
	w := newWorld(t)
	example, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Caddyfile.example", "Caddyfile"} {
		command := w.command(t.Context(), "create_oauth2_token", "--user", "admin")
		if err := os.WriteFile(filepath.Join(command.Dir, name), example, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := command.Output(); err != nil || !oneToken.Match(out) {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

func TestHelpHelps(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct{ args, want string }{
		{"--help", "awxgate run --config Caddyfile.example"},
		{"help revoke_oauth2_tokens", "--all"},
		{"create_oauth2_token --help", "--user USER"},
		{"version", "awxgate-"},
		{"list-modules", "http.handlers.awxgate_auth"},
	} {
		if out, errOut, status := w.run(strings.Fields(test.args)...); status != 0 || !strings.Contains(out, test.want) {
			t.Errorf("%s: status %d, %s%s", test.args, status, out, errOut)
		}
	}
}
