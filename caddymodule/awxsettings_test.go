package caddymodule

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/pflag"
)

// runAWXSettings runs the command over a Caddyfile that keeps its data in the directory.
func runAWXSettings(t *testing.T, data, identity, form string) (string, error) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "Caddyfile")
	text := "{\nawxgate {\nstore sqlite " + data + "\n" + identity + "\n}\n}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("awx-settings", pflag.ContinueOnError)
	flags.String("config", config, "")
	flags.String("form", form, "")
	var out bytes.Buffer
	err := printAWXSettings(t.Context(), call{Flags: caddycmd.Flags{FlagSet: flags}, out: &out})
	return out.String(), err
}

func TestAWXSettingsCarryTheKeyThatSigns(t *testing.T) {
	data := t.TempDir()
	out, err := runAWXSettings(t, data, "identity dab_jwt", "")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for line := range strings.Lines(out) {
		for _, frame := range [][2]string{{"      value: '", "'\n"}, {"ANSIBLE_BASE_JWT_KEY = ", "\n"}} {
			value, isValue := strings.CutPrefix(line, frame[0])
			if !isValue || !strings.Contains(value, "PUBLIC KEY") {
				continue
			}
			var key string // a Python string without escapes but \n is a JSON string
			if err := json.Unmarshal([]byte(strings.TrimSuffix(value, frame[1])), &key); err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key)
		}
	}
	identity, err := loadedIdentity(t, data, `{"kind":"dab_jwt"}`)
	if err != nil {
		t.Fatal(err)
	}
	want, err := identity.(signingIdentity).publicKey()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 2 || keys[0] != string(want) || keys[1] != keys[0] {
		t.Errorf("the key is %s, and printed are %q", want, keys)
	}
	if strings.Contains(out, "PRIVATE") {
		t.Error("the private key was printed")
	}
	if again, err := runAWXSettings(t, data, "identity dab_jwt", ""); err != nil || again != out {
		t.Errorf("a second run prints something else: %v", err)
	}
}

func TestAWXSettingsPrintOneFormIfAsked(t *testing.T) {
	data := t.TempDir()
	for form, has := range map[string][2]string{"operator": {"extra_settings:", "conf.d"}, "conf.d": {"/etc/tower/conf.d/", "extra_settings"}} {
		out, err := runAWXSettings(t, data, "identity dab_jwt", form)
		if err != nil || !strings.Contains(out, has[0]) || strings.Contains(out, has[1]) {
			t.Errorf("%s: %v\n%s", form, err, out)
		}
	}
}

func TestAWXSettingsRefuseInOneSentence(t *testing.T) {
	data := t.TempDir()
	_, err := runAWXSettings(t, data, "identity headers", "")
	if refusal, ok := errors.AsType[*commandError](err); !ok || !strings.Contains(refusal.text, "leave AWXGATE_IDENTITY unset") {
		t.Errorf("another identity: %v", err)
	}
	_, err = runAWXSettings(t, data+"/missing", "identity dab_jwt", "")
	if _, ok := errors.AsType[*commandError](err); !ok {
		t.Errorf("no data directory: %v", err)
	}
	_, err = runAWXSettings(t, data, "identity dab_jwt", "yaml")
	if _, ok := errors.AsType[*usageMistakeError](err); !ok {
		t.Errorf("an unknown form: %v", err)
	}
}

// What the document shows is what the command prints, but for the key.
func TestAWXDocumentShowsTheCommandsOutput(t *testing.T) {
	document, err := os.ReadFile("../docs/awx.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range settingsForms {
		var out strings.Builder
		form.print(&out, []byte("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq…\n-----END PUBLIC KEY-----\n"))
		if !strings.Contains(string(document), out.String()) {
			t.Errorf("docs/awx.md does not show the form %s as it is printed:\n%s", form.name, out.String())
		}
	}
}
