package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// addCommands adds the commands of the program under the headings of its help,
// in the order in which a newcomer meets them; below each, help sorts by name.
func addCommands(root *cobra.Command, s streams) {
	for _, g := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Start:", []*cobra.Command{newDemo(s), newInit(s), newValidate(s), newServe(s), newDoctor(s)}},
		{"Configuration:", []*cobra.Command{newEnv(s), newPlan(s), newApply(s), newPull(s), newPromote(s), newChange(s), newRevision(s)}},
		{"Applications and what they may:", []*cobra.Command{newAccess(s), newScope(s), newToken(s), newApps(s), newSubscriptions(s), newKeys(s), newSecret(s), newHooks(s), newGateway(s)}},
		{"People and what happened:", []*cobra.Command{newCustomers(s), newAccounts(s), newClaims(s), newMessages(s), newFunnel(s), newMigrate(s), newAudit(s), newOperator(s), newPasswords(s), newBackup(s)}},
		{"From elsewhere:", []*cobra.Command{newLogin(s), newLogout(s), newWhoami(s)}},
	} {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, c := range g.commands {
			c.GroupID = g.title
			c.SuggestFor = alsoCalled[c.Name()]
		}
		root.AddCommand(g.commands...)
	}
	root.AddCommand(append(testCommands(s), newExplain(s), newVersion(s))...)
}

// alsoCalled are words by which strangers look for a command. They lead to it in
// the hint, and run nothing.
var alsoCalled = map[string][]string{
	"access":    {"matrix", "policy", "policies"},
	"change":    {"approve", "changes", "proposal", "proposals"},
	"apps":      {"application", "applications", "clients"},
	"audit":     {"events", "log", "logs"},
	"backup":    {"dump", "backups", "restore", "export"},
	"customers": {"customer", "user", "users"},
	"demo":      {"tour"},
	"doctor":    {"check", "health", "status"},
	"env":       {"environment", "environments"},
	"funnel":    {"conversion", "funnels", "drop"},
	"hooks":     {"hook", "webhook", "webhooks"},
	"keys":      {"key", "jwks"},
	"login":     {"signin", "sign-in"},
	"logout":    {"signout", "sign-out"},
	"messages":  {"mail", "message", "notify", "outbox", "sms"},
	"migrate":   {"import", "migration", "migrations"},
	"operator":  {"admin", "operators"},
	"plan":      {"diff", "drift"},
	"promote":   {"deploy", "promotion", "release"},
	"revision":  {"history", "revisions", "rollback"},
	"scope":     {"scopes"},
	"secret":    {"secrets", "vault"},
	"serve":     {"run", "server", "start"},
	"token":     {"tokens"},
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

// takesUpTo wants at least the first of these arguments, so many, and at most all.
func takesUpTo(least int, names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > least && len(args) <= len(names) {
			return nil
		}
		return takes(names[:min(len(names), max(least, len(args)))]...)(c, args)
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
