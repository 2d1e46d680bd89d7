package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/caddyserver/caddy/v2"
	"github.com/spf13/cobra"
)

var awxSettingsCommand = tokenCommand{
	name:  "awx-settings",
	usage: "[--form {operator,conf.d}] [--config FILE]",
	short: "Prints the settings that make AWX trust this gateway",
	long: `
Prints what AWX 24.6.0 or later needs to believe this gateway who acts, with the public
half of the real signing key, once for the AWX operator and once for an AWX without it.

The configuration must say "identity dab_jwt". If there is no signing key yet, it is
created as the first start of the server would do.
`,
	flags: func(cmd *cobra.Command) {
		cmd.Flags().String("form", "", "print one `FORM` only: operator or conf.d")
	},
	run: printAWXSettings,
}

func init() { register(awxSettingsCommand) }

func printAWXSettings(ctx context.Context, c call) error {
	forms := settingsForms
	if wanted := c.String("form"); wanted != "" {
		forms = nil
		for _, form := range settingsForms {
			if form.name == wanted {
				forms = []settingsForm{form}
			}
		}
		if forms == nil {
			return &usageMistakeError{fmt.Sprintf("argument --form: invalid choice: '%s' (choose from 'operator', 'conf.d')", wanted)}
		}
	}
	key, err := readPublicKey(ctx, c.String("config"))
	if err != nil {
		return err
	}
	for n, form := range forms {
		if n > 0 {
			fmt.Fprint(c.out, "\n\n")
		}
		form.print(c.out, key)
	}
	return nil
}

// readPublicKey finds the key of a configuration without starting a server.
func readPublicKey(ctx context.Context, configFile string) ([]byte, error) {
	app, err := readApp(configFile)
	if err != nil {
		return nil, err
	}
	caddyContext, cancel := caddy.NewContext(caddy.Context{Context: ctx})
	defer cancel()
	p, err := app.loadParts(caddyContext)
	if err != nil {
		return nil, err
	}
	identity, ok := p.identity.(signingIdentity)
	if !ok {
		return nil, &commandError{`The configuration does not sign identities. Write "identity dab_jwt" in its awxgate option, or leave AWXGATE_IDENTITY unset for Caddyfile.example.`}
	}
	if err := p.openKey(); err != nil {
		return nil, err
	}
	if err := p.createKey(); errors.Is(err, fs.ErrNotExist) {
		return nil, &commandError{"There is no data directory yet. Start the server once, or run awxgate migrate, with the same configuration and environment."}
	} else if err != nil {
		return nil, err
	}
	return identity.publicKey()
}
