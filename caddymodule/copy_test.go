package caddymodule

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
)

func runCopy(t *testing.T, from, to string) (string, error) {
	t.Helper()
	cmd := new(cobra.Command)
	copyCommand.flags(cmd)
	if err := cmd.ParseFlags([]string{"--from", from, "--to", to}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := copyCommand.run(t.Context(), call{Flags: caddycmd.Flags{FlagSet: cmd.Flags()}, out: &out, err: &out})
	return out.String(), err
}

func TestCopy_TokensWorkOnWithTheOtherStore(t *testing.T) {
	r := newRig(t)
	good, revoked := r.token("write").Access.Reveal(), r.token("write")
	if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, revoked.Token.ID); err != nil {
		t.Fatal(err)
	}
	file := "sqlite:" + filepath.Join(r.data, defaultDatabaseFile)
	t.Setenv(storeVariable, pgtest.Shared(t).Database(t))
	back := t.TempDir()
	moves := []struct{ from, to, store, data string }{
		{file, "env:" + storeVariable, fmt.Sprintf("postgres {\nstate_directory %q\n}", r.data), r.data},
		{"env:" + storeVariable, "sqlite:" + filepath.Join(back, defaultDatabaseFile), fmt.Sprintf("sqlite %q", back), back},
	}
	for _, move := range moves {
		r.restart(func() {
			told, err := runCopy(t, move.from, move.to)
			if err != nil || !strings.Contains(told, "1 access tokens\n") || !strings.Contains(told, "copied and compared") {
				t.Fatalf("%v:\n%s", err, told)
			}
			if _, err := runCopy(t, move.from, move.to); err == nil || !strings.Contains(err.Error(), "not empty") {
				t.Errorf("a second copy: %v", err)
			}
			r.store, r.data = move.store, move.data
		})
		if got, err := r.ask(good); err != nil || !strings.HasPrefix(got, "200 upstream admin") {
			t.Errorf("a token got %q, %v", got, err)
		}
		if got, err := r.ask(revoked.Access.Reveal()); err != nil || !strings.HasPrefix(got, "401") {
			t.Errorf("a revoked token got %q, %v", got, err)
		}
		if next := r.token("read"); next.Token.ID <= 1 {
			t.Errorf("the next token has id %d", next.Token.ID)
		} else if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, next.Token.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCopy_RefusesInOneSentence(t *testing.T) {
	const password = "hunter2-is-secret"
	t.Setenv("SECRET", "postgres://u:"+password+"@127.0.0.1:1/x?sslmode=disable")
	there := filepath.Join(t.TempDir(), "a.db")
	for _, test := range []struct{ from, to, want string }{
		{"", "sqlite:x", "required: --from"},
		{"env:NOT_SET", "sqlite:x", "NOT_SET is not set"},
		{"postgres://u:" + password + "@db/x", "sqlite:x", "put the address with the password into a variable"},
		{"env:SECRET", "sqlite:x", "connecting"},
		{password, "sqlite:x", "write sqlite:FILE"},
		{"sqlite:" + there, "sqlite:x", "does not exist"},
	} {
		_, err := runCopy(t, test.from, test.to)
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), password) {
			t.Errorf("from %q: got %v, want %q", test.from, err, test.want)
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("the target was made although the source cannot be read")
	}
}
