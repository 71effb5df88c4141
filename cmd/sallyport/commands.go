package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// commands are the commands of the program, in the order in which a newcomer
// meets them; help sorts them by name.
func commands(s streams) []*cobra.Command {
	return append([]*cobra.Command{
		newDemo(s), newInit(s), newValidate(s), newServe(s), newDoctor(s), newLogin(s), newLogout(s), newWhoami(s),
		newEnv(s), newPlan(s), newApply(s), newPull(s), newRevision(s),
		newAccess(s), newToken(s), newApps(s), newSubscriptions(s), newKeys(s), newGateway(s),
		newCustomers(s), newMigrate(s), newAudit(s), newOperator(s),
		newExplain(s), newVersion(s),
	}, testCommands(s)...)
}

// group is a command that only has others below it.
func group(use, short, example string, below ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, Example: example, Args: cobra.ArbitraryArgs, RunE: wander}
	c.AddCommand(below...)
	return c
}

// wander answers a group that was called by itself, or with a name that it does
// not know. A typing mistake is pointed out, never run.
func wander(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	text := fmt.Sprintf("%q is no command of %s", args[0], c.CommandPath())
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		text += "\n  did you mean: " + strings.Join(near, ", ") + "?"
	}
	return usage(c, fmt.Errorf("%s", text))
}

// noArgs, and the two below, are cobra's with the exit code of a usage mistake.
func noArgs(c *cobra.Command, args []string) error {
	if err := cobra.NoArgs(c, args); err != nil {
		return usage(c, fmt.Errorf("%q is one argument too many", args[0]))
	}
	return nil
}

// takes wants exactly these arguments, and says which is missing.
func takes(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage(c, fmt.Errorf("%s is missing", names[len(args)]))
		}
		if len(args) > len(names) {
			return usage(c, fmt.Errorf("%q is one argument too many", args[len(names)]))
		}
		return nil
	}
}

// takesMore wants these arguments, and any number more of the last.
func takesMore(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage(c, fmt.Errorf("%s is missing", names[len(args)]))
		}
		return nil
	}
}
