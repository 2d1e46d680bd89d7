package caddymodule

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitUsage is argparse's exit code for a command line that it does not understand.
const exitUsage = 2

// usageMistakeError is a command line that is wrong, in argparse's words.
type usageMistakeError struct{ text string }

func (e *usageMistakeError) Error() string { return e.text }

func unrecognized(args []string) error {
	return &usageMistakeError{"unrecognized arguments: " + strings.Join(args, " ")}
}

// usageError reports a wrong command line as AWX's commands do: usage and one line on
// standard error, exit code 2.
func usageError(cmd *cobra.Command, err error) error {
	name, _, _ := strings.Cut(cmd.Use, " ")
	fmt.Fprintf(cmd.ErrOrStderr(), "usage: %s\n%s %s: error: %s\n", cmd.UseLine(), cmd.Root().Name(), name, argparse(err))
	return exitStatus(cmd, exitUsage)
}

// argparse translates what pflag says.
func argparse(err error) string {
	var (
		valueMissing *pflag.ValueRequiredError
		unknown      *pflag.NotExistError
		badValue     *pflag.InvalidValueError
	)
	switch {
	case errors.As(err, &valueMissing):
		return fmt.Sprintf("argument %s: expected one argument", optionName(valueMissing.GetFlag()))
	case errors.As(err, &badValue):
		return fmt.Sprintf("argument %s: invalid value: '%s'", optionName(badValue.GetFlag()), badValue.GetValue())
	case errors.As(err, &unknown):
		if letters := unknown.GetSpecifiedShortnames(); letters != "" {
			return "unrecognized arguments: -" + letters
		}
		return "unrecognized arguments: --" + unknown.GetSpecifiedName()
	default:
		return err.Error()
	}
}

func optionName(flag *pflag.Flag) string {
	if flag.Shorthand != "" {
		return "-" + flag.Shorthand + "/--" + flag.Name
	}
	return "--" + flag.Name
}

// addVerbosity adds Django's option.
func addVerbosity(cmd *cobra.Command) {
	cmd.Flags().IntP("verbosity", "v", 1, "how much to tell: 0 nothing, 1 the result; 2 and 3 are as 1")
}

// verbosity reads Django's option.
func (c call) verbosity() (int, error) {
	v := c.Int("verbosity")
	if v < 0 || v > 3 {
		return 0, &usageMistakeError{fmt.Sprintf("argument -v/--verbosity: invalid choice: %d (choose from 0, 1, 2, 3)", v)}
	}
	return v, nil
}

func hyphenated(name string) string { return strings.ReplaceAll(name, "_", "-") }
