package caddymodule

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/pflag"
)

// runDoctor runs the command over a Caddyfile.
func runDoctor(t *testing.T, caddyfile string, args ...string) (string, error) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "Caddyfile")
	if err := os.WriteFile(config, []byte(caddyfile), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("doctor", pflag.ContinueOnError)
	flags.String("config", config, "")
	flags.String("user", "", "")
	flags.String("origin", "", "")
	flags.StringArray("direct", nil, "")
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := examineGateway(t.Context(), call{Flags: caddycmd.Flags{FlagSet: flags}, out: &out})
	return out.String(), err
}

func TestDoctorFindsAGatewayThatFitsItsAWX(t *testing.T) {
	r := newAWXRig(t)
	nobody := "http://" + freeAddress(t)
	out, err := runDoctor(t, r.caddyfile("identity dab_jwt"), "--user", "admin", "--direct", nobody)
	if err != nil {
		t.Errorf("%v", err)
	}
	for _, line := range []string{
		`ok +configuration +`,
		`ok +TLS +`,
		`ok +store +`,
		`ok +signing key +`,
		`ok +AWX answers +AWX 24\.6\.1 at ` + regexp.QuoteMeta(r.upstream.URL),
		`ok +clocks +`,
		`ok +AWX knows the key +and acts as "admin"`,
		`ok +forgeries +`,
		`\? +forms +.*--origin`,
		`ok +detours +no answer at ` + regexp.QuoteMeta(nobody),
	} {
		if !regexp.MustCompile(`(?m)^` + line).MatchString(out) {
			t.Errorf("no line %q", line)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestDoctorFailsWhereAWXCanBeReachedDirectly(t *testing.T) {
	r := newAWXRig(t)
	out, err := runDoctor(t, r.caddyfile("identity dab_jwt"), "--user", "admin", "--direct", r.upstream.URL)
	if !errors.Is(err, errUnwell) || !strings.Contains(out, "FAIL  detours            AWX can be reached at "+r.upstream.URL) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDoctorFindsWhatIsWrongWithoutAWX(t *testing.T) {
	t.Run("a listener for everybody", func(t *testing.T) {
		out, _ := runDoctor(t, fmt.Sprintf("{\nadmin 0.0.0.0:2019\nauto_https off\nawxgate {\nstore sqlite %s\n}\n}\nhttp://:8052 {\nawxgate\nawxgate_upstream\n}\n", t.TempDir()))
		for _, want := range []string{"warn  TLS ", "FAIL  admin endpoint ", "?     store ", "?     AWX answers        the configuration has no reverse_proxy to AWX"} {
			if !strings.Contains(out, want) {
				t.Errorf("no line %q in\n%s", want, out)
			}
		}
	})
	t.Run("the certificate is not looked at", func(t *testing.T) {
		address := freeAddress(t)
		out, err := runDoctor(t, fmt.Sprintf(`{
			awxgate {
				store sqlite %s
			}
		}
		awx.example.com {
			awxgate
			awxgate_upstream https://%s {
				transport http {
					tls_insecure_skip_verify
				}
			}
		}`, t.TempDir(), address), "--direct", "http://"+address)
		for _, want := range []string{"ok    TLS ", "FAIL  TLS to AWX ", "FAIL  AWX answers "} {
			if !strings.Contains(out, want) {
				t.Errorf("no line %q in\n%s", want, out)
			}
		}
		if !errors.Is(err, errUnwell) {
			t.Error(err)
		}
	})
	t.Run("a data directory that is not there", func(t *testing.T) {
		out, err := runDoctor(t, fmt.Sprintf("{\nawxgate {\nstore sqlite %s/missing\n}\n}\n", t.TempDir()))
		if !errors.Is(err, errUnwell) || !strings.Contains(out, "FAIL  store              the data directory ") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}
