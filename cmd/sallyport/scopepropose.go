package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

func newScopePropose(s streams) *cobra.Command {
	var f stateFlags
	var p promoting
	var a config.Admission
	c := &cobra.Command{
		Use: "propose NAME", Short: "Propose a new scope, and show what a board must see of it", Args: takes("NAME"),
		Long: `Propose takes the newest tree of the environment, writes the scope into it (its
declaration, and whatever else is asked for, with comments kept) and proposes that as
a change. What a board must see comes first: what the scope opens, who gains it, what
its name will be taken for, how long tokens become, and what is missing.

An operation of --operations is opened by the scope alone, beside what opens it
already; its description has to be in YAML.`,
		Example: `  sallyport scope propose billing.read.usage --authserver apps --kind customer-read --title "See your usage" --assign my-account --policy own --rule pay -m "usage page"
  sallyport scope propose billing.read.usage --authserver apps --kind customer-read --operations billing/usage --dry-run`,
		RunE: func(c *cobra.Command, args []string) error {
			a.Scope.Name = args[0]
			if a.Server == "" || a.Scope.Kind == "" {
				return usage(c, errScope)
			}
			a.Scope.Title, p.title = p.title, "new scope "+args[0]
			return f.within(c.Context(), s, "", func(talk *session) error {
				return talk.proposeEdit(p, func(t *config.Tree) (*config.Tree, []config.Problem) { return config.Admit(t, a) })
			})
		},
	}
	f.bindEnv(c)
	admissionFlags(c, &a)
	proposalFlags(c, &p)
	c.Flags().Lookup("title").Usage = "of the scope: customers are asked for their consent with it"
	return c
}

func admissionFlags(c *cobra.Command, a *config.Admission) {
	c.Flags().StringVar(&a.Server, "authserver", "", "authorization server that is to have it")
	c.Flags().StringVar(&a.Scope.Kind, "kind", "", "customer-read, customer-write, system-read or system-write")
	c.Flags().StringVar(&a.Scope.Parent, "parent", "", "scope that opens what this one opens, and more")
	c.Flags().StringVar(&a.Scope.Consent, "consent", "", "required: customers are asked for it, whatever the application")
	c.Flags().StringVar(&a.Scope.Maturity, "maturity", "", "preview, stable or deprecated (default stable)")
	c.Flags().StringToStringVar(&a.Scope.Tags, "tags", nil, "tags, such as owner=billing")
	c.Flags().StringSliceVar(&a.Applications, "assign", nil, "applications that are assigned it")
	c.Flags().StringVar(&a.Policy, "policy", "", "policy whose rules list it")
	c.Flags().StringSliceVar(&a.Rules, "rule", nil, "rules of the policy that list it (default: its only rule that allows)")
	c.Flags().StringSliceVar(&a.Groups, "entitle", nil, "groups that are entitled to it, where the server has such a table")
	c.Flags().StringSliceVar(&a.Operations, "operations", nil, "operations that it opens, as api/operationId")
}

func newScopeDeprecate(s streams) *cobra.Command {
	var f stateFlags
	var p promoting
	var r config.Retirement
	var until string
	c := &cobra.Command{
		Use: "deprecate NAME", Short: "Propose the end of a scope, and show who has it", Args: takes("NAME"),
		Long: `Deprecate proposes a change that marks a scope as deprecated. It changes what nobody
can obtain; it shows whom its end will concern: applications that are assigned it or
obtain it, and how many customers' consents name it.`,
		Example: `  sallyport scope deprecate billing.read.bill --until 2027-03-31 --instead billing.read.usage -m "one page for both"`,
		RunE: func(c *cobra.Command, args []string) error {
			r.Scope = args[0]
			if until != "" {
				day, err := time.Parse(time.DateOnly, until)
				if err != nil {
					return usage(c, errUntil)
				}
				r.Until = day
			}
			if p.title == "" {
				p.title = "deprecate scope " + args[0]
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				return talk.proposeEdit(p, func(t *config.Tree) (*config.Tree, []config.Problem) { return config.Retire(t, r) })
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&r.Server, "authserver", "", "authorization server that has it (default: the only one)")
	c.Flags().StringVar(&until, "until", "", "day on which it goes, as 2027-03-31")
	c.Flags().StringVar(&r.Instead, "instead", "", "scope that takes its place")
	proposalFlags(c, &p)
	return c
}

var errScope = errors.New("a scope needs --authserver and --kind")

var errUntil = errors.New("--until is a day, such as 2027-03-31")

// proposeEdit proposes the newest tree of the environment with an edit.
func (s *session) proposeEdit(p promoting, edit func(*config.Tree) (*config.Tree, []config.Problem)) error {
	var newest admin.RevisionFiles
	if err := s.get(s.here("/revisions/0"), nil, &newest); err != nil {
		return err
	}
	tree, err := parseTree(newest.Files)
	if err != nil {
		return err
	}
	edited, problems := edit(tree)
	if edited == nil {
		return errors.New(strings.TrimRight(config.Render(problems, tree.Files()), "\n"))
	}
	return s.propose(edited, fmt.Sprintf("%s revision %d, edited", newest.Place, newest.Number), newest.Number, p)
}

func newScopeReview(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "review NUMBER", Short: "Show what a board must see of a change: scopes, and nothing else", Args: takes("NUMBER"),
		Example: `  sallyport scope review 418 --env production
  sallyport scope review 418 --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.withChange(c, s, args[0], func(talk *session, number int64) error {
				answer, shown, err := talk.change(number)
				if err != nil {
					return err
				}
				if talk.flags.json {
					return show(talk, answer, talk.printChange)
				}
				talk.printChangeHead(shown)
				talk.printBoard(shown.Board)
				if shown.Board == nil {
					talk.note("it concerns no scope")
				}
				talk.next("sallyport change show %d --env %s", number, talk.place)
				return nil
			})
		},
	}
	f.bindEnv(c)
	return c
}
