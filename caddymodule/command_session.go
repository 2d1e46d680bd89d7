package caddymodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoreguard"
)

// sessionMode says what a command may do to a store that is not there, or is old.
type sessionMode int

const (
	mustExist      sessionMode = iota // it is a mistake
	createMissing                     // make one as the first start would, leave an old one alone
	createOrUpdate                    // make one, or bring it up to date
)

// storeChange says what opening has made of a store.
type storeChange int

const (
	storeUnchanged storeChange = iota + 1
	storeCreated
	storeUpdated
)

// session is a command at work on the store of a configuration.
type session struct {
	service   *tokencore.Service
	changed   storeChange
	directory string // where a gateway remembers its store; empty: nowhere
	close     func()
}

// openSession reads a configuration and opens what it names, without starting a server.
func openSession(ctx context.Context, configFile string, mode sessionMode) (*session, error) {
	app, err := readApp(configFile)
	if err != nil {
		return nil, err
	}
	caddyContext, cancel := caddy.NewContext(caddy.Context{Context: ctx})
	p, err := app.loadParts(caddyContext)
	if err != nil {
		cancel()
		return nil, err
	}
	store, changed, err := p.openFor(ctx, mode)
	if err != nil {
		cancel()
		return nil, err
	}
	s := &session{changed: changed, directory: dataDirectoryOf(p.store), close: func() {
		_ = store.Close() // everything that was answered is committed
		cancel()
	}}
	if err := checkWhole(ctx, store); err != nil {
		s.close()
		return nil, err
	}
	if s.service, err = p.serviceFor(ctx, store, mode); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// checkTrusted refuses a store that was restored from a backup, as the server does.
func (s *session) checkTrusted(ctx context.Context) error {
	store, ok := s.service.Store().(restoreguard.Store)
	if !ok || s.directory == "" {
		return nil
	}
	restored, err := restoreguard.Restored(ctx, store, s.directory)
	if err == nil && restored {
		return &commandError{"The token store was restored from a backup, in which revoked tokens work again; run awxgate accept-restore first."}
	}
	return err
}

func (p parts) openFor(ctx context.Context, mode sessionMode) (tokencore.Store, storeChange, error) {
	store, err := p.store.Open(ctx)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err == nil:
		return store, storeUnchanged, nil
	case missing && mode == mustExist:
		return nil, 0, &commandError{"There is no token store yet. Start the server, or create one by awxgate migrate, with the same configuration and environment."}
	case missing:
		store, err = p.store.Create(ctx)
		return store, storeCreated, err
	case mode == createOrUpdate && !errors.Is(err, tokencore.ErrUnavailable):
		store, err = p.store.Create(ctx)
		return store, storeUpdated, err
	default:
		return nil, 0, err
	}
}

func (p parts) serviceFor(ctx context.Context, store tokencore.Store, mode sessionMode) (*tokencore.Service, error) {
	if err := p.keyFor(mode); err != nil {
		return nil, err
	}
	if mode != mustExist {
		first, err := p.directory.Bootstrap(ctx, store)
		if err != nil {
			return nil, fmt.Errorf("creating the first accounts: %w", err)
		}
		announcePassword(first.Password)
	}
	directory, err := p.directory.Directory(store)
	if err != nil {
		return nil, fmt.Errorf("building directory: %w", err)
	}
	return tokencore.New(store, directory, tokencore.Config{})
}

// keyFor opens the signing key if the directory is asked with it.
func (p parts) keyFor(mode sessionMode) error {
	if _, ok := p.directory.(boundDirectory); !ok {
		return nil
	}
	if err := p.openKey(); err != nil || mode == mustExist {
		return err
	}
	return p.createKey()
}

// readApp finds the app in a configuration file.
func readApp(configFile string) (*App, error) {
	config, err := readConfig(configFile)
	if err != nil {
		return nil, err
	}
	return config.app()
}

// fileConfig is a configuration as Caddy would load it.
type fileConfig struct {
	file string
	json []byte
}

// readConfig reads a configuration file. Caddy's own loader is not used: it logs, and
// these commands print what AWX's print and nothing else.
func readConfig(configFile string) (fileConfig, error) {
	configFile, err := findConfig(configFile)
	if err != nil {
		return fileConfig{}, err
	}
	config, err := os.ReadFile(configFile) //nolint:gosec // the operator names the file
	if err != nil {
		return fileConfig{}, fmt.Errorf("reading configuration: %w", err)
	}
	if !strings.EqualFold(filepath.Ext(configFile), ".json") {
		config, _, err = caddyconfig.GetAdapter("caddyfile").Adapt(config, map[string]any{"filename": configFile})
		if err != nil {
			return fileConfig{}, fmt.Errorf("reading configuration: %w", err)
		}
	}
	return fileConfig{configFile, config}, nil
}

// app decodes ours among the apps, and leaves it as it is.
func (c fileConfig) app() (*App, error) {
	var read struct {
		Apps map[string]json.RawMessage `json:"apps"`
	}
	if err := json.Unmarshal(c.json, &read); err != nil {
		return nil, fmt.Errorf("reading configuration %s: %w", c.file, err)
	}
	raw, found := read.Apps[appName]
	if !found {
		return nil, &commandError{fmt.Sprintf("%s does not configure awxgate; name the server's configuration by --config FILE.", c.file)}
	}
	app := new(App)
	if err := caddy.StrictUnmarshalJSON(raw, app); err != nil {
		return nil, fmt.Errorf("reading configuration %s: %w", c.file, err)
	}
	return app, nil
}

func findConfig(configFile string) (string, error) {
	if configFile != "" {
		return configFile, nil
	}
	for _, candidate := range []string{"Caddyfile", "Caddyfile.example"} {
		if _, err := os.Stat(candidate); err == nil {
			return candidate, nil
		}
	}
	return "", &commandError{"There is no Caddyfile here; name the server's configuration by --config FILE."}
}
