package tokencore_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/awxgate/awxgate/"

// homes names, for each heavy dependency, the packages that may import it. So an
// app that only verifies tokens links neither fosite nor Caddy nor a driver.
var homes = map[string][]string{
	"github.com/ory/fosite":             {"tokencore/oauth"},
	"github.com/dgraph-io/ristretto/v2": {"tokencore/tokencache"},
	"modernc.org/sqlite":                {"tokencore/store/sqlite"},
	"github.com/jackc/pgx/v5":           {"tokencore/store/postgres"},
	"github.com/caddyserver/caddy/v2":   {"caddymodule", "cmd/awxgate"},
	"go.uber.org/zap":                   {"caddymodule", "cmd/awxgate"},
	"github.com/prometheus":             {"caddymodule"},
	module + "caddymodule":              {"cmd/awxgate"},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestImportRules(t *testing.T) {
	packages := listPackages(t, module+"...")
	for _, p := range packages {
		home := strings.TrimPrefix(p.ImportPath, module)
		if home == "tokencore" {
			for _, dep := range p.Deps {
				if strings.Contains(strings.Split(dep, "/")[0], ".") {
					t.Errorf("tokencore depends on %s; its root imports the standard library only", dep)
				}
			}
		}
		for dependency, allowed := range homes {
			uses := slices.ContainsFunc(p.Imports, func(i string) bool { return i == dependency || strings.HasPrefix(i, dependency+"/") })
			free := slices.Contains(allowed, home) || strings.HasPrefix(home, "examples/") || strings.HasPrefix(home, "bench") ||
				strings.HasPrefix(module+home, dependency)
			if uses && !free {
				t.Errorf("%s imports %s, whose home is %v", home, dependency, allowed)
			}
		}
	}
	if len(packages) < 8 {
		t.Errorf("only %d packages were looked at", len(packages))
	}
}

func listPackages(t *testing.T, pattern string) []listedPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", pattern)
	command.Dir = ".."
	out, err := command.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("go list: %s", exit.Stderr)
		}
		t.Fatal(err)
	}
	var packages []listedPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
