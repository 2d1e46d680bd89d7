package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
	"github.com/awxgate/awxgate/tokencore/store/storecopy"
)

var copyCommand = tokenCommand{
	name:  "copy",
	usage: "--from STORE --to STORE",
	short: "Copies everything from one store into another, empty one",
	long: `
Copies users, organizations, roles, applications, tokens, codes, sessions, settings and the
activity stream with their ids, digests and times, so that every token works on with the
other store. Then it compares both, row by row.

STORE is sqlite:FILE, postgres://USER@HOST/DATABASE, or env:NAME for an environment
variable with one of these in it: so no password is among the arguments. The target
is set up as needed, and refused if there is anything in it, unless an interrupted copy
from the same source left it there: that is continued.

Stop the gateways on both first: what changes during the copy is missed, and reported.
`,
	flags: func(cmd *cobra.Command) {
		cmd.Flags().String("from", "", "the `STORE` to read")
		cmd.Flags().String("to", "", "the `STORE` to fill")
	},
	run: copyStore,
}

const (
	quietFor      = 2 * time.Second // no progress is shown before
	progressEvery = time.Second
)

func copyStore(ctx context.Context, c call) error {
	from, err := openAddress(ctx, "--from", c.String("from"), false)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := openAddress(ctx, "--to", c.String("to"), true)
	if err != nil {
		return err
	}
	defer to.Close()
	counts, err := storecopy.Copy(ctx, from, to, showProgress(c.err))
	switch {
	case errors.Is(err, storecopy.ErrOccupied):
		return &commandError{"The target is not empty. Name an empty database, or a file that does not exist."}
	case errors.Is(err, storecopy.ErrSame):
		return &commandError{"The source and the target are the same store."}
	case errors.Is(err, storecopy.ErrDiffers):
		return &commandError{fmt.Sprintf("%v: something changed meanwhile. Stop the gateways, empty the target and copy again.", err)}
	case err != nil:
		return err
	}
	for _, kind := range storecopy.Kinds() {
		fmt.Fprintf(c.out, "%8d %s\n", counts[kind], kind)
	}
	fmt.Fprintln(c.out, "Everything was copied and compared.")
	return nil
}

// showProgress prints a line each second once it takes long.
func showProgress(out io.Writer) func(storecopy.Kind, int, bool) {
	next := time.Now().Add(quietFor)
	return func(kind storecopy.Kind, rows int, comparing bool) {
		if time.Now().Before(next) {
			return
		}
		next = time.Now().Add(progressEvery)
		doing := "copied"
		if comparing {
			doing = "compared"
		}
		fmt.Fprintf(out, "%s %d %s\n", doing, rows, kind)
	}
}

// openAddress opens what an argument names. Its errors do not repeat the address.
func openAddress(ctx context.Context, option, address string, create bool) (storecopy.Source, error) {
	if address == "" {
		return nil, &usageMistakeError{"the following arguments are required: " + option}
	}
	name, fromVariable := strings.CutPrefix(address, "env:")
	if fromVariable {
		if address = os.Getenv(name); address == "" {
			return nil, &commandError{fmt.Sprintf("%s: the variable %s is not set.", option, name)}
		}
	}
	path, isFile := strings.CutPrefix(address, "sqlite:")
	switch {
	case isFile:
		store, err := sqlite.Open(ctx, path, sqlite.Options{Migrate: create})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", option, err)
		}
		return store, nil
	case !fromVariable && showsPassword(address):
		return nil, &commandError{option + ": everybody can see the arguments of a command: put the address with the password into a variable and name it by env:NAME."}
	case isDatabaseURL(address) || fromVariable && strings.Contains(address, "="):
		store, err := postgres.Open(ctx, address, postgres.Options{Migrate: create})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", option, err)
		}
		return store, nil
	default:
		return nil, &commandError{option + ": write sqlite:FILE, postgres://USER@HOST/DATABASE or env:NAME."}
	}
}
