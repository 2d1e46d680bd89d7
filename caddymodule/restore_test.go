package caddymodule

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
)

// acceptRestore runs the command on the rig's configuration and returns what it prints.
func (r *rig) acceptRestore(options ...string) string {
	r.t.Helper()
	config := filepath.Join(r.t.TempDir(), "Caddyfile")
	if err := os.WriteFile(config, []byte(r.caddyfile("")), 0o600); err != nil {
		r.t.Fatal(err)
	}
	cmd := new(cobra.Command)
	cmd.Flags().String("config", config, "")
	acceptCommand.flags(cmd)
	if err := cmd.ParseFlags(options); err != nil {
		r.t.Fatal(err)
	}
	var out bytes.Buffer
	if err := acceptCommand.run(r.t.Context(), call{Flags: caddycmd.Flags{FlagSet: cmd.Flags()}, out: &out, err: &out}); err != nil {
		r.t.Fatal(err)
	}
	return out.String()
}

func (r *rig) restart(change func()) {
	r.t.Helper()
	stopCaddy(r.t)
	change()
	if err := r.load(r.caddyfile("")); err != nil {
		r.t.Fatal(err)
	}
}

func TestRestore_OfSQLiteStopsTheGatewayUntilItIsAccepted(t *testing.T) {
	for _, test := range []struct{ name, option, told, afterwards string }{
		{"as it is", "", "Revoked 0 access tokens", "200"},
		{"with revocations", "--revoke", "Revoked 1 access tokens", "401"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			good, doomed := r.token("write").Access.Reveal(), r.token("write")
			database := filepath.Join(r.data, defaultDatabaseFile)
			var backup []byte
			r.restart(func() {
				var err error
				if backup, err = os.ReadFile(database); err != nil {
					t.Fatal(err)
				}
			})
			if told := r.acceptRestore(); !strings.Contains(told, "knows of no restore") {
				t.Errorf("before: %s", told)
			}
			if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, doomed.Token.ID); err != nil {
				t.Fatal(err)
			}
			if got, _ := r.ask(doomed.Access.Reveal()); !strings.HasPrefix(got, "401") {
				t.Fatalf("a revoked token got %s", got)
			}
			r.restart(func() {
				if err := os.WriteFile(database, backup, 0o600); err != nil {
					t.Fatal(err)
				}
			})
			r.refusesEverything(good, doomed.Access.Reveal())
			r.restart(func() {}) // does not help
			r.refusesEverything(good, doomed.Access.Reveal())

			told := r.acceptRestore(strings.Fields(test.option)...)
			if !strings.Contains(told, "1 access tokens work again") || !strings.Contains(told, doomed.Token.Digest.StandIn()) ||
				!strings.Contains(told, test.told) || strings.Contains(told, doomed.Access.Reveal()) {
				t.Errorf("told:\n%s", told)
			}
			r.await(good, "200 upstream admin")
			if got, err := r.ask(doomed.Access.Reveal()); err != nil || !strings.HasPrefix(got, test.afterwards) {
				t.Errorf("the revoked token got %q, %v", got, err)
			}
			r.restart(func() {})
			if got, err := r.ask(good); err != nil || !strings.HasPrefix(got, "200") {
				t.Errorf("after the next start: %q, %v", got, err)
			}
		})
	}
}

// refusesEverything checks that nothing about tokens is answered, and the rest is.
func (r *rig) refusesEverything(tokens ...string) {
	r.t.Helper()
	for _, token := range tokens {
		if got, err := r.ask(token); err != nil || !strings.HasPrefix(got, "503") {
			r.t.Errorf("a token got %q, %v", got, err)
		}
	}
	if got, err := r.ask(""); err != nil || !strings.HasPrefix(got, "200") {
		r.t.Errorf("a request without a token got %q, %v", got, err)
	}
	for _, path := range []string{"/api/o/token/", "/api/v2/tokens/"} {
		if status, _, body := r.do(http.MethodPost, path, nil); status != http.StatusServiceUnavailable {
			r.t.Errorf("%s: %d %s", path, status, body)
		}
	}
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		r.t.Fatal(err)
	}
	if !app.(*App).core.stats().Restored {
		r.t.Error("the metric does not say so")
	}
}

// The gateway runs on while an administrator puts the backup back.
func TestRestore_OfPostgreSQLIsNoticedByARunningGateway(t *testing.T) {
	r := newPostgresRig(t)
	dsn := os.Getenv(storeVariable)
	name := dsn[strings.LastIndexByte(dsn, '/')+1 : strings.IndexByte(dsn, '?')]
	execute := func(statements string) {
		t.Helper()
		if _, err := pgtest.Shared(t).SQL(t.Context(), name, statements); err != nil {
			t.Fatal(err)
		}
	}
	good, doomed := r.token("write").Access.Reveal(), r.token("write")
	execute(`CREATE SCHEMA backup; CREATE TABLE backup.tokens AS TABLE tokens; CREATE TABLE backup.changes AS TABLE changes;
		CREATE TABLE backup.installation AS TABLE installation`)
	if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, doomed.Token.ID); err != nil {
		t.Fatal(err)
	}
	r.restart(func() {}) // so that it is remembered for certain
	if got, _ := r.ask(good); !strings.HasPrefix(got, "200") {
		t.Fatalf("a good token got %s", got)
	}
	execute(`BEGIN; DELETE FROM tokens; DELETE FROM changes; DELETE FROM installation;
		INSERT INTO tokens SELECT * FROM backup.tokens; INSERT INTO changes SELECT * FROM backup.changes;
		INSERT INTO installation SELECT * FROM backup.installation; COMMIT`)
	r.await(good, "503")
	r.refusesEverything(good, doomed.Access.Reveal())
	if told := r.acceptRestore("--revoke"); !strings.Contains(told, "Revoked 1 access tokens") {
		t.Errorf("told:\n%s", told)
	}
	r.await(good, "200 upstream admin")
	if got, err := r.ask(doomed.Access.Reveal()); err != nil || !strings.HasPrefix(got, "401") {
		t.Errorf("the revoked token got %q, %v", got, err)
	}
}
