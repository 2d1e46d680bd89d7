package caddymodule

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2/caddyconfig"
	"github.com/caddyserver/caddy/v2/caddyconfig/caddyfile"
	_ "github.com/caddyserver/caddy/v2/modules/standard"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "record what the Caddyfiles of testdata/adapt become")

// Each file holds a Caddyfile, a line of hyphens, and either the JSON that it becomes
// or, after "error: ", what the message must contain.
func TestCaddyfilesAdaptAsRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/adapt/*.caddyfiletest")
	if err != nil || len(files) < 10 {
		t.Fatalf("found %d recordings: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".caddyfiletest"), func(t *testing.T) {
			const separator = "\n----------\n"
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, found := strings.Cut(string(content), separator)
			if !found {
				t.Fatal("no line of hyphens")
			}
			want = strings.TrimSpace(want)
			adapted, warnings, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(input+"\n"), map[string]any{"filename": "Caddyfile"})
			if message, refused := strings.CutPrefix(want, "error: "); refused {
				if err == nil || !strings.Contains(err.Error(), message) {
					t.Fatalf("got %v, want an error with %q", err, message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(warnings) > 0 {
				t.Errorf("warnings: %v", warnings)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, adapted, "", "\t"); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, []byte(input+separator+pretty.String()+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, pretty.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestShippedCaddyfileIsFormatted(t *testing.T) {
	content, err := os.ReadFile("../Caddyfile.example")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(content), string(caddyfile.Format(content))); diff != "" {
		t.Errorf("(-shipped +formatted):\n%s", diff)
	}
}

func FuzzCaddyfile(f *testing.F) {
	f.Add("store sqlite /data {\nfile x.db\n}\ndirectory local\nidentity headers {\nuser X-User\n}\ncache {\nentries 5\nttl 30s\n}")
	f.Add("store\nstore sqlite a b\ncache {\nentries -1\n}\nlinger 0s\nstrip_headers\nsession_cookie \"\"")
	f.Fuzz(func(t *testing.T, options string) {
		input := "{\nawxgate {\n" + options + "\n}\n}\n:80 {\nawxgate {\n" + options + "\n}\nawxgate_upstream " + options + "\n}"
		_, _, _ = caddyconfig.GetAdapter("caddyfile").Adapt([]byte(input), nil) // must not panic
	})
}
