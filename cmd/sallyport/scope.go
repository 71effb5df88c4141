package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/pure/govern"
	"sallyport/web/admin"
)

func newScope(s streams) *cobra.Command {
	return group("scope", "List scopes, say who uses them, and propose new ones", `  sallyport scope list --unused
  sallyport scope show billing.read.bill
  sallyport scope propose billing.read.usage --authserver apps --kind customer-read --assign my-account
  sallyport scope review 418`, newScopeList(s), newScopeShow(s), newScopePropose(s), newScopeReview(s), newScopeDeprecate(s))
}

func newScopeList(s streams) *cobra.Command {
	var f stateFlags
	var server, tag string
	var unused bool
	c := &cobra.Command{
		Use: "list", Short: "List the scopes of the live revision, or those that nobody uses", Args: noArgs,
		Long: `List tells of each scope how many applications are assigned it, how many can obtain
it by proof, how many operations it opens, and on which day it was last issued. A
scope is unused if no rule allows it, it is assigned to no application, it opens no
operation, nobody can obtain it, or it was not issued for 90 days; the last is said
once uses have been recorded for as long.`,
		Example: `  sallyport scope list --env production
  sallyport scope list --unused
  sallyport scope list --tag data=pii --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{}
				set(query, "server", server)
				set(query, "tag", strings.TrimPrefix(tag, config.TagPrefix))
				if unused {
					query.Set("unused", "true")
				}
				var answer json.RawMessage
				if err := talk.get(talk.here("/access/scopes"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(list admin.ScopeList) error { return talk.scopes(list, unused) })
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&server, "authserver", "", "only this authorization server")
	c.Flags().StringVar(&tag, "tag", "", "only those with this tag: key or key=value")
	c.Flags().BoolVar(&unused, "unused", false, "only those that are called unused, with the reasons")
	return c
}

// set adds what was given.
func set(query url.Values, key, value string) {
	if value != "" {
		query.Set(key, value)
	}
}

func (s *session) scopes(list admin.ScopeList, why bool) error {
	s.note("%s, revision %d", list.Place, list.Revision)
	var rows [][]string
	for _, server := range list.Servers {
		s.note("%s: %d of %d scopes", server.Name, server.Count, server.Budget)
		if server.Unreviewable != "" {
			s.note("%s: nobody can tell who obtains what: %s", server.Name, server.Unreviewable)
		}
		for _, scope := range server.Scopes {
			row := []string{server.Name, scope.Name, scope.Maturity, strconv.Itoa(len(scope.Assigned)), strconv.Itoa(len(scope.Obtained)), strconv.Itoa(len(scope.Opens) + len(scope.Helps)), dash(scope.LastIssued)}
			if why {
				row = append(row, reasons(scope.Unused))
			} else {
				row = append(row, dash(strings.Join(config.TagList(scope.Tags), " ")))
			}
			rows = append(rows, row)
		}
	}
	last := "TAGS"
	if why {
		last = "WHY"
	}
	err := s.look.table(s.out, []string{"SERVER", "SCOPE", "MATURITY", "ASSIGNED", "OBTAIN", "OPERATIONS", "LAST ISSUED", last}, rows)
	switch {
	case len(rows) == 0 && why:
		s.note("no scope is called unused")
	case len(rows) == 0:
		s.note("no scope is so; without --tag and --authserver all are listed")
	default:
		s.next("sallyport scope show %s --env %s", rows[0][1], list.Place)
	}
	return err
}

func reasons(all []govern.Reason) string {
	texts := make([]string, len(all))
	for i, r := range all {
		texts[i] = string(r)
	}
	return strings.Join(texts, ", ")
}

func newScopeShow(s streams) *cobra.Command {
	var f stateFlags
	var server string
	c := &cobra.Command{
		Use: "show SCOPE", Short: "Say what a scope is, what it opens, and who uses it", Args: takes("SCOPE"),
		Example: `  sallyport scope show billing.read.bill
  sallyport scope show billing.read.bill --authserver apps --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{"scope": {args[0]}}
				set(query, "server", server)
				var answer json.RawMessage
				if err := talk.get(talk.here("/access/scopes"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(list admin.ScopeList) error { return talk.scope(list, args[0]) })
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&server, "authserver", "", "only this authorization server")
	return c
}

func (s *session) scope(list admin.ScopeList, name string) error {
	s.note("%s, revision %d", list.Place, list.Revision)
	found := false
	for _, server := range list.Servers {
		for i := range server.Scopes {
			found = true
			s.oneScope(server, &server.Scopes[i])
		}
	}
	if !found {
		return fmt.Errorf("no authorization server that you may see has the scope %s\n  fix: sallyport scope list", name)
	}
	return nil
}

func (s *session) oneScope(server admin.ScopeServer, g *admin.GovernedScope) {
	fmt.Fprintln(s.out, s.look.paint(bold, g.Name)+" of "+g.Server)
	line := func(what, text string) {
		if text != "" {
			fmt.Fprintf(s.out, "  %-12s %s\n", what, text)
		}
	}
	maturity := g.Maturity
	if g.Until != "" {
		maturity += ", goes on " + g.Until
	}
	line("title", g.Title)
	line("kind", g.Kind)
	line("parent", g.Parent)
	line("maturity", maturity)
	line("tags", strings.Join(config.TagList(g.Tags), ", "))
	line("rules", dash(strings.Join(g.Rules, ", ")))
	line("assigned to", dash(strings.Join(g.Assigned, ", ")))
	if server.Unreviewable == "" {
		line("obtained by", dash(strings.Join(g.Obtained, ", ")))
	} else {
		line("obtained by", "nobody can tell: "+server.Unreviewable)
	}
	line("opens", dash(strings.Join(g.Opens, ", ")))
	line("helps open", strings.Join(g.Helps, ", "))
	line("data", strings.Join(g.Data, ", "))
	line("looks like", strings.Join(g.Near, ", "))
	line("last issued", dash(g.LastIssued))
	for _, application := range slices.Sorted(maps.Keys(g.Issued)) {
		line("", g.Issued[application]+" to "+application)
	}
	line("recorded", dash(server.Since))
	line("unused", reasons(g.Unused))
}
