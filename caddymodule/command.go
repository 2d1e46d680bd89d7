package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io"

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	"github.com/spf13/cobra"
)

// tokenCommand is a command of awx-manage, with its name, options, outputs and exit
// codes. It works on the store itself and needs no running server.
type tokenCommand struct {
	name  string // AWX's; the same with hyphens is registered as well
	usage string
	short string
	long  string
	flags func(*cobra.Command)
	run   func(ctx context.Context, c call) error
}

// call is one invocation of a command.
type call struct {
	caddycmd.Flags
	out, err io.Writer
}

// commandError is a refusal in one sentence, reported as Django reports it.
type commandError struct{ text string }

func (e *commandError) Error() string { return e.text }

const configHelp = `
The configuration is read only to find the store, the users and the key; FILE is ./Caddyfile
by default, or else ./Caddyfile.example. The environment is to be the server's.
The server may be running or not.
`

func init() {
	for _, command := range []tokenCommand{createCommand, revokeCommand, cleanupCommand, migrateCommand, acceptCommand, copyCommand} {
		register(command)
	}
}

// register gives Caddy a name with hyphens, because it accepts no other, and cobra the
// name that AWX's users know.
func register(command tokenCommand) {
	caddycmd.RegisterCommand(caddycmd.Command{
		Name:      hyphenated(command.name),
		Usage:     command.usage,
		Short:     command.short,
		Long:      command.long + configHelp,
		CobraFunc: command.build,
	})
}

func (command tokenCommand) build(cmd *cobra.Command) {
	cmd.Use = command.name + " " + command.usage
	if alias := hyphenated(command.name); alias != command.name {
		cmd.Aliases = []string{alias}
	}
	cmd.SilenceUsage, cmd.SilenceErrors = true, true // what is printed is AWX's
	cmd.DisableFlagsInUseLine = true
	cmd.Flags().String("config", "", "configuration `FILE` that names the store and the directory")
	command.flags(cmd)
	cmd.SetFlagErrorFunc(usageError)
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return usageError(cmd, unrecognized(args))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		err := command.run(cmd.Context(), call{Flags: caddycmd.Flags{FlagSet: cmd.Flags()}, out: cmd.OutOrStdout(), err: cmd.ErrOrStderr()})
		if usage, ok := errors.AsType[*usageMistakeError](err); ok {
			return usageError(cmd, usage)
		}
		if err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "CommandError: %v\n", err)
		}
		return err // Caddy's main makes this exit code 1
	}
}

// exitStatus makes Caddy's main exit with the status.
func exitStatus(cmd *cobra.Command, status int) error {
	return caddycmd.WrapCommandFuncForCobra(func(caddycmd.Flags) (int, error) { return status, nil })(cmd, nil)
}
