package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/access"
	"sallyport/pure/reach"
	"sallyport/web/admin"
)

func newAccessReach(s streams) *cobra.Command {
	var f stateFlags
	var server, scope, client, grant, rule string
	c := &cobra.Command{
		Use: "reach", Short: "Show what scopes open, what an application reaches, and what a grant would open", Args: noArgs,
		Long: `Reach reads what operations need from the table that the gateway enforces, and proves
who can obtain it. Without a flag it lists every scope with what it opens. With
--grant it answers "if I grant this scope, what else opens": to the application and
to whomever the same rules serve. Unless --rule names one, every allow rule that
decides for the application lists the scope then, which is the most it can mean.`,
		Example: `  sallyport access reach --env production
  sallyport access reach --scope billing.write.payment
  sallyport access reach --client sunshare
  sallyport access reach --client sunshare --grant payments.write.posting --rule energy-partners/read-only`,
		RunE: func(c *cobra.Command, _ []string) error {
			policy, name, named := strings.Cut(rule, "/")
			if rule != "" && !named || grant != "" && client == "" || rule != "" && grant == "" {
				return usage(c, errors.New("--grant needs --client, and --rule needs --grant and is POLICY/RULE"))
			}
			query := url.Values{}
			for key, value := range map[string]string{"server": server, "scope": scope, "application": client, "grant": grant, "policy": policy, "rule": name} {
				if value != "" {
					query.Set(key, value)
				}
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/access/reach"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(r admin.ReachShown) error { return talk.reached(r, scope != "" || client != "") })
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&server, "authserver", "", "only this authorization server")
	c.Flags().StringVar(&scope, "scope", "", "what this scope opens, and who can obtain it")
	c.Flags().StringVar(&client, "client", "", "what this application reaches")
	c.Flags().StringVar(&grant, "grant", "", "what else opens if the application is granted this scope")
	c.Flags().StringVar(&rule, "rule", "", "POLICY/RULE that is to list it (default: each that decides for the application)")
	return c
}

// reached writes an answer; closely says that it is about one scope or application.
func (s *session) reached(r admin.ReachShown, closely bool) error {
	s.note("%s, revision %d", r.Place, r.Revision)
	if r.Granted != nil {
		return s.granted(r.Granted)
	}
	if !closely {
		return s.scopesReach(r.Scopes)
	}
	for _, one := range r.Scopes {
		fmt.Fprintf(s.out, "%s of %s opens %s%s\n", plain(string(one.Name)), one.Server, count(int64(len(one.Opens)), "operation"), dataOf(one.Data))
		s.operationLines(one.Opens)
		if len(one.Helps) > 0 {
			fmt.Fprintf(s.out, "  and together with other scopes\n")
			s.operationLines(one.Helps)
		}
	}
	var rows [][]string
	for _, a := range r.Applications {
		for _, reached := range a.Reaches {
			for _, by := range reached.By {
				rows = append(rows, []string{named(a.Application), reached.Operation.String(), joinScopes(by.Scopes), by.Obtainable.String(), dash(strings.Join(reached.Operation.Data, " ")), dash(strings.Join(reached.Products, " "))})
			}
		}
	}
	return s.look.table(s.out, []string{"APPLICATION", "REACHES", "BY", "OBTAINABLE", "DATA", "PRODUCTS"}, rows)
}

func (s *session) scopesReach(scopes []reach.Scope) error {
	var rows [][]string
	for _, one := range scopes {
		rows = append(rows, []string{
			string(one.Name), one.Server, strconv.Itoa(len(one.Opens)), strconv.Itoa(len(one.Helps)), dash(strings.Join(one.APIs, " ")), dash(strings.Join(one.Data, " ")),
		})
	}
	return s.look.table(s.out, []string{"SCOPE", "SERVER", "OPENS", "HELPS", "APIS", "DATA"}, rows)
}

func (s *session) operationLines(list []*reach.Operation) {
	for _, o := range list {
		fmt.Fprintf(s.out, "  %s%s\n", plain(o.String()), dataOf(o.Data))
	}
}

func dataOf(classes []string) string {
	if len(classes) == 0 {
		return ""
	}
	return ", data " + plain(strings.Join(classes, ", "))
}

func joinScopes(scopes []access.Scope) string { return strings.Join(words(scopes), " ") }

// named is an application, or what stands for any future one.
func named(id access.ApplicationID) string {
	if id == "" {
		return "any future application"
	}
	return string(id)
}

// granted writes what a grant would come to.
func (s *session) granted(g *reach.Granted) error {
	fmt.Fprintf(s.out, "if %s is granted %s of %s", plain(string(g.Application)), plain(string(g.Scope)), g.Server)
	if len(g.Rules) > 0 {
		fmt.Fprintf(s.out, ", and %s lists it", plain(strings.Join(g.Rules, ", ")))
	}
	fmt.Fprintln(s.out, ":")
	for _, gain := range g.Gains {
		fmt.Fprintf(s.out, "  %s can obtain %s and opens %s%s\n", plain(named(gain.Application)), or(joinScopes(gain.Scopes), "nothing new"), count(int64(len(gain.Reaches)), "operation more", "operations more"), dataOf(gain.Data))
		for _, r := range gain.Reaches {
			fmt.Fprintf(s.out, "    %s, by %s%s\n", plain(r.Operation.String()), plain(joinScopes(r.By[0].Scopes)), dataOf(r.Operation.Data))
		}
	}
	return nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func newAccessDiff(s streams) *cobra.Command {
	var f stateFlags
	var tell bool
	c := &cobra.Command{
		Use: "diff FROM [TO]", Short: "Compare two revisions by what they mean, widening first", Args: takesUpTo(1, "FROM", "TO"),
		Long: `Diff compares revision FROM with revision TO, or with the newest one, and says what
leads from one to the other: what widens, what becomes of credentials, what narrows.
FROM 0 is nothing. The exit code is 5 if something cannot be reviewed.`,
		Example: `  sallyport access diff 41 --env production
  sallyport access diff 40 41 --json
  sallyport access diff 40 41 --exit-code   # 3 if anything widens`,
		RunE: func(c *cobra.Command, args []string) error {
			query := url.Values{}
			for i, key := range []string{"from", "to"}[:len(args)] {
				number, err := strconv.ParseInt(args[i], 10, 64)
				if err != nil || number < 0 {
					return usage(c, fmt.Errorf("%q is no number of a revision; sallyport revision list has them", args[i]))
				}
				query.Set(key, args[i])
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.difference(query, tell) })
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&tell, "exit-code", false, "exit 3 if anything widens")
	return c
}

func (s *session) difference(query url.Values, tell bool) error {
	var answer json.RawMessage
	if err := s.get(s.here("/access/diff"), query, &answer); err != nil {
		return err
	}
	var compared admin.Compared
	if err := json.Unmarshal(answer, &compared); err != nil {
		return err
	}
	err := show(s, answer, func(d admin.Compared) error {
		s.note("%s, from revision %d to %d", d.Place, d.From, d.To)
		return s.compared(d)
	})
	switch {
	case err != nil:
		return err
	case !compared.Review.Passed():
		return &exitError{exitRefused, errors.New("something cannot be reviewed")}
	case tell && compared.Review.Widens():
		return errDiffers
	}
	return nil
}

// compared writes what a difference means, and what was written.
func (s *session) compared(d admin.Compared) error {
	if err := s.printReview(d.Review); err != nil {
		return err
	}
	if !d.Review.Passed() {
		s.printGates(d.Review.Gates)
	}
	return s.printChanges(d.Changes)
}
